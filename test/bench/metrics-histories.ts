import type { Pool } from '../../src/kernel/database.ts';
import { column, idColumn } from '../../src/kernel/sql-array.ts';
import { seededRandom } from '../kpis/clv/simulation.ts';

type Random = () => number;

/** Days. Those of CDNOW, with which a third of the customers buy again. */
const purchasing = { r: 0.243, alpha: 4.414 * 7, a: 0.793, b: 2.426 };
const spending = { p: 6.25, q: 3.74, gamma: 1544 };
const longestAge = 730;
const atOnce = 20_000;

/**
 * Gives everybody another history of purchases, drawn from the model itself: the 64 lives of the bulk data buy once to four times
 * a few weeks apart, which is nothing that a fit could converge on. Only in `customer_kpis`, which is all that a fit reads.
 */
export async function drawHistories(pool: Pool, { today }: { today: number }): Promise<void> {
  const random = seededRandom(20_261_128);
  for (let after: string | null = null; ; ) {
    const found: { id: string }[] = await pool`
      select customer_id as id from customer_kpis where ${after}::uuid is null or customer_id > ${after}::uuid
      order by customer_id limit ${atOnce}`;
    if (found.length === 0) return;
    const histories = found.map(({ id }) => ({ id, ...draw(random, today) }));
    await pool`
      update customer_kpis k
      set purchase_days = new.days, first_purchase_day = new.first, second_purchase_day = new.second,
          last_purchase_day = new.last, mean_repeat_minor = new.mean
      from unnest(
        ${idColumn(histories, ({ id }) => id)}::uuid[],
        ${column(histories, ({ days }) => days.length)}::int[],
        ${column(histories, ({ days }) => days[0]!)}::int[],
        ${column(histories, ({ days }) => days[1] ?? null)}::int[],
        ${column(histories, ({ days }) => days.at(-1)!)}::int[],
        ${column(histories, ({ mean }) => mean)}::float8[]) as new (customer_id, days, first, second, last, mean)
      where k.customer_id = new.customer_id`;
    after = found.at(-1)!.id;
  }
}

/** Days on which somebody bought, and what the ones after the first were worth on average. */
function draw(random: Random, today: number): { days: number[]; mean: number | null } {
  const { r, alpha, a, b } = purchasing;
  const first = today - Math.floor(longestAge * random());
  const rate = gamma(random, r) / alpha;
  const [left, stayed] = [gamma(random, a), gamma(random, b)];
  const days = new Set([first]);
  for (let at = first; at < today; ) {
    at -= Math.log(random()) / rate;
    if (at > today) break;
    days.add(Math.floor(at));
    if (random() < left / (left + stayed)) break;
  }
  const repeats = days.size - 1;
  const { p, q, gamma: scale } = spending;
  const mean = repeats > 0 ? (gamma(random, p * repeats) * scale) / gamma(random, q) / repeats : null;
  return { days: [...days], mean: mean && Math.ceil(mean * repeats) / repeats };
}

/** Gamma(shape, 1) by Marsaglia & Tsang 2000. */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
