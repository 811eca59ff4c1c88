import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fromPublicId } from '../../src/kernel/ids.ts';
import type { IngestResult, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld } from '../support/world.ts';

let database: TestDatabase;
let fixture: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool, {
    reactions: [
      async (_tx, { customerIds }) =>
        customerIds.map((id) => ({
          topic: 'customer.changed',
          customerId: id,
          subjectId: id,
          detail: { reasons: ['REACTION'] },
        })),
    ],
  });
});
beforeEach(() => emptyWorld(database.pool));
afterAll(() => database.close());

const email = (value: string) => ({ kind: 'email', value });

/** What one call put on the feed, in order, as `topic customer detail`; ids are given their names. */
async function changesOf(drafts: TouchpointDraft[], names: Record<string, string> = {}) {
  await database.pool`delete from changes`;
  const results = await fixture.ingest.submit(fixture.ctx, drafts);
  const lines = await database.pool<
    { topic: string; customerId: string | null; subjectId: string; detail: Record<string, unknown> | null }[]
  >`
    select topic, customer_id as "customerId", subject_id as "subjectId", detail from changes order by tx, seq`;
  const name = (id: unknown) => names[String(id)] ?? id;
  return {
    results,
    lines: lines.map(({ topic, customerId, detail }) => [
      topic,
      name(customerId),
      detail && (detail.into ?? detail.from ?? detail.reasons)
        ? (detail.reasons ?? name(detail.into ?? detail.from))
        : null,
    ]),
    raw: lines,
  };
}

function customerId(result: IngestResult | undefined): string {
  return fromPublicId('cus', result!.customerId!);
}

test('a new customer is created, its touchpoints are recorded, and nothing else is said of it', async () => {
  const draft = touchpoint({
    source: 'pos',
    key: 'k',
    campaign: 'spring',
    identifiers: [email('a@x.ch')],
    traits: { city: 'Bern' },
  });
  const { results, raw } = await changesOf([draft]);
  const id = customerId(results[0]);
  const touchpointId = fromPublicId('tp', results[0]!.touchpointId!);
  const [record] = await database.pool`select id from records`;
  expect(raw).toEqual([
    { topic: 'customer.created', customerId: id, subjectId: id, detail: null },
    {
      topic: 'touchpoint.recorded',
      customerId: id,
      subjectId: touchpointId,
      detail: {
        recordId: record!.id,
        occurredAt: '2026-10-01T10:00:00.000Z',
        type: 'page.viewed',
        source: 'pos',
        channel: 'POS',
        direction: 'INBOUND',
        campaign: 'spring',
      },
    },
    { topic: 'customer.changed', customerId: id, subjectId: id, detail: { reasons: ['REACTION'] } },
  ]);
});

test('nothing that could tell a person is on the feed', async () => {
  const { raw } = await changesOf([
    touchpoint({
      key: 'secret-key',
      identifiers: [email('secret@x.ch')],
      traits: { name: 'secret' },
      properties: { note: 'secret' },
    }),
  ]);
  expect(JSON.stringify(raw)).not.toContain('secret');
});

test.each<[string, Partial<TouchpointDraft>, string[]]>([
  ['a page', {}, ['TOUCHPOINTS']],
  ['a trait', { traits: { city: 'Basel' } }, ['TOUCHPOINTS', 'TRAITS']],
  ['an order', { type: 'order.completed', value: { amount: '1', currency: 'EUR' } }, ['TOUCHPOINTS', 'ORDERS']],
  ['a new identifier', { identifiers: [email('b@x.ch')] }, ['IDENTITY', 'TOUCHPOINTS']],
])('a known customer is changed once, for these reasons: %s', async (_, change, reasons) => {
  const [known] = await fixture.ingest.submit(fixture.ctx, [touchpoint({ key: 'k', identifiers: [email('a@x.ch')] })]);
  const names = { [customerId(known)]: 'jo' };
  const { lines } = await changesOf([touchpoint({ key: 'k', ...change }), touchpoint({ key: 'k' })], names);
  expect(lines).toEqual([
    ['touchpoint.recorded', 'jo', null],
    ['touchpoint.recorded', 'jo', null],
    ['customer.changed', 'jo', reasons],
    ['customer.changed', 'jo', ['REACTION']],
  ]);
});

