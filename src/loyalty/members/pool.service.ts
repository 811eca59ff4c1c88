import { audit } from '../../access/audit.service.ts';
import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { deriveUuid, toPublicId } from '../../kernel/ids.ts';
import { checkIdempotencyKey } from '../../kernel/request-input.ts';
import { balancesOfCustomers, type WalletBalance } from '../redeeming/balance.service.ts';
import { checkOptionalReason, type DecisionDesk } from '../redeeming/decide.service.ts';
import type { OpenDesk } from '../redeeming/open-desk.service.ts';
import type { GivenMember, NamedParty } from '../redeeming/parties.service.ts';
import { idempotencyConflict } from '../redeeming/refusals.ts';
import {
  deletePoolMembers,
  findPoolMembers,
  findPools,
  findPoolsOf,
  insertPool,
  insertPoolMember,
  type LoyaltyPoolRow,
  type PoolMember,
} from './pool.queries.ts';

export interface PoolView extends LoyaltyPoolRow {
  readonly members: readonly PoolMember[];
}

export interface CreatePool {
  readonly programId?: string | null;
  /** The first one in it. */
  readonly member: GivenMember;
  readonly name?: string | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface ChangePool {
  readonly poolId: string;
  readonly member: GivenMember;
  readonly reason?: string | null;
}

/** Whoever spends locks all of them. */
const mostMembers = 20;

/** Members who spend together. Their points stay on their own accounts, so whoever leaves takes what is left of theirs. */
export class PoolService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  async createPool(ctx: Context, input: CreatePool): Promise<PoolView> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const name = checkPoolName(input.name);
    const { id: programId } = await this.#desk.programOf(ctx, input);
    const id = this.#idOf(ctx, input.idempotencyKey);
    const parties = [this.#desk.readMember(input.member)];
    await this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const [known] = await findPools(desk.tx, [id]);
      if (known && (known.programId !== programId || known.name !== name)) throw idempotencyConflict();
      await insertPool(desk.tx, { programId, id, name, createdAt: desk.now });
      await join(desk, { poolId: id, reason, field: 'input.member' });
    });
    return getPool(ctx, id);
  }

  /** Joining again changes nothing. Nobody is in two pools of a programme. */
  async joinPool(ctx: Context, input: ChangePool): Promise<PoolView> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const { programId, id: poolId, members } = await getPool(ctx, input.poolId);
    // Those who are in are locked too: whoever of them spends at the same time does so before or after.
    const parties = [this.#desk.readMember(input.member), ...members.map(partyOf)];
    await this.#desk.open(ctx, { programId, parties }, (desk) => join(desk, { poolId, reason, field: 'input.member' }));
    return getPool(ctx, poolId);
  }

  /** By all records of the customer. Leaving again changes nothing. */
  async leavePool(ctx: Context, input: ChangePool): Promise<PoolView> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkOptionalReason(input.reason);
    const { programId, id: poolId, members } = await getPool(ctx, input.poolId);
    const parties = [{ ...this.#desk.readMember(input.member), anybody: true }, ...members.map(partyOf)];
    await this.#desk.open(ctx, { programId, parties }, async (desk) => {
      const { customerId } = desk.members[0]!;
      if (!(await findPoolsOf(desk.tx, programId, customerId)).includes(poolId)) return;
      await deletePoolMembers(desk.tx, programId, [customerId]);
      desk.tell(customerId, 'POOL_LEFT');
      const detail = { customer: toPublicId('cus', customerId) };
      await audit(desk.tx, ctx, { action: 'loyalty.pool_left', subject: toPublicId('pool', poolId), reason, detail });
    });
    return getPool(ctx, poolId);
  }

  #idOf(ctx: Context, key: string | null | undefined): string {
    checkIdempotencyKey(key);
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#desk.settings.idSecret, 'loyalty pool', ctx.viewer.keyId, key);
  }
}

export async function findPool(ctx: Context, id: string): Promise<PoolView | null> {
  if (!hasScope(ctx, 'loyalty:operate')) requireScope(ctx, 'loyalty:read');
  const [pool] = await findPools(ctx.pool, [id]);
  return pool ? { ...pool, members: await findPoolMembers(ctx.pool, id) } : null;
}

/** What they have together. */
export async function balancesOfPool(ctx: Context, { programId, members }: PoolView): Promise<WalletBalance[]> {
  const customerIds = [...new Set(members.flatMap(({ customerId }) => (customerId === null ? [] : [customerId])))];
  return balancesOfCustomers(ctx.pool, { programId, customerIds, now: ctx.clock.now() });
}

async function getPool(ctx: Context, id: string): Promise<PoolView> {
  const pool = await findPool(ctx, id);
  if (!pool) throw notFound('loyalty pool', toPublicId('pool', id));
  return pool;
}

async function join(
  desk: OpenDesk,
  { poolId, reason, field }: { poolId: string; reason: string | null; field: string },
): Promise<void> {
  const { tx, now, program } = desk;
  const { customerId, recordId } = desk.members[0]!;
  const pools = await findPoolsOf(tx, program.id, customerId);
  if (pools.includes(poolId)) return;
  if (pools.length > 0)
    throw badInput('They are in another pool of the programme already, and must leave it first.', field);
  const members = await findPoolMembers(tx, poolId);
  if (members.length >= mostMembers) throw badInput(`The pool has ${mostMembers} members, and can't have more.`, field);
  await insertPoolMember(tx, { recordId, programId: program.id, poolId, now });
  desk.tell(customerId, 'POOL_JOINED');
  const detail = { customer: toPublicId('cus', customerId) };
  await audit(tx, desk.ctx, { action: 'loyalty.pool_joined', subject: toPublicId('pool', poolId), reason, detail });
}

function partyOf({ recordId }: PoolMember): NamedParty {
  return { field: 'pool', by: 'RECORD', id: recordId, anybody: true, optional: true };
}

function checkPoolName(name: string | null | undefined): string | null {
  const tidy = name?.trim() || null;
  if (tidy === null || tidy.length <= 200) return tidy;
  throw badInput(`At most 200 characters, got ${tidy.length}.`, 'input.name');
}
