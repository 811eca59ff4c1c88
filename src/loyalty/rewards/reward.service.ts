import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import { type Page, type PageArguments, readPageArguments, toPage } from '../../kernel/paging.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import type { Program } from '../program.ts';
import { checkOptionalReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import { idempotencyConflict } from '../redeeming/refusals.ts';
import type { Reward, RewardKind, RewardTerms } from './reward.ts';
import { findRewards, insertReward, listRewards, lockReward, saveReward } from './rewards.queries.ts';
import { checkPeriod, checkUses, checkWorth, type GivenWorth, type VoucherTerms } from './voucher.ts';

export interface GivenReward {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly wallet?: string | null;
  readonly points?: bigint | null;
  readonly kind?: RewardKind | null;
  readonly voucher?: { readonly worth: GivenWorth; readonly validDays?: number | null; readonly uses?: number } | null;
  readonly stock?: number | null;
  readonly tiers?: readonly string[] | null;
  readonly perMember?: number | null;
  readonly cost?: { readonly amount: string; readonly currency: string } | null;
  readonly validFrom?: Date | null;
  readonly validTo?: Date | null;
  readonly active?: boolean | null;
  readonly reason?: string | null;
}

export interface CreateReward extends GivenReward {
  readonly programId?: string | null;
  readonly name: string;
  readonly points: bigint;
  readonly idempotencyKey?: string | null;
}

export interface UpdateReward extends GivenReward {
  readonly rewardId: string;
}

const nothing: Omit<RewardTerms, 'name' | 'wallet' | 'points'> = {
  description: null,
  kind: 'PRODUCT',
  voucher: null,
  stock: null,
  tiers: null,
  perMember: null,
  costMinor: null,
  costCurrency: null,
  validFrom: null,
  validTo: null,
  active: true,
};

/** Keeps the catalogue of what points buy. */
export class RewardService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  async create(ctx: Context, input: CreateReward): Promise<Reward> {
    requireScope(ctx, 'loyalty:manage');
    const program = await this.#desk.programOf(ctx, input);
    const { idempotencyKey, ...said } = input;
    const id = this.#idOf(ctx, idempotencyKey);
    const fingerprint = fingerprintUuid(
      canonicalJson({ ...said, points: String(said.points), worth: plainWorth(said) }),
    );
    const now = ctx.clock.now();
    const wallet = input.wallet ?? onlyWallet(program);
    const terms = checkReward(program, change({ ...nothing, name: '', wallet, points: 0n }, { ...input, wallet }));
    const reward: Reward = { ...terms, id, programId: program.id, createdAt: now, updatedAt: now, fingerprint };
    await this.#write(ctx, { id, what: 'created', reason: checkOptionalReason(input.reason) }, async (tx) => {
      if (await insertReward(tx, reward)) return true;
      const [first] = await findRewards(tx, [id]);
      if (first?.fingerprint !== fingerprint) throw idempotencyConflict();
      return false;
    });
    return getReward(ctx, id);
  }

  /** What is left out stays; null takes a limit away. */
  async update(ctx: Context, input: UpdateReward): Promise<Reward> {
    requireScope(ctx, 'loyalty:manage');
    const { rewardId: id } = input;
    const programs = await this.#desk.settings.book.current(ctx.pool);
    await this.#write(ctx, { id, what: 'updated', reason: checkOptionalReason(input.reason) }, async (tx) => {
      const reward = await lockReward(tx, id);
      if (!reward) throw noReward(id);
      const program = programs.find((one) => one.id === reward.programId)!;
      const terms = checkReward(program, change(reward, input));
      await saveReward(tx, { ...reward, ...terms, updatedAt: ctx.clock.now() });
      return true;
    });
    return getReward(ctx, id);
  }

  async list(
    ctx: Context,
    input: { programId?: string | null; activeOnly?: boolean | null } & Pick<PageArguments, 'first' | 'after'>,
  ): Promise<Page<Reward>> {
    requireScope(ctx, 'loyalty:read');
    const program = await this.#desk.programOf(ctx, input);
    const page = readPageArguments('loyaltyRewards', input);
    const rows = await listRewards(ctx.pool, { programId: program.id, activeOnly: input.activeOnly ?? true, page });
    return toPage(page, rows, { position: ({ createdAt, id }) => ({ at: createdAt, id }), node: (row) => row });
  }

  #idOf(ctx: Context, key: string | null | undefined): string {
    checkIdempotencyKey(key);
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#desk.settings.idSecret, 'loyalty reward', ctx.viewer.keyId, key);
  }

  async #write(
    ctx: Context,
    { id, what, reason }: { id: string; what: 'created' | 'updated'; reason: string | null },
    work: (tx: Tx) => Promise<boolean>,
  ): Promise<void> {
    await ctx.pool.begin(async (tx) => {
      if (!(await work(tx))) return;
      await audit(tx, ctx, { action: `loyalty.reward_${what}`, subject: toPublicId('rwd', id), reason });
    });
    ctx.loaders.clear();
  }
}

