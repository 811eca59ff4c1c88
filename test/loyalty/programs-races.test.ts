import { v7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../src/kernel/context.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { ProgramService } from '../../src/loyalty/programs/program.service.ts';
import {
  findRevision,
  holdProgramBook,
  loadPrograms,
  lockProgramBook,
  turnProgramPage,
} from '../../src/loyalty/programs/program-book.queries.ts';
import { findLeverChanges, findVersions } from '../../src/loyalty/programs/programs.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest } from '../support/ingest.ts';
import { untilWaiting } from '../support/locks.ts';
import { exampleDefinition, exampleRule, publishProgram, testConditions } from './programs-support.ts';

let database: TestDatabase;
let ctx: Context;
/** Two nodes. */
let [one, other]: ProgramService[] = [];

beforeAll(async () => {
  database = await openTestDatabase({ max: 12 });
  ctx = (await openIngest(database.pool)).ctx;
  [one, other] = [new ProgramService(testConditions), new ProgramService(testConditions)];
});
afterAll(() => database.close());

const more = exampleDefinition({ goals: 'more' });

function codesOf(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.map((result) => (result.status === 'fulfilled' ? 'DONE' : (result.reason as DomainError).code));
}

describe('two nodes at once', () => {
  test('publish only what was looked at: a draft that changes meanwhile is another version', async () => {
    for (let round = 0; round < 12; round += 1) {
      const created = await one!.create(ctx, { name: `Race ${round}`, definition: exampleDefinition() });
      const programId = created.id;
      const results = await Promise.allSettled([
        one!.publish(ctx, { programId, expectedVersion: 1 }),
        other!.updateDraft(ctx, { programId, expectedVersion: 1, definition: more }),
      ]);
      const versions = await findVersions(database.pool, [programId]);
      const published = versions.filter(({ status }) => status === 'PUBLISHED');
      const [first, second] = codesOf(results);
      if (first === 'DONE') {
        // The draft that was changed behind it is one of the next version.
        expect(second).toBe('DONE');
        expect(published).toMatchObject([{ version: 1, definition: { goals: null } }]);
        expect(versions[0]).toMatchObject({ version: 2, status: 'DRAFT', definition: { goals: 'more' } });
      } else {
        expect([first, second]).toEqual(['VERSION_CONFLICT', 'DONE']);
        expect(versions).toMatchObject([{ version: 2, status: 'DRAFT', definition: { goals: 'more' } }]);
      }
    }
  });

  test('publish one draft once', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id: programId } = await one!.create(ctx, { name: `Once ${round}`, definition: exampleDefinition() });
      const nodes = [one!, other!, one!, other!];
      const results = await Promise.allSettled(nodes.map((node) => node.publish(ctx, { programId })));
      expect(codesOf(results).sort()).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT', 'DONE']);
      const program = (await loadPrograms(database.pool)).find(({ id }) => id === programId);
      expect(program?.versions).toHaveLength(1);
    }
  });

  test('turn one lever one after the other: every turn stays, and the last one counts', async () => {
    const definition = exampleDefinition({
      levers: [{ key: 'bonus', name: 'Bonus', initial: '1', minimum: '1', maximum: '99', owner: 'Marketing' }],
      rules: [exampleRule({ earns: { event: { points: { lever: 'bonus' } } } })],
    });
    const { id: programId } = await publishProgram(ctx, one!, definition);
    const values = Array.from({ length: 10 }, (_, index) => String(index + 2));
    // The clock of the other node is an hour behind, and so are the ids that it makes.
    const behind: Context = { ...ctx, ids: { uuid: () => v7({ msecs: Date.now() - 3_600_000 }) } };
    await Promise.all(
      values.map((value, index) =>
        index % 2 === 0
          ? one!.turnLever(ctx, { programId, lever: 'bonus', value })
          : other!.turnLever(behind, { programId, lever: 'bonus', value }),
      ),
    );
    const turns = await findLeverChanges(database.pool, [programId]);
    expect(turns.map(({ value }) => value).sort()).toEqual([...values].sort());
    const entered = await database.pool<{ value: string }[]>`
      select detail ->> 'value' as value from changes
      where subject_id = ${programId} and detail ->> 'what' = 'LEVER_TURNED' order by tx, seq`;
    expect(turns.map(({ value }) => value)).toEqual(entered.map(({ value }) => value));
  });

  test('give one name to one programme', async () => {
    const create = (node: ProgramService, name: string) => node.create(ctx, { name, definition: exampleDefinition() });
    const results = await Promise.allSettled([create(one!, 'Same'), create(other!, 'SAME'), create(other!, 'same')]);
    expect(codesOf(results).sort()).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT', 'DONE']);
  });

  test('create one programme for one key', async () => {
    const input = { name: 'Repeated', definition: exampleDefinition(), idempotencyKey: 'race' };
    const made = await Promise.all([one!.create(ctx, input), other!.create(ctx, input), one!.create(ctx, input)]);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  });
});

test('whoever earns is waited for, and drafts wait for nobody', async () => {
  const { id: programId } = await publishProgram(ctx, one!);
  const earned = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const earning = database.pool.begin(async (tx) => {
    await holdProgramBook(tx);
    held.resolve();
    await earned.promise;
  });
  await held.promise;
  await one!.updateDraft(ctx, { programId, definition: more });
  const publishing = one!.publish(ctx, { programId });
  await untilWaiting(database.pool, 1);
  expect((await findVersions(database.pool, [programId])).map(({ status }) => status)).toEqual(['DRAFT', 'PUBLISHED']);
  earned.resolve();
  await earning;
  expect((await publishing).publishedVersion).toBe(2);
});

test('who waits for a change of programmes sees what it changed', async () => {
  for (let round = 0; round < 5; round += 1) {
    const before = await findRevision(database.pool);
    const { promise: changed, resolve: change } = Promise.withResolvers<void>();
    const { promise: locked, resolve: lock } = Promise.withResolvers<void>();
    const changing = database.pool.begin(async (tx) => {
      await lockProgramBook(tx);
      lock();
      await turnProgramPage(tx);
      await changed;
    });
    await locked;
    const holding = database.pool.begin((tx) => holdProgramBook(tx));
    await untilWaiting(database.pool, 1);
    change();
    await changing;
    expect(await holding).toBe(before + 1);
  }
});
