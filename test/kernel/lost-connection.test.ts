import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool, Tx } from '../../src/kernel/database.ts';
import { failureKind } from '../../src/touchpoints/ingest-failure.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';

// A loss that postgres.js doesn't survive is an uncaught exception: it fails this file, whatever the tests say.

const size = 4;
let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await openTestDatabase();
  await database.pool`create table marks (note text not null)`;
});
beforeEach(() => {
  pool = createPool(database.url, { max: size, applicationName: 'lost-connection' });
});
afterAll(() => database.close());

/** Ends every connection of the pool, as a database does that goes down; returns when all are gone. */
async function loseConnections(): Promise<void> {
  await database.pool`
    select pg_terminate_backend(pid, 3000) from pg_stat_activity where application_name = 'lost-connection'`;
}

/** The moment at which a transaction loses its connection. */
type Loss = (tx: Tx, lose: () => Promise<void>) => Promise<unknown>;

const betweenStatements: Loss = async (tx, lose) => {
  await lose();
  return tx`insert into marks values ('between')`;
};
const duringAStatement: Loss = (tx, lose) => {
  void lose();
  return tx`select pg_sleep(5)`;
};
const beforeTheCommit: Loss = (_tx, lose) => lose();
const whileItIgnoresErrors: Loss = async (tx, lose) => {
  await Promise.allSettled([tx`select pg_sleep(5)`, lose()]);
  for (const note of ['ignored', 'again']) await tx`insert into marks values (${note})`.catch(() => {});
};
const afterThePoolIsBack: Loss = async (tx, lose) => {
  await lose();
  await expect.poll(() => connections(), { timeout: 5000 }).toBe(size);
  return tx`insert into marks values ('stray')`;
};
const afterAFailure: Loss = async (tx, lose) => {
  await tx`select 1 / 0`.catch(() => {});
  return lose();
};
const inASavepoint: Loss = (tx, lose) =>
  tx.savepoint(async (inner) => {
    await lose();
    await inner`insert into marks values ('savepoint')`;
  });

/** Runs a transaction on every connection, loses all connections at once, and answers what became of each. */
async function loseDuring(losses: readonly Loss[]): Promise<unknown[]> {
  const arrived = losses.map(() => Promise.withResolvers<void>());
  const lost = Promise.all(arrived.map(({ promise }) => promise)).then(loseConnections);
  const outcomes = losses.map((loss, index) =>
    pool
      .begin(async (tx) => {
        await tx`insert into marks values ('before')`;
        await loss(tx, () => {
          arrived[index]!.resolve();
          return lost;
        });
      })
      .then(
        () => 'committed',
        (error: unknown) => error,
      ),
  );
  return Promise.all(outcomes);
}

/** Distinct connections that serve statements at the same time. */
async function connections(): Promise<number> {
  const statement = () => pool<{ pid: number }[]>`select pg_backend_pid() as pid, pg_sleep(0.05)`;
  const served = await Promise.allSettled(Array.from({ length: size }, statement));
  return new Set(served.map((result) => (result.status === 'fulfilled' ? result.value[0]!.pid : undefined))).size;
}

async function sleeping(): Promise<number> {
  const [row] = await database.pool<{ count: number }[]>`
    select count(*)::int from pg_stat_activity where application_name = 'lost-connection' and wait_event = 'PgSleep'`;
  return row!.count;
}

async function expectSoundPool(): Promise<void> {
  await expect.poll(connections, { timeout: 5000 }).toBe(size);
  expect(await pool.begin((tx) => tx`select 1 as one`)).toEqual([{ one: 1 }]);
  expect(await database.pool`select note from marks`).toEqual([]);
}

describe('a transaction whose connection is lost', () => {
  test.each(
    Object.entries({
      betweenStatements,
      duringAStatement,
      beforeTheCommit,
      whileItIgnoresErrors,
      afterThePoolIsBack,
      afterAFailure,
      inASavepoint,
    }),
  )(
    '%s fails as one that the database was not there for; the pool is whole afterwards',
    async (_name, loss) => {
      for (let round = 0; round < 5; round += 1) {
        const errors = await loseDuring(loss === afterThePoolIsBack ? [loss] : Array(size).fill(loss));
        expect(errors.map(failureKind)).toEqual(errors.map(() => 'UNAVAILABLE'));
        await expectSoundPool();
      }
      await pool.end({ timeout: 1 });
    },
    30_000,
  );

  test('harms no other, time and again, in every mixture', async () => {
    const mixed = [betweenStatements, duringAStatement, beforeTheCommit, whileItIgnoresErrors];
    for (let round = 0; round < propertyRuns(10); round += 1) {
      const stray = wait(round % 7).then(() => pool`select pg_sleep(0.01)`.catch(() => {}));
      const errors = await loseDuring(mixed);
      expect(errors.map(failureKind)).toEqual(errors.map(() => 'UNAVAILABLE'));
      await stray;
      await expectSoundPool();
    }
    await pool.end({ timeout: 1 });
  }, 60_000);
});

test('statements that are repeated the moment they fail leave no connection stuck', async () => {
  const repeats: Promise<unknown>[] = [];
  const repeat = () => {
    for (let time = 0; time < 6; time += 1) repeats.push(pool`select ${time}::int`.catch(() => {}));
  };
  for (let round = 0; round < 2; round += 1) {
    const running = Array.from({ length: size }, () => pool`select pg_sleep(5)`.catch(repeat));
    await expect.poll(sleeping).toBeGreaterThan(0);
    await loseConnections();
    await Promise.all(running);
    await Promise.all(repeats);
    await expect.poll(connections, { timeout: 8000 }).toBe(size);
  }
  await pool.end({ timeout: 1 });
}, 60_000);

test('a transaction that fails for another reason is rolled back, and its connection is used again', async () => {
  const [{ pid } = { pid: 0 }] = await pool<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const failed = pool.begin('isolation level serializable', async (tx) => {
    await tx`insert into marks values ('undone')`;
    await tx`select ${undefined as unknown as string}`;
  });
  await expect(failed).rejects.toMatchObject({ code: 'UNDEFINED_VALUE' });
  expect(await pool.begin((tx) => [tx`select pg_backend_pid() as pid`])).toEqual([[{ pid }]]);
  await expectSoundPool();
  await pool.end({ timeout: 1 });
});

test('a call of ingest says that the database was away; the same call then stores every event once', async () => {
  let losing = true;
  const { ingest, ctx } = await openIngest(pool, {
    reactions: [
      async () => {
        if (losing) await loseConnections();
        return [];
      },
    ],
  });
  for (let round = 0; round < 10; round += 1) {
    const call = Array.from({ length: 20 }, () => touchpoint({ key: 'k', source: 'lossy' }));
    losing = true;
    await expect(ingest.submit(ctx, call)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    losing = false;
    expect((await ingest.submit(ctx, call)).map(({ status }) => status)).toEqual(call.map(() => 'STORED'));
  }
  const [count] = await database.pool`
    select count(*)::int as touchpoints, count(distinct message_id)::int as messages
    from touchpoints where source = 'lossy'`;
  expect(count).toEqual({ touchpoints: 200, messages: 200 });
  expect(await database.pool`select from quarantine`).toHaveLength(0);
  await pool.end({ timeout: 1 });
}, 60_000);
