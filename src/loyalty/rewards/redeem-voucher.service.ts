import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import { decisionLot } from '../redeeming/bonus-rule.ts';
import { checkOccurredAt, checkReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import type { Member, OpenDesk } from '../redeeming/open-desk.service.ts';
import type { GivenMember, NamedParty } from '../redeeming/parties.service.ts';
import { idempotencyConflict, refused } from '../redeeming/refusals.ts';
import type { ReversalService } from '../redeeming/reversal.service.ts';
import { partyOfOwner } from './voucher.service.ts';
import { checkUsable, normaliseCode, type Voucher } from './voucher.ts';
import {
  countUse,
  findVoucherByCode,
  findVouchers,
  findVoucherUse,
  insertVoucherUse,
  lockVoucher,
  reverseUse,
  type VoucherUse,
} from './vouchers.queries.ts';

export interface RedeemVoucher {
  readonly code: string;
  /** Who shows it. Needed for a voucher that is somebody's, or worth points. */
  readonly member?: GivenMember | null;
  /** What it is used for, such as the number of a receipt. */
  readonly reference?: string | null;
  readonly occurredAt?: Date | null;
  readonly idempotencyKey?: string | null;
}

export interface RedeemedVoucher {
  readonly voucher: Voucher;
  readonly use: VoucherUse;
}

/** Of uses of vouchers. */
export const usePrefix = 'vus';

/** Takes vouchers at a till. */
export class VoucherDesk {
  readonly #desk: DecisionDesk;
  readonly #reversal: Pick<ReversalService, 'reverseDecision'>;

  constructor(desk: DecisionDesk, reversal: Pick<ReversalService, 'reverseDecision'>) {
    this.#desk = desk;
    this.#reversal = reversal;
  }

  /** Uses it once, however often it is asked under the same key. Throws why it can't be used. */
  async redeemVoucher(ctx: Context, input: RedeemVoucher): Promise<RedeemedVoucher> {
    requireScope(ctx, 'loyalty:operate');
    const at = checkOccurredAt(input.occurredAt, ctx.clock.now());
    const code = normaliseCode(input.code, 'input.code');
    const reference = checkReference(input.reference);
    const id = this.#idOf(ctx, input.idempotencyKey);
    const said = { code, member: input.member ?? null, reference };
    const fingerprint = fingerprintUuid(canonicalJson(said));
    const repeat = (db: Database) => (input.idempotencyKey == null ? undefined : findRepeat(db, { id, fingerprint }));
    const before = await repeat(ctx.pool);
    if (before) return before;
    const found = await findVoucherByCode(ctx.pool, code);
    if (!found) throw new DomainError('NOT_FOUND', `There is no voucher ${code}.`, { field: 'input.code' });
    const parties = [...this.#partyOfShower(found, input), ...partyOfOwner(found)];
    return this.#desk.open(ctx, { programId: found.programId, parties }, async (desk) => {
      const voucher = (await lockVoucher(desk.tx, found.id))!;
      // Under the lock: a repeat that came at the same time has waited for the first.
      const first = await repeat(desk.tx);
      if (first) return first;
      return use(desk, voucher, { id, at: at ?? desk.now, reference, fingerprint });
    });
  }

  /** It counts as never used. Points that it gave are taken back. Reversing it again changes nothing. */
  async reverseVoucherUse(ctx: Context, input: { useId: string; reason: string }): Promise<RedeemedVoucher> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkReason(input.reason);
    const { useId: id } = input;
    const found = await findVoucherUse(ctx.pool, id);
    if (!found) throw notFound('use of a voucher', toPublicId(usePrefix, id));
    const [voucher] = await findVouchers(ctx.pool, [found.voucherId]);
    if ('points' in voucher!.worth) await this.#reversal.reverseDecision(ctx, { decisionId: id, reason });
    else await reverse(ctx, found, reason);
    return getUse(ctx.pool, found);
  }

  #partyOfShower({ worth }: Voucher, { member }: RedeemVoucher): NamedParty[] {
    const givesPoints = 'points' in worth;
    if (member != null) return [{ ...this.#desk.readMember(member), anybody: !givesPoints }];
    if (!givesPoints) return [];
    throw badInput('Whose points are they? This voucher needs a member.', 'input.member');
  }

  /** Of this API key's: two tills that count from 1 don't meet. */
  #idOf(ctx: Context, key: string | null | undefined): string {
    checkIdempotencyKey(key);
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#desk.settings.idSecret, 'voucher use', ctx.viewer.keyId, key);
  }
}

