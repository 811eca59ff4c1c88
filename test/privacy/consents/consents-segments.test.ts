import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition } from '../../../src/conditions/condition.ts';
import { openListeningPool } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let listening: ReturnType<typeof openListeningPool>;
let node: ConsentsFixture;
let reachable: string;

const byEmail: Condition = { consent: { purpose: 'newsletter', channel: 'EMAIL', status: ['GRANTED'] } };

beforeAll(async () => {
  database = await openTestDatabase();
  listening = openListeningPool(database.url);
  node = await openConsents(listening.pool);
  reachable = (await node.segments.service.create(node.ctx, { name: 'Reachable', definition: byEmail })).id;
  await node.segments.builder.finish();
});

afterAll(async () => {
  await listening.pool.end();
  await database.close();
});

async function isMember(customerId: string): Promise<boolean> {
  const rows = await database.pool`
    select from segment_states where segment_id = ${reachable} and customer_id = ${customerId} and member`;
  return rows.length > 0;
}

async function causesOf(customerId: string): Promise<string[]> {
  const rows = await database.pool<{ cause: string }[]>`
    select cause from segment_log where segment_id = ${reachable} and customer_id = ${customerId} order by at, id`;
  return rows.map(({ cause }) => cause);
}

test('a segment follows touchpoints and decisions in their transaction', async () => {
  const id = await node.says('anna', about('granted'));
  expect(await isMember(id)).toBe(true);
  await node.set(id, { channel: 'EMAIL', status: 'WITHDRAWN' });
  expect(await isMember(id)).toBe(false);
  await node.set(id, { channel: 'SMS', status: 'GRANTED' });
  expect(await isMember(id)).toBe(false);
  await node.set(id, { status: 'GRANTED' });
  expect(await isMember(id)).toBe(true);
  expect(await causesOf(id)).toEqual(['EVENT', 'CONSENT', 'CONSENT']);
});

test('who allows it leaves when they turn out to be one with who does not, and comes back', async () => {
  const [id, other] = [await node.says('berta', about('granted')), await node.says('bert', about('denied'))];
  expect(await isMember(id)).toBe(true);
  const part = await node.merge(id, other);
  expect([await isMember(id), await isMember(other)]).toEqual([false, false]);
  await part();
  expect([await isMember(id), await isMember(other)]).toEqual([true, false]);
});

test('a consent that ends leaves the segment at that instant, and the change feed says so', async () => {
  const end = '2026-11-01T18:00:00.000Z';
  const id = await node.says('carla', about('granted', { expiresAt: end }));
  const ended = () => database.pool`
    select detail ->> 'from' as from, detail ->> 'to' as to, at from changes
    where topic = 'consent.changed' and customer_id = ${id} and detail ->> 'to' = 'EXPIRED'`;
  node.clock.set('2026-11-01T17:59:59.999Z');
  await node.segments.ticker.catchUp();
  expect([await isMember(id), await node.ticker.step(), (await ended()).length]).toEqual([true, 0, 0]);
  node.clock.set(end);
  await node.segments.ticker.catchUp();
  expect([await isMember(id), await node.ticker.step(), await node.ticker.step()]).toEqual([false, 1, 0]);
  expect([...(await ended())]).toEqual([{ from: 'GRANTED', to: 'EXPIRED', at: new Date(end) }]);
  await node.set(id, { status: 'GRANTED', expiresAt: new Date('2026-11-01T19:00:00Z') });
  expect(await isMember(id)).toBe(true);
  node.clock.set('2026-11-01T19:00:00Z');
  expect(await node.ticker.step()).toBe(1);
});

test('a consent that comes in when it has ended is told of once', async () => {
  node.clock.set('2026-11-02T12:00:00Z');
  const id = await node.says('dora', about('granted', { expiresAt: '2026-10-02T00:00:00Z' }));
  expect(await node.ticker.step()).toBe(0);
  const rows = await database.pool<{ to: string }[]>`
    select detail ->> 'to' as to from changes where topic = 'consent.changed' and customer_id = ${id}`;
  expect(rows.map(({ to }) => to)).toEqual(['EXPIRED']);
});

test('ends of somebody who is being changed wait, and those of others do not', async () => {
  const end = { expiresAt: '2026-11-03T00:00:00Z' };
  const [held, free] = [
    await node.says('emil', about('granted', end)),
    await node.says('frida', about('granted', end)),
  ];
  node.clock.set('2026-11-03T12:00:00Z');
  const { promise, resolve } = Promise.withResolvers<void>();
  const { promise: locked, resolve: lock } = Promise.withResolvers<void>();
  const holding = database.pool.begin(async (tx) => {
    await tx`select from customers where id = ${held} for no key update`;
    lock();
    await promise;
  });
  await locked;
  expect([await node.ticker.step(), await node.ticker.step()]).toEqual([1, null]);
  resolve();
  await holding;
  expect(await node.ticker.step()).toBe(1);
  expect(free).not.toBe(held);
});

/** How many statements one batch takes. */
async function statementsOf(count: number, draft: (index: number) => ReturnType<typeof about>): Promise<number> {
  listening.statements.length = 0;
  const drafts = Array.from({ length: count }, (_, index) => touchpoint(draft(index)));
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['STORED']));
  return listening.statements.length;
}

test('many consents take as many statements as one, and a batch without any takes none more', async () => {
  const granted = (name: string) => (index: number) => ({ key: `${name} ${index}`, ...about('granted') });
  await statementsOf(1, granted('warm'));
  const counts = [await statementsOf(1, granted('a')), await statementsOf(30, granted('b'))];
  expect(counts[1]).toBe(counts[0]);
  const without = await statementsOf(5, (index) => ({ key: `b ${index}`, type: 'page.viewed' }));
  expect(listening.statements.filter((text) => /consent|preference/.test(text))).toEqual([]);
  expect(without).toBeLessThan(counts[0]!);
  await statementsOf(5, (index) => ({ key: `new ${index}`, type: 'page.viewed' }));
  const own = /consent_statements|consent_purposes|preference_statements|from customer_consents where customer_id/;
  expect(listening.statements.filter((text) => own.test(text))).toEqual([]);
});
