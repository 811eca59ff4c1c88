import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { foldMostRecent } from '../../src/identity/golden-traits.queries.ts';
import type { Survivorship } from '../../src/identity/survivorship.ts';
import { TraitRefolder } from '../../src/identity/trait-refold.service.ts';
import type { Json } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { emptyWorld } from '../support/world.ts';
import { expectGoldenRecords, type GoldenFixture, openGolden } from './golden-record-fixture.ts';

let database: TestDatabase;
/** Two nodes. */
let golden: GoldenFixture;
let other: GoldenFixture;

beforeAll(async () => {
  database = await openTestDatabase({ max: 8 });
  golden = await openGolden(database.pool, 3);
  other = await openGolden(database.pool, 3);
});
beforeEach(async () => {
  await emptyWorld(database.pool);
  await database.pool`delete from trait_refolds`;
});
afterAll(() => database.close());

const people = Array.from({ length: 10 }, (_, index) => `p-${index}`);

function says(source: string, person: string, visits: Json, day = 1) {
  const occurredAt = `2026-10-${String(day).padStart(2, '0')}T10:00:00Z`;
  const identifiers = [{ kind: 'email', value: `${person}@example.com` }];
  return touchpoint({ source, key: person, identifiers, type: 'identify', occurredAt, traits: { visits } });
}

const define = (strategy: Survivorship['strategy']) =>
  golden.define({ name: 'visits', type: 'NUMBER', survivorship: { strategy } });

const visits = () =>
  database.pool<{ value: Json }[]>`select distinct traits -> 'visits' as value from customers where traits ? 'visits'`;

const progress = async () => {
  const [row] = await database.pool<{ examined: number; changed: number; done: boolean; position: string | null }[]>`
    select examined, changed, finished_at is not null as done, position from trait_refolds where name = 'visits'`;
  return row!;
};

async function sendEverybody() {
  await golden.send(...people.flatMap((person) => [says('web', person, 3, 1), says('pos', person, 4, 2)]));
}

describe('a change of strategy', () => {
  test('reaches customers whom no event touches, in chunks, and tells about each that changed', async () => {
    await define('MOST_RECENT');
    await sendEverybody();
    await golden.send(touchpoint({ source: 'app', key: 'without visits' }));
    await define('SUM');
    expect(await visits()).toEqual([{ value: 4 }]);
    await golden.refolder.finish();
    expect(await visits()).toEqual([{ value: 7 }]);
    expect(await progress()).toMatchObject({ examined: 11, changed: 10, done: true });
    await expectGoldenRecords(database.pool);
    const changed = await database.pool`
      select customer_id from changes where topic = 'customer.changed' and detail = '{"reasons": ["TRAITS"]}'`;
    const [customers] = await database.pool<{ ids: string[] }[]>`
      select array_agg(id) as ids from customers where traits ? 'visits'`;
    expect(new Set(changed.map((row) => row.customer_id))).toEqual(new Set(customers!.ids));
  });

  test('taken back restores exactly what was', async () => {
    await define('MOST_RECENT');
    await sendEverybody();
    const traits = () => database.pool`select id, traits from customers order by id`;
    const before = await traits();
    await define('MIN');
    await golden.refolder.finish();
    expect(await visits()).toEqual([{ value: 3 }]);
    await define('MOST_RECENT');
    await golden.refolder.finish();
    expect(await traits()).toEqual(before);
  });

  test('goes on where a process that ended had stopped', async () => {
    await define('MOST_RECENT');
    await sendEverybody();
    await define('SUM');
    while ((await golden.refolder.step()) === 'WAITING');
    const half = await progress();
    expect(half).toMatchObject({ examined: 3, done: false });
    const next = new TraitRefolder(other.ctx, { customersAtOnce: 4 });
    expect(await next.step()).toBe('WORKED');
    expect(await progress()).toMatchObject({ examined: 7, done: false });
    expect((await progress()).position! > half.position!).toBe(true);
    await next.finish();
    expect(await progress()).toMatchObject({ examined: 10, changed: 10, done: true });
  });

  test('starts over for the next change', async () => {
    await define('MOST_RECENT');
    await sendEverybody();
    await define('SUM');
    while ((await golden.refolder.step()) === 'WAITING');
    await define('MIN');
    expect(await progress()).toMatchObject({ examined: 0, position: null, done: false });
    await golden.refolder.finish();
    expect(await visits()).toEqual([{ value: 3 }]);
  });

  test('holds for the next event at once', async () => {
    await define('MOST_RECENT');
    await sendEverybody();
    await define('SUM');
    const id = await golden.send(says('app', people[0]!, 1, 3));
    expect(await golden.golden(id)).toEqual({ visits: 8 });
  });

  test('waits for a transaction that folded before it, whose customers nobody else can see', async () => {
    await define('MOST_RECENT');
    const id = await golden.send(says('web', 'late', 3, 1), says('pos', 'late', 4, 2));
    const folded = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    // As a batch does that creates the customer: nobody can lock it, nobody can see it.
    const [row] = await database.pool`delete from customers where id = ${id} returning *`;
    const batch = database.pool.begin(async (tx) => {
      await tx`insert into customers ${tx({ ...row, traits: {}, revenue: row!.revenue })}`;
      await foldMostRecent(tx, [id]);
      folded.resolve();
      await released.promise;
    });
    await folded.promise;
    await define('SUM');
    for (let look = 0; look < 5; look += 1) expect(await golden.refolder.step()).toBe('WAITING');
    released.resolve();
    await batch;
    expect(await golden.golden(id)).toEqual({ visits: 4 });
    await golden.refolder.finish();
    expect(await golden.golden(id)).toEqual({ visits: 7 });
  });
});

const strategy = fc.constantFrom<Survivorship['strategy']>(
  'MOST_RECENT',
  'OLDEST',
  'SUM',
  'MIN',
  'MAX',
  'MOST_FREQUENT',
);
const event = fc.record({
  source: fc.constantFrom('web', 'pos', 'crm', 'app'),
  person: fc.constantFrom(...people),
  visits: fc.constantFrom<Json>(1, 2, 5, null, 'x'),
  day: fc.integer({ min: 1, max: 20 }),
});

test('whatever two nodes ingest and fold while strategies change, nobody is left with an old one', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(event, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 6 }),
      fc.array(strategy, { minLength: 1, maxLength: 3 }),
      async (batches, changes) => {
        await emptyWorld(database.pool);
        const ingested = batches.map((batch, index) => {
          const drafts = batch.map((one) => says(one.source, one.person, one.visits, one.day));
          return (index % 2 === 0 ? golden : other).send(...drafts);
        });
        const changed = (async () => {
          for (const next of changes) await define(next);
        })();
        const folding = [golden, other].map(({ refolder }) => refolder.finish());
        await Promise.all([...ingested, changed, ...folding]);
        await golden.refolder.finish();
        await expectGoldenRecords(database.pool);
      },
    ),
    { numRuns: propertyRuns(25) },
  );
});
