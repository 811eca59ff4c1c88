import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { LifecycleClock } from '../../../src/kpis/lifecycle/lifecycle-clock.service.ts';
import { subscribeToChurnRisk } from '../../../src/kpis/lifecycle/lifecycle-subscription.service.ts';
import { ChurnRiskEvent } from '../../../src/kpis/lifecycle/lifecycle-subscription.type.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { emptyWorld } from '../../support/world.ts';
import { emptyKpis, type KpisFixture, openKpis, useModel } from '../customers/fixture.ts';
import { model } from './lives.ts';

let database: TestDatabase;
let node: KpisFixture;
let ticker: LifecycleClock;

beforeAll(async () => {
  database = await openTestDatabase({ max: 4 });
});
afterAll(() => database.close());

beforeEach(async () => {
  await emptyKpis(database.pool);
  await emptyWorld(database.pool);
  node = await openKpis(database.pool, { timeZone: 'UTC', now: '2026-09-26T00:00:00Z' });
  ticker = new LifecycleClock(node.ctx, { folder: node.folder });
  const { bgNbd, spend, secondOrder } = model;
  await useModel(database.pool, { bgNbd, spend, secondOrder });
});

function order(name: string, day: string, store: string | number | null, draft: Partial<TouchpointDraft> = {}) {
  return touchpoint({
    ...{ type: 'order.completed', value: { amount: '10', currency: 'CHF' }, occurredAt: `2026-${day}T10:00:00Z` },
    ...{ key: name, identifiers: [{ kind: 'email', value: `${name}@example.com` }] },
    ...(store !== null && { properties: { store } }),
    ...draft,
  });
}

async function ingest(...drafts: TouchpointDraft[]): Promise<void> {
  for (const result of await node.ingest.submit(node.ctx, drafts)) expect(result).toMatchObject({ status: 'STORED' });
}

async function customers(): Promise<Record<string, string>> {
  const rows = await database.pool<{ key: string; id: string }[]>`select key, customer_id as id from records`;
  return Object.fromEntries(rows.map(({ key, id }) => [key, id]));
}

/** Until everybody's risk is high. */
async function wait(): Promise<void> {
  node.clock.set('2027-06-01T00:00:00Z');
  await ticker.catchUp();
  node.ctx.feed.wake();
}

test('a store hears of the risks of its customers: those who bought there last', async () => {
  await ingest(
    ...[order('anna', '09-01', 'Bern'), order('anna', '09-10', 'Thun'), order('anna', '09-25', null)],
    ...[order('ben', '09-01', 'Thun'), order('ben', '09-25', 'Bern')],
    // Brought back in Bern, which makes it nobody's store.
    ...[order('cleo', '09-01', 17), order('cleo', '09-20', 17)],
    order('cleo', '09-25', 'Bern', { type: 'order.returned' }),
    ...[order('dan', '09-01', null), order('dan', '09-25', null)],
  );
  await node.ctx.feed.start();
  try {
    const followed = await Promise.all(
      ['Bern', 'Thun', '17', null].map((storeId) => subscribeToChurnRisk(node.ctx, { band: 'HIGH', storeId })),
    );
    await wait();
    const names = Object.fromEntries(Object.entries(await customers()).map(([name, id]) => [id, name]));
    const firsts = await Promise.all(followed.slice(0, 3).map((changes) => changes.next()));
    const events = firsts.map(({ value }) => new ChurnRiskEvent(value!));
    expect(events.map(({ change, storeId, to }) => [names[change.customerId!], storeId, to])).toEqual([
      ['ben', 'Bern', 'HIGH'],
      ['anna', 'Thun', 'HIGH'],
      ['cleo', '17', 'HIGH'],
    ]);
    const everybody: [string | undefined, string | null][] = [];
    for (let n = 0; n < 4; n += 1) {
      const { value } = await followed[3]!.next();
      everybody.push([names[value!.customerId!], new ChurnRiskEvent(value!).storeId]);
    }
    expect(new Map(everybody)).toEqual(
      new Map([
        ['anna', 'Thun'],
        ['ben', 'Bern'],
        ['cleo', '17'],
        ['dan', null],
      ]),
    );
    for (const changes of followed) await changes.return?.();
  } finally {
    await node.ctx.feed.stop();
  }
});

test('it makes no difference in which order purchases became known, nor who was merged and parted', async () => {
  await ingest(order('anna', '09-25', 'Thun'), order('anna', '09-01', 'Bern'));
  await ingest(order('ben', '09-02', 'Biel'), order('ben', '09-24', 'Biel'));
  const { anna, ben } = await customers();
  const homes = async () => {
    const timeline = await node.book.current(database.pool);
    const histories = await node.reader.read(database.pool, [anna!, ben!], { timeline });
    return Object.fromEntries(histories.map(({ customerId, homeStore }) => [customerId, homeStore]));
  };
  const apart = await homes();
  expect(apart).toEqual({ [anna!]: 'Thun', [ben!]: 'Biel' });
  await node.decisions.mergeCustomers(node.ctx, { customerIds: [anna!, ben!], reason: 'test' });
  const { anna: customerId } = (await customers()) as { anna: string };
  expect(await homes()).toEqual({ [customerId]: 'Thun' });
  const [record] = await database.pool<{ id: string }[]>`select id from records where key = 'anna'`;
  await node.decisions.unmergeCustomer(node.ctx, { customerId, recordIds: [record!.id], reason: 'test' });
  const parted = await customers();
  const timeline = await node.book.current(database.pool);
  const now = await node.reader.read(database.pool, [parted.anna!, parted.ben!], { timeline });
  expect(now.map(({ customerId: id, homeStore }) => [id, homeStore]).sort()).toEqual(
    [
      [parted.anna, 'Thun'],
      [parted.ben, 'Biel'],
    ].sort(),
  );
});
