import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startOf } from '../../src/demo/bulk.queries.ts';
import { startsOf, writeBulk } from '../../src/demo/bulk.ts';
import { draftOf, makeLife, patternCount } from '../../src/demo/bulk-pattern.ts';
import { defaultRules } from '../../src/identity/rules.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { recordFacts } from '../../src/kpis/facts/record-facts.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest } from '../support/ingest.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

const now = new Date('2026-11-01T12:00:00Z');
const lives = Array.from({ length: patternCount }, (_, life) => makeLife(life));
const starts = startsOf(now, lives.flat());

let database: TestDatabase;
let node: IngestFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openIngest(database.pool, { clock: { now: () => now }, reactions: [recordFacts(randomIds)] });
});

beforeEach(emptyFacts);

afterAll(() => database.close());

function draftsOf(n: number): TouchpointDraft[] {
  return lives[n % patternCount]!.map((pattern) => draftOf(pattern, n, startOf(n, starts)));
}

function write(first: number, end: number, chunkSize = 50) {
  return writeBulk(database.pool, { first, end, now, chunkSize, rules: defaultRules, defaultRegion: 'CH' });
}

async function ingest(drafts: TouchpointDraft[]) {
  const results = [];
  for (let at = 0; at < drafts.length; at += 1000) {
    results.push(...(await node.ingest.submit(node.ctx, drafts.slice(at, at + 1000))));
  }
  return results;
}

/** The world, the receipts, whose fingerprints must be equal too, and what KPIs keep of touchpoints. */
async function everything() {
  const receipts = await database.pool`select * from receipts order by id`;
  const purchases = await database.pool`select * from purchases order by record_id, occurred_at, id`;
  const signals = await database.pool`select * from signals order by record_id, occurred_at, id, kind`;
  const cells = await database.pool`
    select hour, type, channel, source, campaign, currency, sum(touchpoints) as touchpoints, sum(orders) as orders,
           sum(value_minor) as value, sum(costed_minor) as costed, sum(cost_minor) as cost, sum(items) as items
    from metric_cell_changes group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`;
  return { ...(await readWorld(database.pool)), receipts, purchases, signals, cells };
}

async function emptyFacts(): Promise<void> {
  await emptyWorld(database.pool);
  for (const table of ['purchases', 'signals', 'metric_cell_changes']) {
    await database.pool`delete from ${database.pool(table)}`;
  }
}

const people = Array.from({ length: 130 }, (_, index) => 7 + index);

describe('writing people set-based', () => {
  it('writes what ingesting their touchpoints one by one would have written', async () => {
    const results = await ingest(people.flatMap(draftsOf));
    expect(results.filter((result) => result.status !== 'STORED')).toEqual([]);
    const ingested = await everything();
    await emptyFacts();
    await write(7, 137);
    expect(await everything()).toEqual(ingested);
    expect(ingested.purchases.length).toBeGreaterThan(people.length);
    expect(ingested.signals.length).toBeGreaterThan(5);
    expect(ingested.customers).toHaveLength(people.length);
    expect(ingested.touchpoints.length).toBeGreaterThan(9 * people.length);
  });

  it('is recognised when the same touchpoints come again by the API', async () => {
    await write(7, 20);
    const results = await ingest([7, 13, 19].flatMap(draftsOf));
    expect(new Set(results.map((result) => result.status))).toEqual(new Set(['DUPLICATE']));
  });

  it('leaves customers that later touchpoints continue', async () => {
    await write(7, 20);
    const [first] = await ingest(draftsOf(9).slice(0, 1));
    const [later] = await ingest([
      {
        messageId: 'later',
        source: 'app',
        type: 'session.started',
        occurredAt: now.toISOString(),
        identifiers: [{ kind: 'userId', value: 'bulk-u-9' }],
      },
    ]);
    expect(later).toMatchObject({ status: 'STORED', customerId: first!.customerId });
    const [row] = await database.pool`select count(*)::int as customers from customers`;
    expect(row!.customers).toBe(13);
  });

  it('has the KPIs of everybody swept when all are there', async () => {
    const revision = async () => {
      const [row] = await database.pool<
        { revision: number }[]
      >`select revision from kpi_sweeps where name = 'timeline'`;
      return row!.revision;
    };
    const before = await revision();
    await write(7, 20, 5);
    expect(await revision()).toBe(before + 1);
  });

  it('tells in the transaction of each chunk how far it has come', async () => {
    const seen: number[] = [];
    const stopping = new AbortController();
    await writeBulk(database.pool, {
      first: 0,
      end: 100,
      now,
      chunkSize: 30,
      rules: defaultRules,
      defaultRegion: 'CH',
      signal: stopping.signal,
      onChunk: async (tx, written) => {
        const [row] = await tx`select count(*)::int as customers from customers`;
        seen.push(written.end, row!.customers);
        if (written.end === 60) stopping.abort();
      },
    });
    expect(seen).toEqual([30, 30, 60, 60]);
  });
});
