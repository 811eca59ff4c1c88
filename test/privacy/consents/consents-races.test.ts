import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { verifyConsents } from '../../../src/privacy/consents/consent-verifier.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { openGate, untilWaiting } from '../../support/locks.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openConsents(database.pool);
});

afterEach(async () => {
  expect((await verifyConsents(database.pool)).differences).toEqual([]);
});

afterAll(() => database.close());

test('a decision that meets a touchpoint under way sees it, and goes before it', async () => {
  const id = await node.says('anna', about('granted'));
  const gate = openGate();
  const other = await openConsents(database.pool, { reactions: [gate.reaction] });
  const under = other.says('anna', about('granted', { at: '2026-11-01T13:00:00Z' }));
  await gate.reached;
  const decided = node.set(id, { status: 'WITHDRAWN' });
  await untilWaiting(database.pool, 1);
  gate.open();
  await Promise.all([under, decided]);
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN']);
});

test('a decision about somebody who is being merged is one about the survivor, on all records', async () => {
  const [one, other] = [
    await node.says('berta', { ...about('granted'), identifiers: [] }),
    await node.says('bertha', { ...about('denied'), identifiers: [] }),
  ];
  const email = { kind: 'email', value: 'berta@example.com' };
  await node.says('berta', { identifiers: [email] });
  const gate = openGate();
  const merging = await openConsents(database.pool, { reactions: [gate.reaction] });
  const merged = merging.says('bertha', { identifiers: [email] });
  await gate.reached;
  const decided = Promise.all([node.set(one, { purpose: 'ads' }), node.set(other, { purpose: 'profiling' })]);
  await untilWaiting(database.pool, 2);
  gate.open();
  const owner = await merged;
  await decided;
  expect(await node.kept(owner)).toEqual(['ads  GRANTED', 'newsletter  DENIED!', 'profiling  GRANTED']);
  const [row] = await database.pool<{ least: number }[]>`
    select min(records)::int as least from (
      select count(*) as records from consent_statements where purpose in ('ads', 'profiling') and id in (
        select s.id from consent_statements s join records r on r.id = s.record_id where r.customer_id = ${owner})
      group by id) as decisions`;
  expect(row!.least).toBe(2);
});

test('the same decision sent twice at once is made once', async () => {
  const id = await node.says('carl', {});
  const [first, second] = [node, await openConsents(database.pool)];
  const input = { customerId: id, purpose: 'newsletter', status: 'GRANTED', idempotencyKey: 'twice' } as const;
  const [a, b] = await Promise.all([
    first.consents.setConsent(first.ctx, input),
    second.consents.setConsent(second.ctx, input),
  ]);
  expect(a).toEqual(b);
  const rows = await database.pool`select from consent_statements where record_id = ${id}`;
  expect(rows.length).toBe(1);
});

test('two nodes that bring in the same new purposes deadlock with nobody', async () => {
  const other = await openConsents(database.pool);
  for (let round = 0; round < 10; round += 1) {
    const purposes = ['a', 'b', 'c'].map((name) => `${name} ${round}`);
    const send = (by: ConsentsFixture, names: readonly string[], key: string) =>
      by.ingest.submit(
        by.ctx,
        names.map((purpose) => touchpoint({ key: `${key} ${round}`, ...about('granted', { purpose }) })),
      );
    const results = await Promise.all([
      send(node, purposes, 'one'),
      send(other, purposes.toReversed(), 'two'),
      send(node, purposes.toReversed(), 'three'),
    ]);
    expect(results.flat().filter(({ status }) => status !== 'STORED')).toEqual([]);
  }
});
