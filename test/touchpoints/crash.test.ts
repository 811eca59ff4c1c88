import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { CrashableServer } from '../support/crashable-server.ts';
import { touchpoint } from '../support/ingest.ts';

let server: CrashableServer;

beforeEach(async () => {
  server = await CrashableServer.make();
  await server.start();
}, 90_000);
afterEach(() => server.remove(), 60_000);

/** Clients that send orders of a few people without end, each call until it is acknowledged. */
class Clients {
  /** Message id → cents, of all events that were acknowledged as stored (or as stored before). */
  readonly acknowledged = new Map<string, number>();
  /** Statuses of acknowledgements. */
  readonly statuses = new Set<string>();
  #sent = 0;
  #calls = 0;
  #callbacks: { at: number; done: () => void }[] = [];
  #up = Promise.withResolvers<void>();
  #isStopping = false;
  readonly #loops: Promise<void>[];

  constructor(count: number) {
    this.#up.resolve();
    this.#loops = Array.from({ length: count }, () => this.#send());
  }

  /** Resolves at the acknowledgement of so many more calls, while others are under way. */
  acknowledgements(calls: number): Promise<void> {
    return new Promise((done) => this.#callbacks.push({ at: this.#calls + calls, done }));
  }

  /** Failed calls wait until the server is said to be up again. */
  serverIsDown(): void {
    this.#up = Promise.withResolvers();
  }

  serverIsUp(): void {
    this.#up.resolve();
  }

  /** Resolves when every event that was sent is acknowledged. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#loops);
  }

  async #send(): Promise<void> {
    while (!this.#isStopping) {
      const events = Array.from({ length: 20 }, () => this.#event());
      let statuses: Map<string, string> | undefined;
      while (!statuses) {
        await this.#up.promise;
        statuses = await server.submit(events).catch(() => undefined);
      }
      for (const event of events) this.acknowledged.set(event.messageId, Number(event.value!.amount) * 100);
      for (const status of statuses.values()) this.statuses.add(status);
      this.#calls += 1;
      for (const { at, done } of this.#callbacks) if (at <= this.#calls) done();
    }
  }

  #event(): TouchpointDraft {
    this.#sent += 1;
    return touchpoint({
      messageId: `order-${this.#sent}`,
      source: this.#sent % 2 ? 'web' : 'pos',
      identifiers: [
        { kind: 'email', value: `p${this.#sent % 40}@example.com` },
        { kind: 'deviceId', value: `d${this.#sent % 60}` },
      ],
      type: 'order.completed',
      value: { amount: String(1 + (this.#sent % 97)), currency: 'EUR' },
      properties: { note: 'x'.repeat(200) },
    });
  }
}

async function storedMessages(): Promise<string[]> {
  const rows = await server.inDatabase((pool) => pool<{ id: string }[]>`select message_id as id from touchpoints`);
  return rows.map((row) => row.id);
}

/** Acknowledged events that are not there. */
async function lost(clients: Clients): Promise<string[]> {
  const acknowledged = [...clients.acknowledged.keys()];
  const stored = new Set(await storedMessages());
  return acknowledged.filter((id) => !stored.has(id));
}

test('whatever is killed, and whenever: what was acknowledged is stored exactly once, and every sum agrees', async () => {
  const clients = new Clients(4);
  const kills = [
    () => server.kill(),
    () => server.killWithDatabase(),
    () => server.kill(),
    () => server.killWithDatabase(),
  ];
  for (const [round, kill] of kills.entries()) {
    await clients.acknowledgements(3 + ((round * 17) % 23));
    // Not only at the moment of an answer: somewhere within the next batch.
    await wait((7 + round * 13) % 29);
    clients.serverIsDown();
    await kill();
    await server.start();
    expect(await lost(clients)).toEqual([]);
    clients.serverIsUp();
  }
  await clients.acknowledgements(5);
  await clients.finish();
  expect([...clients.statuses.difference(new Set(['DUPLICATE', 'STORED']))]).toEqual([]);
  const events = clients.acknowledged.size;
  expect((await storedMessages()).sort()).toEqual([...clients.acknowledged.keys()].sort());
  const cents = [...clients.acknowledged.values()].reduce((sum, amount) => sum + amount, 0);
  const [sums] = await server.inDatabase(
    (pool) => pool`
      select (select count(*)::int from receipts) as receipts,
             (select count(distinct subject_id)::int from changes where topic = 'touchpoint.recorded') as told,
             (select count(*)::int from changes where topic = 'touchpoint.recorded') as lines,
             (select sum(touchpoints)::int from records) as "ofRecords",
             (select sum(touchpoints)::int from customers) as "ofCustomers",
             (select sum(gross)::int from record_revenue) as gross,
             (select sum((revenue -> 'EUR' ->> 'gross')::int)::int from customers) as "customersGross",
             (select sum(orders)::int from customers) as orders`,
  );
  expect(sums).toEqual({
    receipts: events,
    told: events,
    lines: events,
    ofRecords: events,
    ofCustomers: events,
    gross: cents,
    customersGross: cents,
    orders: events,
  });
}, 180_000);

test('the same clients do find a loss where commits are not waited for', async () => {
  await server.inDatabase(async (pool) => {
    // Overrides what the server's command line says, for new connections; and nothing is written in the background.
    await pool`alter database ${pool(String(pool.options.database))} set synchronous_commit = off`;
    await pool`alter system set wal_writer_delay = '10s'`;
    await pool`alter system set wal_writer_flush_after = '1GB'`;
  });
  await server.kill();
  await server.start();
  const clients = new Clients(4);
  await clients.acknowledgements(20);
  clients.serverIsDown();
  await server.killWithDatabase();
  await server.start();
  expect((await lost(clients)).length).toBeGreaterThan(0);
  clients.serverIsUp();
  await clients.finish();
}, 120_000);
