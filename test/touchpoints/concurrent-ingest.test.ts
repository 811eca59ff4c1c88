import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

/** Two nodes: each with a pool and an ingest service of its own, on one database. */
describe('two nodes that ingest at the same time', () => {
  let database: TestDatabase;
  let pools: Pool[];
  let nodes: IngestFixture[];
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => warnings.push(line) });

  beforeAll(async () => {
    database = await openTestDatabase();
    pools = [createPool(database.url, { max: 4 }), createPool(database.url, { max: 4 })];
    nodes = await Promise.all(pools.map((pool) => openIngest(pool, { concurrency: 2, log })));
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await database.close();
  });

  async function submit(node: IngestFixture, drafts: TouchpointDraft[]) {
    const results = await node.ingest.submit(node.ctx, drafts);
    return results.map((result) => result.status);
  }

  test('give one customer for a new person whom both meet first, 200 times', async () => {
    for (let round = 0; round < 200; round += 1) {
      const identifiers = [{ kind: 'email', value: `person${round}@example.com` }];
      const meetings = [
        touchpoint({
          source: 'web',
          identifiers: [...identifiers, { kind: 'anonymousId', value: `browser-${round}` }],
        }),
        touchpoint({ source: 'pos', key: `card-${round}`, identifiers }),
      ];
      const statuses = await Promise.all(meetings.map((meeting, index) => submit(nodes[index]!, [meeting])));
      expect(statuses).toEqual([['STORED'], ['STORED']]);
      const customers = await database.pool`
        select distinct r.customer_id from claims c join identifiers i on i.id = c.identifier_id
        join records r on r.id = c.record_id
        where i.value = ${`person${round}@example.com`}`;
      expect(customers).toHaveLength(1);
    }
    const [count] = await database.pool`select count(*)::int as customers from customers`;
    expect(count!.customers).toBe(200);
  }, 60_000);

  test('store a message that both receive once, and call the other a duplicate', async () => {
    for (let round = 0; round < 50; round += 1) {
      const message = touchpoint({ identifiers: [{ kind: 'userId', value: `twice-${round}` }] });
      const statuses = await Promise.all(nodes.map((node) => submit(node, [message])));
      expect(statuses.flat().sort()).toEqual(['DUPLICATE', 'STORED']);
    }
  });

  test('end as one node alone would, whatever they join and whoever comes first', async () => {
    for (let round = 0; round < 25; round += 1) {
      const history = tangledHistory(round);
      await emptyWorld(database.pool);
      await submit(nodes[0]!, history);
      const alone = await readWorld(database.pool);
      await emptyWorld(database.pool);
      const calls = chunk(shuffle(history, round), 3);
      const statuses = await Promise.all(calls.map((call, index) => submit(nodes[index % 2]!, call)));
      expect(new Set(statuses.flat())).toEqual(new Set(['STORED']));
      expect(await readWorld(database.pool)).toEqual(alone);
    }
  }, 60_000);

  test('never wait for each other in a circle: the order of locks leaves nothing to retry', () => {
    expect(warnings).toEqual([]);
  });
});

/** People whose records hang together by shared values, with traits and orders. Another one for each seed. */
function tangledHistory(seed: number): TouchpointDraft[] {
  return Array.from({ length: 24 }, (_, index) => {
    const person = (index * 7 + seed) % 5;
    return touchpoint({
      source: ['web', 'pos', 'crm'][index % 3]!,
      key: index % 4 === 0 ? `k${person}` : null,
      identifiers: [
        { kind: 'email', value: `p${person}@example.com` },
        { kind: 'anonymousId', value: `a${(index + seed) % 6}` },
        ...(index % 5 === 0 ? [{ kind: 'userId', value: `u${person}` }] : []),
      ],
      type: 'order.completed',
      value: { amount: '10.00', currency: 'EUR' },
      traits: { city: `c${index}` },
      occurredAt: new Date(Date.UTC(2026, 8, 1, (index * 5 + seed) % 17)).toISOString(),
    });
  });
}

function shuffle<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, index) => ({ item, rank: (index * 7919 + seed * 104_729) % 101 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
