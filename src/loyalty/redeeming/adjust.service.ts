import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { decisionLot } from './bonus-rule.ts';
import { checkPoints, checkReason, type DecisionDesk } from './decide.service.ts';
import type { Decision } from './decision.ts';
import type { DecisionHead, OpenDesk, Outcome } from './open-desk.service.ts';
import { type TillRequest, tillRequest } from './redeem.service.ts';

/** What a service desk may give or take at once; for more, `loyalty:manage` is needed. */
export const mostOperated = 10_000n;

export interface GivePoints extends Omit<TillRequest, 'occurredAt'> {
  readonly wallet?: string | null;
  /** Of an adjustment: negative to take away. */
  readonly points: bigint;
  /** When what is given expires; never, if left out. */
  readonly expiresAt?: Date | null;
  readonly reason: string;
}

/** Points that somebody gives or takes away by hand, and says why. */
export class AdjustmentService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /** Throws `INSUFFICIENT_POINTS` where more is to be taken away than there is. */
  async adjustPoints(ctx: Context, input: GivePoints): Promise<Decision> {
    requireScope(ctx, scopeFor(input.points));
    if (input.points === 0n) throw badInput('Expected a number other than 0.', 'input.points');
    return this.#give(ctx, 'ADJUSTMENT', input);
  }

  async grantBonus(ctx: Context, input: GivePoints): Promise<Decision> {
    requireScope(ctx, scopeFor(input.points));
    checkPoints(input.points);
    return this.#give(ctx, 'BONUS', input);
  }

  async #give(ctx: Context, kind: 'ADJUSTMENT' | 'BONUS', input: GivePoints): Promise<Decision> {
    checkReason(input.reason);
    checkExpiry(input, ctx.clock.now());
    const request = await tillRequest(ctx, this.#desk, { kind, input });
    return this.#desk.decide(ctx, { ...request, pooled: false }, (desk, head) =>
      input.points > 0n ? give(desk, head, input) : takeAway(desk, head, input),
    );
  }
}

function scopeFor(points: bigint): 'loyalty:operate' | 'loyalty:manage' {
  return points > mostOperated || points < -mostOperated ? 'loyalty:manage' : 'loyalty:operate';
}

async function give(desk: OpenDesk, { id: decisionId, at }: DecisionHead, input: GivePoints): Promise<Outcome> {
  const [member] = desk.members;
  const { recordId } = member!;
  const { version } = desk.termsAt(at);
  const { key: wallet } = desk.walletAt(at, input.wallet);
  const { points, expiresAt = null } = input;
  const times = { earnedAt: at, availableAt: at, expiresAt };
  const lot = decisionLot({ recordId, programId: desk.program.id, wallet, decisionId, points, version, ...times });
  return { recordId, points, wallet, lots: [lot] };
}

async function takeAway(desk: OpenDesk, head: DecisionHead, input: GivePoints): Promise<Outcome> {
  const { recordId, customerId } = desk.members[0]!;
  const { key: wallet } = desk.walletAt(head.at, input.wallet);
  const takings = await desk.take(head, { wallet, points: -input.points, customerIds: [customerId] });
  return { recordId, points: input.points, wallet, takings, bucket: 'ADJUSTED' };
}

function checkExpiry({ expiresAt, points }: GivePoints, now: Date): void {
  if (expiresAt == null) return;
  if (points < 0n) throw badInput('What is taken away does not expire.', 'input.expiresAt');
  if (expiresAt <= now) throw badInput(`${expiresAt.toISOString()} is over already.`, 'input.expiresAt');
}
