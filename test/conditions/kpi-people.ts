import fc from 'fast-check';
import {
  type Condition,
  comparisons,
  type KpiCondition,
  type LifecycleCondition,
} from '../../src/conditions/condition.ts';
import { abcClasses, kpiNames, lifecycleStages, riskBands } from '../../src/conditions/kpi-names.ts';
import type { Pool } from '../../src/kernel/database.ts';

// Few values of everything, so that what customers have and what conditions ask meet.

export const present = new Date('2026-10-26T12:00:00.000Z');
const hour = 3_600_000;

export interface KpiPerson {
  readonly identified: boolean;
  readonly firstSeenAt: Date;
  readonly kpis: {
    readonly currency: string;
    readonly orders: number;
    readonly grossMinor: number;
    readonly returnedMinor: number;
    readonly costedMinor: number;
    readonly costMinor: number;
    readonly gapMedian: number | null;
  } | null;
  readonly scores: {
    readonly currency: string;
    readonly recency: number;
    readonly rfmSegment: string;
    readonly abcClass: string;
    readonly probabilityAlive: number | null;
    readonly clvMinor: number | null;
  } | null;
  readonly lifecycle: { readonly stage: string; readonly since: Date; readonly band: string | null } | null;
}

/** The only customers are these, in this order. Answers their ids. */
export async function insertPeople(db: Pool, people: readonly KpiPerson[]): Promise<string[]> {
  await db`truncate customers, customer_kpis, customer_scores, customer_lifecycles`;
  const ids: string[] = [];
  for (const { identified, firstSeenAt, kpis, scores, lifecycle } of people) {
    const [row] = await db<{ id: string }[]>`
      insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                             updated_at)
      values (gen_random_uuid(), ${identified}, 1, ${firstSeenAt}, ${firstSeenAt}, 1, 0, '{}', '{}', ${present})
      returning id`;
    const id = row!.id;
    ids.push(id);
    if (kpis) {
      await db`
        insert into customer_kpis (customer_id, currency, orders, net_orders, returns, gross_minor, returned_minor,
          costed_minor, cost_minor, items, purchase_days, gap_median, updated_at)
        values (${id}, ${kpis.currency}, ${kpis.orders}, ${kpis.orders}, 0, ${kpis.grossMinor}, ${kpis.returnedMinor},
          ${kpis.costedMinor}, ${kpis.costMinor}, 0, ${kpis.orders}, ${kpis.gapMedian}, ${present})`;
    }
    if (scores) {
      await db`
        insert into customer_scores (customer_id, scored_at, scale_id, currency, recency, frequency, monetary, rfm_segment,
          abc_class, probability_alive, churn_risk, expected_orders, clv_minor)
        values (${id}, ${present}, gen_random_uuid(), ${scores.currency}, ${scores.recency}, 3, 4, ${scores.rfmSegment},
          ${scores.abcClass}, ${scores.probabilityAlive}, ${scores.probabilityAlive}, ${scores.probabilityAlive},
          ${scores.clvMinor})`;
    }
    if (lifecycle) {
      await db`
        insert into customer_lifecycles (customer_id, stage, since, risk_band, due_at, revision, updated_at)
        values (${id}, ${lifecycle.stage}, ${lifecycle.since}, ${lifecycle.band}, ${present}, 1, ${present})`;
    }
  }
  return ids;
}

const instants = fc
  .tuple(fc.constantFrom(-2000, -721, -720, -168, -25, -24, -1, 0), fc.constantFrom(-1, 0, 0, 1))
  .map(([at, by]) => new Date(present.getTime() + at * hour + by));

const currencies = fc.constantFrom('EUR', 'EUR', 'JPY');
/** Floats with more digits than a cast to `numeric` would keep, and such as are written with an exponent. */
const floats = fc.constantFrom(0, 0.1 + 0.2, 0.3, 0.6, 1e-7, 2 / 3, 1, 12.5);
const amounts = fc.constantFrom(0, 1, 999, 1000, 1001, 1250);

export const people: fc.Arbitrary<KpiPerson> = fc.record({
  identified: fc.boolean(),
  firstSeenAt: instants,
  kpis: fc.option(
    fc.record({
      currency: currencies,
      orders: fc.constantFrom(0, 1, 2, 3),
      grossMinor: amounts,
      returnedMinor: amounts,
      costedMinor: amounts,
      costMinor: amounts,
      gapMedian: fc.option(floats),
    }),
  ),
  scores: fc.option(
    fc.record({
      currency: currencies,
      recency: fc.constantFrom(1, 3, 5),
      rfmSegment: fc.constantFrom('CHAMPIONS', 'LOST'),
      abcClass: fc.constantFrom(...abcClasses),
      probabilityAlive: fc.option(floats),
      clvMinor: fc.option(amounts),
    }),
  ),
  lifecycle: fc.option(
    fc.record({
      stage: fc.constantFrom('NEW', 'ACTIVE', 'LOST'),
      since: instants,
      band: fc.option(fc.constantFrom(...riskBands)),
    }),
  ),
});

const values = fc.constantFrom(
  '0',
  '1',
  '2',
  '3',
  '5',
  '9.99',
  '10',
  '12.5',
  '0.3',
  '0.6',
  '0.00000010',
  '-2.5',
  '1000',
);

const kpiConditions: fc.Arbitrary<KpiCondition> = fc
  .tuple(fc.constantFrom(...kpiNames), currencies, fc.constantFrom(...comparisons), values, values)
  .map(([kpi, currency, comparison, value, other]) => {
    const money = ['NET_REVENUE', 'MARGIN', 'AVERAGE_ORDER_VALUE', 'CLV'].includes(kpi) ? { currency } : {};
    if (comparison !== 'BETWEEN') return { kpi, ...money, comparison, value };
    const [low, high] = Number(value) <= Number(other) ? [value, other] : [other, value];
    return { kpi, ...money, comparison, value: low, to: high };
  });

const durations = fc.constantFrom(
  { count: 1, unit: 'HOUR' } as const,
  { count: 1, unit: 'DAY' } as const,
  { count: 30, unit: 'DAY' } as const,
);
const stages = fc.subarray([...lifecycleStages], { minLength: 1 });

const lifecycleConditions: fc.Arbitrary<LifecycleCondition> = fc.oneof(
  stages.map((some) => ({ stages: some })),
  fc.tuple(stages, durations).map(([some, inStageFor]) => ({ stages: some, inStageFor })),
  fc.subarray([...riskBands], { minLength: 1 }).map((bands) => ({ riskBands: bands })),
  fc.subarray(['CHAMPIONS', 'LOST'], { minLength: 1 }).map((rfmSegments) => ({ rfmSegments })),
  fc.subarray([...abcClasses], { minLength: 1 }).map((classes) => ({ abcClasses: classes })),
);

const leaves: fc.Arbitrary<Condition> = fc.oneof(
  kpiConditions.map((kpi) => ({ kpi })),
  lifecycleConditions.map((lifecycle) => ({ lifecycle })),
);

export const conditions: fc.Arbitrary<Condition> = fc.oneof(
  { weight: 5, arbitrary: leaves },
  { weight: 1, arbitrary: fc.array(leaves, { minLength: 2, maxLength: 3 }).map((all) => ({ all })) },
  { weight: 1, arbitrary: leaves.map((not) => ({ not })) },
);

export const moments = fc
  .tuple(fc.constantFrom(0, 0, 1, 24, 720), fc.constantFrom(-1, 0, 1))
  .map(([at, by]) => ({ now: new Date(present.getTime() + at * hour + by), timeZone: 'Europe/Zurich' }));
