import type { Pool } from '../../src/kernel/database.ts';

export interface Sums {
  readonly touchpoints: readonly Record<string, unknown>[];
  readonly purchases: Record<string, bigint>;
  readonly revenue: Record<string, bigint>;
  readonly cells: Record<string, bigint>;
  readonly signals: readonly Record<string, unknown>[];
  readonly issued: bigint;
  readonly redeemed: bigint;
  readonly pointsForfeited: bigint;
  readonly voucherUses: number;
  readonly lost: number;
}

/** What everybody together comes to: what an erasure must not change. */
export async function readSums(pool: Pool): Promise<Sums> {
  const [purchases] = await pool<Record<string, bigint>[]>`
    select count(*) as count, count(*) filter (where opens_order) as orders, sum(value_minor)::bigint as value,
           sum(cost_minor)::bigint as cost, sum(items * 1000)::bigint as items from purchases`;
  const [revenue] = await pool<Record<string, bigint>[]>`
    select sum(orders) as orders, sum(returns) as returns, sum(gross)::bigint as gross, sum(returned)::bigint as returned
    from record_revenue`;
  const [cells] = await pool<Record<string, bigint>[]>`
    select sum(touchpoints)::bigint as touchpoints, sum(orders)::bigint as orders, sum(value_minor)::bigint as value,
           sum(cost_minor)::bigint as cost
    from (select touchpoints, orders, value_minor, cost_minor from metric_cells
          union all select touchpoints, orders, value_minor, cost_minor from metric_cell_changes) as both_of`;
  const [points] = await pool<{ issued: bigint; redeemed: bigint; adjusted: bigint }[]>`
    select sum(issued)::bigint as issued, sum(redeemed)::bigint as redeemed, sum(adjusted)::bigint as adjusted
    from loyalty_accounts`;
  const [uses] = await pool<{ count: number }[]>`select count(*)::int as count from loyalty_voucher_uses`;
  const [lost] = await pool<{ count: number }[]>`
    select count(*)::int as count from lifecycle_transitions where to_stage = 'NEW'`;
  return {
    touchpoints: await pool`
      select type, channel, direction, source, occurred_at, value_minor, currency, jsonb_array_length(lines) as lines
      from touchpoints order by occurred_at, type, value_minor`,
    purchases: purchases!,
    revenue: revenue!,
    cells: cells!,
    signals: await pool`select kind, occurred_at, score, ends_at, source from signals order by occurred_at, kind`,
    issued: points!.issued,
    redeemed: points!.redeemed,
    pointsForfeited: points!.adjusted,
    voucherUses: uses!.count,
    lost: lost!.count,
  };
}
