import { afterAll, beforeAll, expect, test } from 'vitest';
import { appendChanges } from '../../../src/kernel/changes.queries.ts';
import { type MetricsFixture, openMetrics } from './fixture.ts';

let metrics: MetricsFixture;

const year = { from: '2026-01-01', to: '2027-01-01', timezone: 'UTC' } as const;
const all = { measures: ['LOSSES', 'WIN_BACKS', 'WIN_BACK_RATE'] };

/** A life as it is told: `03-01 LOST EXIT`, after NEW on 1 January. */
async function live(name: string, ...moves: string[]): Promise<void> {
  const email = { kind: 'email', value: `${name}@example.com` };
  await metrics.tell({ key: name, type: 'page.viewed', occurredAt: '2026-01-01T00:00:00Z', identifiers: [email] });
  const [row] = await metrics.pool<{ id: string }[]>`select customer_id as id from records where key = ${name}`;
  const transitions = ['01-01 NEW ORDER', ...moves].map((move) => move.split(' '));
  for (const [ordinal, [day, stage, cause]] of transitions.entries()) {
    await metrics.pool`
      insert into lifecycle_transitions (customer_id, ordinal, at, from_stage, to_stage, cause, evidence, settings_version)
      values (${row!.id}, ${ordinal}, ${`2026-${day}T12:00:00Z`}, ${transitions[ordinal - 1]?.[1] ?? null}, ${stage!}, ${cause!}, '{}', 0)`;
  }
}

beforeAll(async () => {
  metrics = await openMetrics();
  await live('anna', '03-01 LOST EXIT', '05-01 WON_BACK ORDER');
  // Lost twice, and back once.
  await live('ben', '03-02 LOST EXIT', '03-20 WON_BACK ORDER', '06-01 LOST CONTRACT_ENDED');
  await live('cleo', '03-03 LOST PROBABILITY_ALIVE');
  // Everything came back: a prospect again, who was not won back, whatever they buy then.
  await live('dan', '03-04 LOST EXIT', '04-01 PROSPECT RETURN', '04-02 NEW ORDER');
  await live('eve');
});
afterAll(() => metrics.close());

test('a loss that has ended in a win-back counts where it began, the comeback where it was', async () => {
  expect((await metrics.ask({ ...all, time: year })).rows).toEqual([[5, 2, '0.4']]);
  const byMonth = await metrics.ask({ ...all, time: { ...year, to: '2026-07-01', grain: 'MONTH', fill: true } });
  expect(byMonth.rows.map(([, ...numbers]) => numbers)).toEqual([
    [0, 0, null],
    [0, 0, null],
    [4, 1, '0.5'],
    [0, 0, null],
    [0, 1, null],
    [1, 0, '0'],
  ]);
});

test('what it was made of can be shown, and few observations are flagged', async () => {
  const table = await metrics.ask({ measures: ['WIN_BACK_RATE'], time: year, parts: true });
  expect(table.rows).toEqual([['0.4', '2', '5', 5]]);
  expect(table.warnings.map(({ code }) => code)).toEqual(['FEW_OBSERVATIONS']);
});

test('by why they were lost, and by what customers are', async () => {
  expect((await metrics.ask({ ...all, dimensions: ['LOSS_CAUSE'], time: year })).rows).toEqual([
    ['CONTRACT_ENDED', 1, 0, '0'],
    ['EXIT', 3, 2, '0.6666666667'],
    ['PROBABILITY_ALIVE', 1, 0, '0'],
  ]);
  const filter = [{ dimension: 'IDENTIFIED', operator: 'IN', values: ['true'] }] as const;
  expect((await metrics.ask({ ...all, filter, time: year })).rows).toEqual([[5, 2, '0.4']]);
  await expect(metrics.ask({ measures: ['LOSSES'], dimensions: ['CHANNEL'] })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});

test('is about customers: numbers about fewer than five of them are left out', async () => {
  const scopes = ['metrics:read'];
  // Four customers were lost, one of them twice.
  expect((await metrics.ask({ ...all, time: year }, scopes)).rows).toEqual([[null, null, null]]);
  await live('finn', '03-09 LOST EXIT');
  // Two of them came back, which is still too few.
  expect((await metrics.ask({ ...all, time: year }, scopes)).rows).toEqual([[6, null, '0.3333333333']]);
});

test('an answer that is kept is forgotten when a stage moves', async () => {
  const query = { measures: ['LOSSES'], time: year };
  const [[before]] = (await metrics.ask(query)).rows as [[number]];
  expect((await metrics.ask(query)).cache.hit).toBe(true);
  const [row] = await metrics.pool<{ id: string }[]>`select customer_id as id from records where key = 'eve'`;
  await metrics.pool`
    insert into lifecycle_transitions (customer_id, ordinal, at, from_stage, to_stage, cause, evidence, settings_version)
    values (${row!.id}, 1, '2026-09-09T00:00:00Z', 'NEW', 'LOST', 'EXIT', '{}', 0)`;
  await metrics.pool.begin((tx) =>
    appendChanges(tx, metrics.clock.now(), [
      { topic: 'lifecycle.changed', customerId: row!.id, subjectId: row!.id, detail: null },
    ]),
  );
  const after = await metrics.ask(query);
  expect([after.cache.hit, after.rows]).toEqual([false, [[before + 1]]]);
});
