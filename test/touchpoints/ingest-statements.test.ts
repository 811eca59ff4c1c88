import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openListeningPool } from '../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let fixture: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  // One lane: the statements of one batch are counted.
  fixture = await openIngest(listening.pool, { concurrency: 1 });
  // The month's partition, and the types that a new connection looks up.
  await submit([touchpoint()]);
});
beforeEach(() => {
  listening.statements.length = 0;
});
afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

async function submit(drafts: TouchpointDraft[]) {
  const results = await fixture.ingest.submit(fixture.ctx, drafts);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['STORED']));
}

let people = 0;

/** Somebody's order with a trait, by key and e-mail. */
function order(person: number, draft: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({
    source: 'web',
    key: `person-${person}`,
    identifiers: [{ kind: 'email', value: `person-${person}@example.com` }],
    type: 'order.completed',
    value: { amount: '9.90', currency: 'EUR' },
    traits: { city: 'Bern', [`t${person}`]: 1 },
    ...draft,
  });
}

function newPeople(count: number): number[] {
  people += count;
  return Array.from({ length: count }, (_, index) => people - index);
}

/** How many statements one call of so many events takes. `prepare` brings about what the events meet. */
async function statementsFor(
  count: number,
  prepare: (person: number) => TouchpointDraft[],
  event: (person: number) => TouchpointDraft,
) {
  const numbers = newPeople(count);
  const before = numbers.flatMap(prepare);
  for (let from = 0; from < before.length; from += 1000) await submit(before.slice(from, from + 1000));
  listening.statements.length = 0;
  await submit(numbers.map(event));
  return listening.statements.length;
}

test.each<[string, (person: number) => TouchpointDraft[], (person: number) => TouchpointDraft, number]>([
  ['people whom nobody knew', () => [], (person) => order(person), 19],
  [
    'receipts of nobody',
    () => [],
    () => touchpoint({ type: 'order.completed', value: { amount: '1.00', currency: 'EUR' } }),
    11,
  ],
  ['known people', (person) => [order(person)], (person) => order(person, { occurredAt: '2026-10-01T11:00:00Z' }), 18],
  [
    'known people with an earlier event',
    (person) => [order(person)],
    (person) => order(person, { occurredAt: '2026-10-01T09:00:00Z' }),
    24,
  ],
  [
    'records that join known people',
    (person) => [order(person)],
    (person) => order(person, { source: 'pos', key: `card-${person}`, occurredAt: '2026-10-01T11:00:00Z' }),
    28,
  ],
  [
    'people who merge',
    (person) => [
      order(person),
      order(person, {
        source: 'pos',
        occurredAt: '2026-10-01T11:00:00Z',
        identifiers: [{ kind: 'phone', value: `+4179${1_000_000 + person}` }],
      }),
    ],
    (person) => order(person, { identifiers: [{ kind: 'phone', value: `+4179${1_000_000 + person}` }] }),
    31,
  ],
])('%s: as many statements for 1, 10 and 500 events', async (_, prepare, event, most) => {
  const counts = [];
  for (const count of [1, 10, 500]) counts.push(await statementsFor(count, prepare, event));
  expect(counts).toEqual([counts[0], counts[0], counts[0]]);
  expect(counts[0]).toBeLessThanOrEqual(most);
});

test('repeats: as many statements for 1 and 500, and nothing but a look at the receipts', async () => {
  const drafts = newPeople(500).map((person) => order(person));
  await submit(drafts);
  listening.statements.length = 0;
  for (const count of [1, 500]) {
    await fixture.ingest.submit(fixture.ctx, drafts.slice(0, count));
    expect(listening.statements.splice(0).map((text) => text.trim().split(/\s+/).slice(0, 3).join(' '))).toEqual([
      'begin',
      "select set_config('enable_seqscan', 'off',",
      'select pg_advisory_xact_lock_shared($1)',
      'select coalesce(max(version), 0)',
      'insert into receipts',
      'select receipts.id, receipts.fingerprint,',
      'commit',
    ]);
  }
});
