import { audit } from '../../access/audit.service.ts';
import { customerCut, refuseOthers } from '../../access/boundary.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import { checkOptionalReason, checkReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import { findOwnersOfRecords, findRecordsOf } from '../redeeming/parties.queries.ts';
import type { GivenMember, NamedParty } from '../redeeming/parties.service.ts';
import { idempotencyConflict } from '../redeeming/refusals.ts';
import { checkPeriod, checkUses, checkWorth, type GivenWorth, normaliseCode, type Voucher } from './voucher.ts';
import { issueVouchers, type NewVoucher } from './voucher-issue.service.ts';
import { cancelVoucher, findVoucherByCode, findVouchers, listVouchers, lockVoucher } from './vouchers.queries.ts';

interface GivenVoucher {
  readonly programId?: string | null;
  readonly worth: GivenWorth;
  /** How often each can be used; once, if left out. */
  readonly uses?: number | null;
  readonly validFrom?: Date | null;
  readonly validTo?: Date | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface IssueVoucher extends GivenVoucher {
  /** Whose it is; left out: whoever shows it. */
  readonly member?: GivenMember | null;
  /** Left out: made up. */
  readonly code?: string | null;
}

export interface CreateVoucherPool extends GivenVoucher {
  readonly pool: string;
  /** How many to make up; or the codes themselves. */
  readonly count?: number | null;
  readonly codes?: readonly string[] | null;
}

export interface VoucherPool {
  readonly programId: string;
  readonly pool: string;
  readonly vouchers: readonly Voucher[];
}

const mostCodes = 10_000;

/** Issues vouchers and takes them out of use. */
export class VoucherService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  async issue(ctx: Context, input: IssueVoucher): Promise<Voucher> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkOptionalReason(input.reason);
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const code = input.code == null ? null : normaliseCode(input.code, 'input.code');
    const id = this.#idOf(ctx, 'voucher', input.idempotencyKey);
    const common = this.#readCommon(ctx, programId, input);
    const parties = input.member == null ? [] : [this.#desk.readMember(input.member)];
    const voucher = await this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const wanted = { ...common, id, code, pool: null, recordId: desk.members[0]?.recordId ?? null };
      const [first] = await findVouchers(desk.tx, [id]);
      if (first) return checkRepeat([first], [wanted])[0]!;
      await issueVouchers(desk.tx, desk.settings.idSecret, [wanted]);
      await log(desk.tx, ctx, { action: 'loyalty.voucher_issued', id, reason });
      return (await findVouchers(desk.tx, [id]))[0]!;
    });
    return voucher;
  }

  /** Up to 10,000 codes at once, made up or given. The same key gives the same codes. */
  async createPool(ctx: Context, input: CreateVoucherPool): Promise<VoucherPool> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkOptionalReason(input.reason);
    const pool = checkPoolName(input.pool);
    const codes = readCodes(input);
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const poolId = this.#idOf(ctx, 'voucher pool', input.idempotencyKey);
    const idAt = (index: number) => deriveUuid(this.#desk.settings.idSecret, 'voucher', poolId, String(index));
    const common = this.#readCommon(ctx, programId, input);
    const wanted = codes.map((code, index) => ({ ...common, id: idAt(index), code, pool, recordId: null }));
    const ids = wanted.map(({ id }) => id);
    const vouchers = await this.#desk.open(ctx, { programId, parties: [] }, async (desk) => {
      const first = await findVouchers(desk.tx, [...ids, idAt(codes.length)]);
      if (first.length > 0) return checkRepeat(first, wanted);
      await issueVouchers(desk.tx, desk.settings.idSecret, wanted);
      await log(desk.tx, ctx, { action: 'loyalty.voucher_pool_created', id: ids[0]!, reason, count: ids.length });
      return findVouchers(desk.tx, ids);
    });
    const byId = new Map(vouchers.map((voucher) => [voucher.id, voucher]));
    return { programId, pool, vouchers: ids.map((id) => byId.get(id)!) };
  }

  /** Nobody can use it any more; what it was used for stays. Cancelling it again changes nothing. */
  async cancel(ctx: Context, input: { voucherId: string; reason: string }): Promise<Voucher> {
    requireScope(ctx, 'loyalty:manage');
    const reason = checkReason(input.reason);
    const { voucherId: id } = input;
    await ctx.pool.begin(async (tx) => {
      const voucher = await lockVoucher(tx, id);
      if (!voucher) throw notFound('voucher', toPublicId('vch', id));
      if (voucher.status === 'CANCELLED') return;
      await cancelVoucher(tx, id);
      await log(tx, ctx, { action: 'loyalty.voucher_cancelled', id, reason });
    });
    ctx.loaders.clear();
    return (await findVouchers(ctx.pool, [id]))[0]!;
  }

  /** Of a pool, or of a customer. */
  async list(
    ctx: Context,
    input: { programId?: string | null; pool?: string | null; customerId?: string | null } & Pick<
      PageArguments,
      'first' | 'after'
    >,
  ): Promise<Page<Voucher>> {
    requireScope(ctx, 'loyalty:read');
    const { pool = null, customerId = null } = input;
    if ((pool === null) === (customerId === null)) throw badInput('Give `pool` or `customerId`, exactly one of them.');
    if (customerId === null) refuseOthers(ctx, 'A pool of vouchers', 'pool');
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const page = readPageArguments('loyaltyVouchers', input);
    const recordIds = customerId === null ? null : await recordsOf(ctx, customerId);
    const rows = await listVouchers(ctx.pool, { programId, pool, recordIds, page });
    return toPage(page, rows, { position: ({ createdAt, id }) => ({ at: createdAt, id }), node: (row) => row });
  }

  #readCommon(ctx: Context, programId: string, input: GivenVoucher) {
    return {
      programId,
      worth: checkWorth(input.worth, 'input.worth'),
      usesAllowed: checkUses(input.uses, 'input.uses'),
      ...checkPeriod(input, 'input'),
      decisionId: null,
      createdAt: ctx.clock.now(),
    };
  }

  #idOf(ctx: Context, what: string, key: string | null | undefined): string {
    checkIdempotencyKey(key);
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#desk.settings.idSecret, `loyalty ${what}`, ctx.viewer.keyId, key);
  }
}

