import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Reward } from './reward.ts';

const rewardColumns = (db: Database) => db`
  w.id, w.program_id as "programId", w.name, w.description, w.wallet, w.points, w.kind, w.voucher, w.stock, w.tiers,
  w.per_member as "perMember", w.cost_minor as "costMinor", w.cost_currency as "costCurrency",
  w.valid_from as "validFrom", w.valid_to as "validTo", w.active, w.created_at as "createdAt",
  w.updated_at as "updatedAt", w.fingerprint`;

export async function findRewards(db: Database, ids: readonly string[]): Promise<Reward[]> {
  return db`select ${rewardColumns(db)} from loyalty_rewards w where w.id = any(${idList(ids)}::uuid[])`;
}

export async function listRewards(
  db: Database,
  { programId, activeOnly, page }: { programId: string; activeOnly: boolean; page: PageRequest },
): Promise<Reward[]> {
  const { after, size } = page;
  return db`
    select ${rewardColumns(db)} from loyalty_rewards w
    where w.program_id = ${programId} and (not ${activeOnly} or w.active)
      ${after ? db`and (w.created_at, w.id) < (${after.at}, ${after.id}::uuid)` : db``}
    order by w.created_at desc, w.id desc
    limit ${size + 1}`;
}

/** Answers whether it was not there yet. */
export async function insertReward(tx: Tx, reward: Reward): Promise<boolean> {
  const { count } = await tx`
    insert into loyalty_rewards
      (id, program_id, name, description, wallet, points, kind, voucher, stock, tiers, per_member, cost_minor,
       cost_currency, valid_from, valid_to, active, created_at, updated_at, fingerprint)
    values
      (${reward.id}, ${reward.programId}, ${reward.name}, ${reward.description}, ${reward.wallet}, ${reward.points},
       ${reward.kind}, ${asJson(reward.voucher)}::text::jsonb, ${reward.stock}, ${asJson(reward.tiers)}::text::jsonb,
       ${reward.perMember}, ${reward.costMinor}, ${reward.costCurrency}, ${reward.validFrom}, ${reward.validTo},
       ${reward.active}, ${reward.createdAt}, ${reward.updatedAt}, ${reward.fingerprint})
    on conflict (id) do nothing`;
  return count > 0;
}

/** So that its stock is what somebody decided it is, whoever takes of it at the same time. */
export async function lockReward(tx: Tx, id: string): Promise<Reward | undefined> {
  const [reward] = await tx<Reward[]>`
    select ${rewardColumns(tx)} from loyalty_rewards w where w.id = ${id} for no key update`;
  return reward;
}

export async function saveReward(tx: Tx, reward: Reward): Promise<void> {
  await tx`
    update loyalty_rewards
    set name = ${reward.name}, description = ${reward.description}, wallet = ${reward.wallet}, points = ${reward.points},
        kind = ${reward.kind}, voucher = ${asJson(reward.voucher)}::text::jsonb, stock = ${reward.stock},
        tiers = ${asJson(reward.tiers)}::text::jsonb, per_member = ${reward.perMember}, cost_minor = ${reward.costMinor},
        cost_currency = ${reward.costCurrency}, valid_from = ${reward.validFrom}, valid_to = ${reward.validTo},
        active = ${reward.active}, updated_at = ${reward.updatedAt}
    where id = ${reward.id}`;
}

/** Takes one of the stock; undefined: there is none left. What it says is what holds until the transaction ends. */
export async function takeFromStock(tx: Tx, id: string): Promise<Reward | undefined> {
  const [reward] = await tx<Reward[]>`
    update loyalty_rewards w set stock = stock - 1 where w.id = ${id} and stock > 0 returning ${rewardColumns(tx)}`;
  return reward;
}

export async function putBackInStock(tx: Tx, id: string): Promise<void> {
  await tx`update loyalty_rewards set stock = stock + 1 where id = ${id} and stock is not null`;
}

function asJson(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}
