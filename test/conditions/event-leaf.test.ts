import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, EventCondition } from '../../src/conditions/condition.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { expectAgreement } from './fixture.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
  const { ingest, ctx } = await openIngest(database.pool);
  const visit = (person: string, occurredAt: string, type = 'page.viewed') =>
    touchpoint({ type, occurredAt, identifiers: [{ kind: 'userId', value: person }] });
  await ingest.submit(ctx, [
    visit('often', '2026-10-05T10:00:00Z'),
    visit('often', '2026-10-20T10:00:00Z'),
    visit('often', '2026-10-30T10:00:00Z'),
    visit('often', '2026-11-01T11:59:00Z'),
    visit('once', '2026-09-30T23:30:00Z'),
    visit('future', '2026-11-02T10:00:00Z'),
    visit('never', '2026-10-20T10:00:00Z', 'identify'),
  ]);
});

afterAll(() => database.close());

const moment = { now: new Date('2026-11-01T12:00:00Z'), timeZone: 'Europe/Zurich' };
const visits = (count: EventCondition['count'], window: EventCondition['window']): Condition => ({
  event: { match: { types: ['page.viewed'] }, count, window },
});
const atLeast = (value: string) => ({ comparison: 'AT_LEAST', value }) as const;

describe('so many events in a window', () => {
  test('agree in every window, comparison and way of evaluation', async () => {
    const windows: EventCondition['window'][] = [
      { ever: true },
      { last: { count: 30, unit: 'DAY' } },
      { last: { count: 2, unit: 'HOUR' } },
      { between: { from: { count: 30, unit: 'DAY' }, to: { count: 10, unit: 'DAY' } } },
      { lastCalendar: { count: 1, unit: 'MONTH' } },
      { lastCalendar: { count: 3, unit: 'DAY' } },
      { period: { unit: 'MONTH', ago: 0 } },
      { period: { unit: 'MONTH', ago: 1 } },
      { period: { unit: 'QUARTER', ago: 0 } },
      { absolute: { from: '2026-10-01T00:00:00Z', to: '2026-12-01T00:00:00Z' } },
      { absolute: { to: '2026-10-21T00:00:00Z' } },
    ];
    const counts = [
      atLeast('1'),
      atLeast('3'),
      { comparison: 'LESS', value: '1' },
      { comparison: 'EQUALS', value: '2' },
      { comparison: 'NOT_EQUALS', value: '1' },
      { comparison: 'BETWEEN', value: '2', to: '3' },
    ] as const;
    const conditions = windows.flatMap((window) => counts.map((count) => visits(count, window)));
    await expectAgreement(database.pool, conditions, moment);
    const tree: Condition[] = [
      { all: [conditions[0]!, conditions[7]!, { not: conditions[13]! }] },
      { any: [conditions[8]!, { all: [conditions[20]!, { everyone: true }] }] },
      { not: { any: [conditions[30]!, conditions[31]!] } },
    ];
    await expectAgreement(database.pool, tree, moment);
  });

  test('a customer leaves "3 in 30 days" when the third newest is 30 days old', async () => {
    const each = await expectAgreement(
      database.pool,
      [visits(atLeast('3'), { last: { count: 30, unit: 'DAY' } })],
      moment,
    );
    const [often] = [...each.values()].filter(({ verdicts }) => verdicts[0]);
    expect(often!.nexts).toEqual([new Date('2026-11-19T10:00:00Z')]);
  });
});
