import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

export interface Allowance {
  /** Minor units, and uses; null: no end. */
  readonly money: bigint | null;
  readonly uses: number | null;
}

/** What an offer may cost in all. What was reserved and spent stays. */
export async function saveAllowance(tx: Tx, offerId: string, { money, uses }: Allowance): Promise<void> {
  await tx`
    insert into loyalty_offer_budgets (offer_id, allowed, uses_allowed, reserved, spent, uses_reserved, uses)
    values (${offerId}, ${money}, ${uses}, 0, 0, 0, 0)
    on conflict (offer_id) do update set allowed = excluded.allowed, uses_allowed = excluded.uses_allowed`;
}

/** Whether nobody else can change these budgets from here on. In order of id; after the locks on customers. */
export async function lockBudgets(tx: Tx, offerIds: readonly string[]): Promise<void> {
  await tx`
    select from loyalty_offer_budgets where offer_id = any(${idList(offerIds)}::uuid[]) order by offer_id
    for no key update`;
}

export interface BudgetRow {
  readonly offerId: string;
  readonly allowed: bigint | null;
  readonly usesAllowed: number | null;
  /** Reserved and spent. */
  readonly taken: bigint;
  readonly usesTaken: number;
  readonly spent: bigint;
  readonly uses: number;
}

/** What they have taken, without what is held by presentations whose time is over. */
export async function findBudgets(
  db: Database,
  { offerIds, now }: { offerIds: readonly string[]; now: Date },
): Promise<BudgetRow[]> {
  return db`
    select b.offer_id as "offerId", b.allowed, b.uses_allowed as "usesAllowed",
           (b.reserved + b.spent - coalesce(o.reserved, 0))::bigint as taken,
           (b.uses_reserved + b.uses - coalesce(o.uses, 0))::int as "usesTaken", b.spent, b.uses
    from loyalty_offer_budgets b
    left join (
      select p.offer_id, sum(p.reserved) as reserved, count(*) as uses
      from loyalty_presentations p
      where p.status in ('PRESENTED', 'ACCEPTED') and p.expires_at <= ${now} and p.held
      group by p.offer_id
    ) as o on o.offer_id = b.offer_id
    where b.offer_id = any(${idList(offerIds)}::uuid[])`;
}

/** Reserves one use, if there is room: one statement, so that no two take the same. False: there is none. */
export async function reserve(tx: Tx, offerId: string, amount: bigint): Promise<boolean> {
  const { count } = await tx`
    update loyalty_offer_budgets set reserved = reserved + ${amount}, uses_reserved = uses_reserved + 1
    where offer_id = ${offerId} and (allowed is null or reserved + spent + ${amount} <= allowed)
      and (uses_allowed is null or uses_reserved + uses + 1 <= uses_allowed)`;
  return count > 0;
}

export async function release(
  tx: Tx,
  offerId: string,
  { amount, uses }: { amount: bigint; uses: number },
): Promise<void> {
  await tx`
    update loyalty_offer_budgets set reserved = reserved - ${amount}, uses_reserved = uses_reserved - ${uses}
    where offer_id = ${offerId}`;
}

/** What was reserved becomes what was spent, which is never more. */
export async function spend(
  tx: Tx,
  offerId: string,
  { reserved, spent }: { reserved: bigint; spent: bigint },
): Promise<void> {
  await tx`
    update loyalty_offer_budgets
    set reserved = reserved - ${reserved}, spent = spent + ${spent}, uses_reserved = uses_reserved - 1, uses = uses + 1
    where offer_id = ${offerId}`;
}

/** Spends without having reserved, if there is room. False: there is none. */
export async function spendUnreserved(tx: Tx, offerId: string, spent: bigint): Promise<boolean> {
  const { count } = await tx`
    update loyalty_offer_budgets set spent = spent + ${spent}, uses = uses + 1
    where offer_id = ${offerId} and (allowed is null or reserved + spent + ${spent} <= allowed)
      and (uses_allowed is null or uses_reserved + uses + 1 <= uses_allowed)`;
  return count > 0;
}