interface Use {
  readonly id: string;
  readonly at: Date;
  readonly reference: string | null;
  readonly fingerprint: string;
}

async function use(
  desk: OpenDesk,
  voucher: Voucher,
  { id, at, reference, fingerprint }: Use,
): Promise<RedeemedVoucher> {
  const shower = desk.members.find(({ field }) => field === 'input.member');
  checkOwner(desk, voucher, shower);
  checkUsable(voucher, at);
  const { tx, ctx } = desk;
  const detail = reference === null ? null : { reference };
  const recordId = shower?.recordId ?? null;
  const made = { voucherId: voucher.id, id, at, recordedAt: desk.now, status: 'USED', recordId, detail } as const;
  await insertVoucherUse(tx, { ...made, actor: ctx.viewer.name, fingerprint });
  await countUse(tx, voucher.id, 1);
  if ('points' in voucher.worth) await givePoints(desk, { voucher, member: shower!, use: { id, fingerprint } });
  else if (shower) desk.tell(shower.customerId, 'VOUCHER');
  const subject = toPublicId('vch', voucher.id);
  await audit(tx, ctx, { action: 'loyalty.voucher_redeemed', subject, detail: { use: toPublicId(usePrefix, id) } });
  return getUse(tx, { voucherId: voucher.id, id });
}

/** Whoever its owner is by now: a voucher stays usable when its owner's records are merged. */
function checkOwner(desk: OpenDesk, voucher: Voucher, shower: Member | undefined): void {
  if (voucher.recordId === null) return;
  const owner = desk.members.find(({ field }) => field === 'voucher');
  if (shower && shower.customerId === owner?.customerId) return;
  const who = shower ? "another member's" : 'somebody’s: say who shows it';
  throw refused('VOUCHER_OF_ANOTHER_MEMBER', `The voucher ${voucher.code} is ${who}.`, { field: 'input.member' });
}

async function givePoints(
  desk: OpenDesk,
  {
    voucher,
    member,
    use: { id, fingerprint },
  }: { voucher: Voucher; member: Member; use: Pick<Use, 'id' | 'fingerprint'> },
): Promise<void> {
  if (!('points' in voucher.worth)) return;
  const at = desk.now;
  const { version } = desk.termsAt(at);
  const { key: wallet } = desk.walletAt(at, voucher.worth.points.wallet);
  const points = BigInt(voucher.worth.points.points);
  const { recordId } = member;
  const times = { earnedAt: at, availableAt: at, expiresAt: null };
  const lot = decisionLot({ recordId, programId: desk.program.id, wallet, decisionId: id, points, version, ...times });
  const head = { id, kind: 'VOUCHER', at, reason: null, fingerprint } as const;
  await desk.enter(head, { recordId, points, wallet, subjectId: voucher.id, lots: [lot] });
}

async function reverse(ctx: Context, { voucherId, id }: VoucherUse, reason: string): Promise<void> {
  await ctx.pool.begin(async (tx) => {
    await lockVoucher(tx, voucherId);
    if (!(await reverseUse(tx, { voucherId, id }))) return;
    await countUse(tx, voucherId, -1);
    const subject = toPublicId('vch', voucherId);
    const detail = { use: toPublicId(usePrefix, id) };
    await audit(tx, ctx, { action: 'loyalty.voucher_use_reversed', subject, reason, detail });
  });
  ctx.loaders.clear();
}

async function findRepeat(
  db: Database,
  { id, fingerprint }: { id: string; fingerprint: string },
): Promise<RedeemedVoucher | undefined> {
  const first = await findVoucherUse(db, id);
  if (!first) return undefined;
  if (first.fingerprint !== fingerprint) throw idempotencyConflict();
  return getUse(db, first);
}

async function getUse(db: Database, { voucherId, id }: Pick<VoucherUse, 'voucherId' | 'id'>): Promise<RedeemedVoucher> {
  const [[voucher], found] = await Promise.all([findVouchers(db, [voucherId]), findVoucherUse(db, id)]);
  return { voucher: voucher!, use: found! };
}

function checkReference(reference: string | null | undefined): string | null {
  const tidy = reference?.trim() || null;
  if (tidy === null || tidy.length <= 200) return tidy;
  throw badInput(`At most 200 characters, got ${tidy.length}.`, 'input.reference');
}