test('a merge comes first, names both, and everything after it is about the survivor', async () => {
  const [a, b] = await fixture.ingest.submit(fixture.ctx, [
    touchpoint({ key: 'a', identifiers: [email('a@x.ch')], occurredAt: '2026-09-01T00:00:00Z' }),
    touchpoint({ key: 'b', identifiers: [email('b@x.ch')] }),
  ]);
  const names = { [customerId(a)]: 'first', [customerId(b)]: 'second' };
  const { lines } = await changesOf([touchpoint({ key: 'b', identifiers: [email('a@x.ch')] })], names);
  expect(lines).toEqual([
    ['customer.merged', 'second', 'first'],
    ['touchpoint.recorded', 'first', null],
    ['customer.changed', 'first', ['IDENTITY', 'TOUCHPOINTS']],
    ['customer.changed', 'first', ['REACTION']],
  ]);
});

test('a split names whom it came from', async () => {
  const shared = { kind: 'anonymousId', value: 'tablet' };
  const [a, b] = await fixture.ingest.submit(fixture.ctx, [
    touchpoint({ key: 'a', identifiers: [shared], occurredAt: '2026-09-01T00:00:00Z' }),
    touchpoint({ key: 'b', identifiers: [shared] }),
  ]);
  expect(customerId(a)).toBe(customerId(b));
  await fixture.ingest.submit(fixture.ctx, [touchpoint({ key: 'a', identifiers: [{ kind: 'userId', value: 'ann' }] })]);
  const [record] = await database.pool`select id from records where key = 'b'`;
  const names = { [customerId(a)]: 'ann', [record!.id]: 'bob' };
  const { lines } = await changesOf([touchpoint({ key: 'b', identifiers: [{ kind: 'userId', value: 'bob' }] })], names);
  expect(lines).toEqual(
    [
      ['customer.split', 'bob', 'ann'],
      ['touchpoint.recorded', 'bob', null],
      ['customer.changed', 'ann', ['IDENTITY']],
      ['customer.changed', 'bob', ['IDENTITY', 'TOUCHPOINTS']],
      ['customer.changed', 'ann', ['REACTION']],
      ['customer.changed', 'bob', ['REACTION']],
    ].sort(inFeedOrder(record!.id < customerId(a) ? ['bob', 'ann'] : ['ann', 'bob'])),
  );
});

/** Customers come in order of their ids, which the test doesn't choose. */
function inFeedOrder(customers: string[]) {
  const isReaction = (line: unknown[]) => JSON.stringify(line).includes('REACTION');
  return (a: unknown[], b: unknown[]) => {
    if (a[0] !== 'customer.changed' || b[0] !== 'customer.changed' || isReaction(a) !== isReaction(b)) return 0;
    return customers.indexOf(String(a[1])) - customers.indexOf(String(b[1]));
  };
}

test('a receipt of nobody is recorded without a customer', async () => {
  const { lines } = await changesOf([touchpoint()]);
  expect(lines).toEqual([['touchpoint.recorded', null, null]]);
});

test('a repeat and a conflict are nothing new', async () => {
  const draft = touchpoint({ key: 'k' });
  await fixture.ingest.submit(fixture.ctx, [draft]);
  const { lines } = await changesOf([draft, { ...draft, type: 'other' }]);
  expect(lines).toEqual([]);
});

test('a new record that joins somebody is never spoken of as a customer', async () => {
  const draft = (key: string, day: string) =>
    touchpoint({ key, occurredAt: `2026-10-${day}T10:00:00Z`, identifiers: [email('join@x.ch')] });
  const [first] = (await changesOf([draft('known', '01')])).results;
  const { raw } = await changesOf([draft('joins-later', '02')]);
  expect(new Set(raw.map((line) => line.customerId))).toEqual(new Set([customerId(first)]));
});