export async function findReward(ctx: Context, id: string): Promise<Reward | null> {
  requireScope(ctx, 'loyalty:read');
  const [reward] = await findRewards(ctx.pool, [id]);
  return reward ?? null;
}

async function getReward(ctx: Context, id: string): Promise<Reward> {
  const [reward] = await findRewards(ctx.pool, [id]);
  if (!reward) throw noReward(id);
  return reward;
}

export function noReward(id: string) {
  return notFound('reward', toPublicId('rwd', id));
}

function change(before: RewardTerms, given: GivenReward): RewardTerms {
  const { name, wallet, points, kind, voucher, cost, active } = given;
  const kept = <K extends 'description' | 'stock' | 'tiers' | 'perMember' | 'validFrom' | 'validTo'>(member: K) =>
    (given[member] === undefined ? before[member] : given[member]) as RewardTerms[K];
  return {
    name: name ?? before.name,
    description: kept('description'),
    wallet: wallet ?? before.wallet,
    points: points ?? before.points,
    kind: kind ?? (voucher ? 'VOUCHER' : before.kind),
    voucher: voucher === undefined ? before.voucher : voucher && readVoucher(voucher),
    stock: kept('stock'),
    tiers: kept('tiers'),
    perMember: kept('perMember'),
    ...(cost === undefined ? { costMinor: before.costMinor, costCurrency: before.costCurrency } : readCost(cost)),
    validFrom: kept('validFrom'),
    validTo: kept('validTo'),
    active: active ?? before.active,
  };
}

function checkReward(program: Program, terms: RewardTerms): RewardTerms {
  const name = terms.name.trim();
  if (name.length < 1 || name.length > 200) {
    throw badInput(`Expected a name of 1 to 200 characters, got ${name.length}.`, 'input.name');
  }
  const description = terms.description?.trim() || null;
  if (description !== null && description.length > 2000) {
    throw badInput(`At most 2000 characters, got ${description.length}.`, 'input.description');
  }
  if (terms.points < 0n) throw badInput(`A price can't be negative: ${terms.points}.`, 'input.points');
  checkKnown(program, terms);
  checkCount(terms.stock, { least: 0, field: 'input.stock' });
  checkCount(terms.perMember, { least: 1, field: 'input.perMember' });
  checkPeriod(terms, 'input');
  if ((terms.kind === 'VOUCHER') !== (terms.voucher !== null)) {
    throw badInput('A reward of the kind VOUCHER has a voucher, and no other has one.', 'input.voucher');
  }
  return { ...terms, name, description };
}

function checkKnown(program: Program, { wallet, tiers }: RewardTerms): void {
  const { wallets, tierScheme } = program.versions.at(-1)!.definition;
  if (!wallets.some(({ key }) => key === wallet)) {
    throw badInput(`The programme has no wallet ${JSON.stringify(wallet)}.`, 'input.wallet');
  }
  const known = tierScheme?.tiers.map(({ key }) => key) ?? [];
  const unknown = tiers?.find((tier) => !known.includes(tier));
  if (unknown !== undefined) throw badInput(`The programme has no tier ${JSON.stringify(unknown)}.`, 'input.tiers');
}

function checkCount(count: number | null, { least, field }: { least: number; field: string }): void {
  if (count === null || (Number.isInteger(count) && count >= least)) return;
  throw badInput(`Expected a whole number from ${least} on, got ${count}.`, field);
}

function onlyWallet(program: Program): string {
  const { wallets } = program.versions.at(-1)!.definition;
  if (wallets.length === 1) return wallets[0]!.key;
  throw badInput(`Expected one of ${wallets.map(({ key }) => key).join(', ')}.`, 'input.wallet');
}

function readVoucher({ worth, validDays, uses }: NonNullable<GivenReward['voucher']>): VoucherTerms {
  checkCount(validDays ?? null, { least: 1, field: 'input.voucher.validDays' });
  return {
    worth: checkWorth(worth, 'input.voucher.worth'),
    validDays: validDays ?? null,
    uses: checkUses(uses, 'input.voucher.uses'),
  };
}

function readCost(cost: GivenReward['cost']): { costMinor: bigint | null; costCurrency: string | null } {
  if (cost == null) return { costMinor: null, costCurrency: null };
  const exponent = currencyExponent(cost.currency);
  const minor = exponent === undefined ? undefined : toMinor(cost.amount, exponent);
  if (minor !== undefined && minor >= 0n) return { costMinor: minor, costCurrency: cost.currency };
  throw badInput(`Expected an amount in whole minor units, got ${cost.amount} ${cost.currency}.`, 'input.cost.amount');
}

function plainWorth({ voucher }: GivenReward): string | null {
  const points = voucher?.worth.points;
  return points == null ? null : `${points.wallet} ${points.points}`;
}
