import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, KpiCondition, LifecycleCondition } from '../../src/conditions/condition.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { expectAgreement, language } from './fixture.ts';
import { conditions, insertPeople, type KpiPerson, moments, people, present } from './kpi-people.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
});

afterAll(() => database.close());

const hour = 3_600_000;
const ago = (hours: number) => new Date(present.getTime() - hours * hour);
const nobody: KpiPerson = { identified: true, firstSeenAt: ago(100), kpis: null, scores: null, lifecycle: null };
const bought = (kpis: Partial<NonNullable<KpiPerson['kpis']>>): KpiPerson => {
  const plain = { currency: 'EUR', orders: 2, grossMinor: 3000, returnedMinor: 500, costedMinor: 0, costMinor: 0 };
  return { ...nobody, kpis: { ...plain, gapMedian: null, ...kpis } };
};
const inStage = (stage: string, hours: number, band: string | null = null): KpiPerson => {
  return { ...nobody, lifecycle: { stage, since: ago(hours), band } };
};

/** What the condition says of each, and until when. */
async function ask(condition: Condition, ...given: readonly KpiPerson[]) {
  const ids = await insertPeople(database.pool, given);
  const each = await expectAgreement(database.pool, [condition], { now: present, timeZone: 'Europe/Zurich' });
  return ids.map((id) => [each.get(id)!.verdicts[0], each.get(id)!.nexts[0]?.toISOString() ?? null]);
}

const kpi = (name: KpiCondition['kpi'], comparison: KpiCondition['comparison'], value: string, currency?: string) => ({
  kpi: { kpi: name, comparison, value, ...(currency && { currency }) },
});
const yes = [true, null];
const no = [false, null];

describe('KPIs', () => {
  test('amounts are in one currency; of others nothing is said', async () => {
    const rich = kpi('NET_REVENUE', 'AT_LEAST', '25', 'EUR');
    expect(await ask(rich, bought({}), bought({ returnedMinor: 501 }), bought({ currency: 'CHF' }), nobody)).toEqual([
      ...[yes, no, no, no],
    ]);
    const notRich = kpi('NET_REVENUE', 'LESS', '99999', 'EUR');
    expect(await ask(notRich, bought({ currency: 'CHF' }), nobody)).toEqual([no, no]);
  });

  test('whoever has never bought has 0 orders, and no average of them', async () => {
    expect(await ask(kpi('ORDERS', 'AT_MOST', '0'), nobody, bought({ orders: 0 }), bought({}))).toEqual([yes, yes, no]);
    const average = kpi('AVERAGE_ORDER_VALUE', 'EQUALS', '12.5', 'EUR');
    expect(await ask(average, bought({}), bought({ orders: 0 }), nobody)).toEqual([yes, no, no]);
  });

  test('an average is rounded as it is shown, half away from zero', async () => {
    const odd = bought({ orders: 2, grossMinor: 1001, returnedMinor: 0 });
    expect(await ask(kpi('AVERAGE_ORDER_VALUE', 'EQUALS', '5.01', 'EUR'), odd)).toEqual([yes]);
    const owed = bought({ orders: 2, grossMinor: 0, returnedMinor: 1001 });
    expect(await ask(kpi('AVERAGE_ORDER_VALUE', 'EQUALS', '-5.01', 'EUR'), owed)).toEqual([yes]);
  });

  test('floats are compared as they are stored, to the last digit', async () => {
    const scores = { currency: 'EUR', recency: 3, rfmSegment: 'LOST', abcClass: 'B', clvMinor: null };
    const scored = (probabilityAlive: number) => ({ ...nobody, scores: { ...scores, probabilityAlive } });
    expect(await ask(kpi('CHURN_RISK', 'MORE', '0.3'), scored(0.1 + 0.2), scored(0.3))).toEqual([yes, no]);
  });

  test('what is no KPI, has no currency, or needs one is refused with the place', () => {
    const refusal = (condition: unknown) => {
      try {
        language.check(condition as Condition);
        return null;
      } catch (err) {
        return (err as { details: { field: string } }).details.field;
      }
    };
    expect(refusal(kpi('LUCK' as never, 'LESS', '1'))).toMatch(/kpi\.kpi$/);
    expect(refusal(kpi('CLV', 'LESS', '1'))).toMatch(/kpi\.currency$/);
    expect(refusal(kpi('ORDERS', 'LESS', '1', 'EUR'))).toMatch(/kpi\.currency$/);
    expect(refusal({ lifecycle: { stages: ['NEW', 'OLD'] } })).toMatch(/lifecycle\.stages$/);
    expect(refusal({ lifecycle: { stages: ['NEW'], riskBands: ['LOW'] } })).toMatch(/lifecycle$/);
    expect(refusal({ lifecycle: { riskBands: ['LOW'], inStageFor: { count: 1, unit: 'DAY' } } })).toMatch(
      /inStageFor$/,
    );
    expect(refusal({ lifecycle: {} })).toMatch(/lifecycle$/);
  });
});

describe('the life cycle', () => {
  const stages = (...names: NonNullable<LifecycleCondition['stages']>) => ({ lifecycle: { stages: names } });

  test('the stage is the stored one; who is anonymous has none stored, and who waits to be looked at is nowhere', async () => {
    const anonymous = { ...nobody, identified: false };
    expect(await ask(stages('NEW', 'ACTIVE'), inStage('NEW', 1), inStage('LOST', 1), nobody)).toEqual([yes, no, no]);
    expect(await ask(stages('ANONYMOUS'), anonymous, nobody, inStage('NEW', 1))).toEqual([yes, no, no]);
  });

  test('for so long: at that very instant, with no event', async () => {
    const condition = { lifecycle: { stages: ['NEW'], inStageFor: { count: 1, unit: 'DAY' } } } satisfies Condition;
    expect(
      await ask(condition, inStage('NEW', 25), inStage('NEW', 24), inStage('NEW', 23), inStage('LOST', 23)),
    ).toEqual([...[yes, yes, [false, ago(-1).toISOString()], no]]);
  });

  test('bands, segments and classes', async () => {
    const high = { lifecycle: { riskBands: ['HIGH'] } } satisfies Condition;
    expect(await ask(high, inStage('NEW', 1, 'HIGH'), inStage('NEW', 1, 'LOW'), inStage('NEW', 1))).toEqual([
      yes,
      no,
      no,
    ]);
  });
});

test('SQL and interpreter say the same of everybody, at any instant until next', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(people, { minLength: 1, maxLength: 6 }),
      fc.array(conditions, { minLength: 1, maxLength: 8 }),
      moments,
      async (given, asked, moment) => {
        await insertPeople(database.pool, given);
        await expectAgreement(database.pool, asked, moment);
      },
    ),
    { numRuns: propertyRuns(60) },
  );
});