/** By id or by code, exactly one of them. */
export async function findVoucher(
  ctx: Context,
  { id, code }: { id?: string | null; code?: string | null },
): Promise<Voucher | null> {
  if ((id == null) === (code == null)) throw badInput('Give `id` or `code`, exactly one of them.');
  requireScope(ctx, 'loyalty:read');
  if (code != null) return (await findVoucherByCode(ctx.pool, normaliseCode(code, 'code'))) ?? null;
  const [voucher] = await findVouchers(ctx.pool, [id!]);
  return voucher ?? null;
}

export function partyOfOwner({ recordId }: Voucher): NamedParty[] {
  if (recordId === null) return [];
  return [{ field: 'voucher', by: 'RECORD', id: recordId, anybody: true, optional: true }];
}

async function recordsOf(ctx: Context, customerId: string): Promise<string[]> {
  const [owner] = await findOwnersOfRecords(ctx.pool, [customerId], customerCut(ctx));
  if (!owner) throw notFound('customer', toPublicId('cus', customerId));
  return (await findRecordsOf(ctx.pool, [owner.customerId])).map(({ recordId }) => recordId);
}

/** The same vouchers as the first time, or another request. */
function checkRepeat(first: readonly Voucher[], wanted: readonly NewVoucher[]): Voucher[] {
  const byId = new Map(first.map((voucher) => [voucher.id, voucher]));
  const said = ({ programId, pool, recordId, worth, usesAllowed, validFrom, validTo }: NewVoucher | Voucher) =>
    canonicalJson([programId, pool, recordId, worth, usesAllowed, validFrom, validTo]);
  const isSame =
    first.length === wanted.length &&
    wanted.every((voucher) => {
      const other = byId.get(voucher.id);
      return other && said(other) === said(voucher) && (voucher.code === null || voucher.code === other.code);
    });
  if (isSame) return [...first];
  throw idempotencyConflict();
}

function readCodes({ count, codes }: CreateVoucherPool): (string | null)[] {
  if ((count == null) === (codes == null)) throw badInput('Give `count` or `codes`, exactly one of them.', 'input');
  const asked = codes?.length ?? count!;
  if (!Number.isInteger(asked) || asked < 1 || asked > mostCodes) {
    throw badInput(`Expected 1 to ${mostCodes} codes, got ${asked}.`, codes == null ? 'input.count' : 'input.codes');
  }
  if (codes == null) return Array.from({ length: asked }, () => null);
  const read = codes.map((code, index) => normaliseCode(code, `input.codes[${index}]`));
  const seen = new Set<string>();
  const twice = read.find((code) => seen.size === seen.add(code).size);
  if (twice !== undefined) throw badInput(`The code ${twice} is there twice.`, 'input.codes');
  return read;
}

function checkPoolName(name: string): string {
  const tidy = name.trim();
  if (tidy.length >= 1 && tidy.length <= 200) return tidy;
  throw new DomainError('BAD_USER_INPUT', `Expected a name of 1 to 200 characters, got ${tidy.length}.`, {
    field: 'input.pool',
  });
}

async function log(
  tx: Tx,
  ctx: Context,
  { action, id, reason, count }: { action: string; id: string; reason: string | null; count?: number },
): Promise<void> {
  const detail = count === undefined ? null : { count };
  await audit(tx, ctx, { action, subject: toPublicId('vch', id), reason, detail });
}
