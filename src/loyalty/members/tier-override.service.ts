import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { checkReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import type { Member, OpenDesk } from '../redeeming/open-desk.service.ts';
import type { GivenMember } from '../redeeming/parties.service.ts';
import { termsAt } from '../terms.ts';
import { findOverridesAt, insertOverride, revokeOverrides, type TierOverride } from './tier-override.queries.ts';

export interface SetTier {
  readonly programId?: string | null;
  readonly member: GivenMember;
  readonly tier: string;
  /** Then what was earned counts again. */
  readonly until: Date;
  readonly reason: string;
}

export interface RevokeTier {
  readonly programId?: string | null;
  readonly member: GivenMember;
  readonly reason: string;
}

export interface GivenTier {
  readonly programId: string;
  readonly customerId: string;
  readonly membershipId: string | null;
  /** Null: none is given any more. */
  readonly override: TierOverride | null;
}

/** Five years. */
const longest = 5 * 366 * 86_400_000;

/** Tiers that people give, for a time and for a reason. They end to the second, and leave no floor. */
export class TierOverrideService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /** Takes the place of a tier that was given before. */
  async setTier(ctx: Context, input: SetTier): Promise<GivenTier> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkReason(input.reason);
    return this.#change(ctx, input, async (desk, member) => {
      checkTier(desk, input.tier);
      checkUntil(input.until, desk.now);
      await end(desk, member);
      const override: TierOverride = {
        recordId: member.recordId,
        programId: desk.program.id,
        id: desk.ctx.ids.uuid(),
        tier: input.tier,
        validFrom: desk.now,
        validTo: input.until,
        actor: ctx.viewer.name,
        reason,
        revokedAt: null,
      };
      await insertOverride(desk.tx, override);
      await log(desk, { action: 'loyalty.tier_set', member, reason, tier: input.tier });
      return override;
    });
  }

  /** What was earned counts again at once. Revoking what is not there changes nothing. */
  async revokeTier(ctx: Context, input: RevokeTier): Promise<GivenTier> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkReason(input.reason);
    return this.#change(ctx, input, async (desk, member) => {
      const ended = await end(desk, member);
      if (ended.length > 0) await log(desk, { action: 'loyalty.tier_revoked', member, reason, tier: ended[0]!.tier });
      return null;
    });
  }

  async #change(
    ctx: Context,
    input: { programId?: string | null; member: GivenMember },
    work: (desk: OpenDesk, member: Member) => Promise<TierOverride | null>,
  ): Promise<GivenTier> {
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const parties = [this.#desk.readMember(input.member)];
    return this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const member = desk.members[0]!;
      const override = await work(desk, member);
      await desk.recount([member.customerId], 'OVERRIDE');
      return { programId, customerId: member.customerId, membershipId: member.membershipId, override };
    });
  }
}

/** Of all records: after a merge there may be several. */
async function end(desk: OpenDesk, { customerId }: Member): Promise<TierOverride[]> {
  const held = await findOverridesAt(desk.tx, { programId: desk.program.id, customerId, at: desk.now });
  if (held.length > 0) await revokeOverrides(desk.tx, held, desk.now);
  return held;
}

function checkTier({ program, now }: OpenDesk, tier: string): void {
  const keys = termsAt(program, now)?.definition.tierScheme?.tiers.map(({ key }) => key) ?? [];
  if (keys.includes(tier)) return;
  throw badInput(
    `Expected one of the programme's tiers (${keys.join(', ') || 'it has none'}), got ${tier}.`,
    'input.tier',
  );
}

function checkUntil(until: Date, now: Date): void {
  if (until > now && until.getTime() - now.getTime() <= longest) return;
  throw badInput(`Expected an instant within the next five years, got ${until.toISOString()}.`, 'input.until');
}

async function log(
  desk: OpenDesk,
  { action, member, reason, tier }: { action: string; member: Member; reason: string; tier: string },
): Promise<void> {
  const subject = toPublicId('cus', member.customerId);
  const detail = { program: toPublicId('prg', desk.program.id), tier };
  await audit(desk.tx, desk.ctx, { action, subject, reason, detail });
}
