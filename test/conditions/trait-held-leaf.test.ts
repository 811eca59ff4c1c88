import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, TraitHeldCondition } from '../../src/conditions/condition.ts';
import type { Json } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openIngest, touchpoint } from '../support/ingest.ts';
import { expectAgreement, language } from './fixture.ts';

let database: TestDatabase;
let ingest: Awaited<ReturnType<typeof openIngest>>;

beforeAll(async () => {
  database = await openTestDatabase({ max: 4 });
  ingest = await openIngest(database.pool);
});

afterAll(() => database.close());

const timeZone = 'Europe/Zurich';
const hours = (count: number) => ({ count, unit: 'HOUR' }) as const;
const held = (one: Omit<TraitHeldCondition, 'trait'>): Condition => ({ traitHeld: { trait: 'plan', ...one } });

let people = 0;

/** A new customer of whom sources said this at these hours of October 1st; answers the id. */
async function customerOf(said: readonly (readonly [hour: number, plan: Json, source?: string])[]): Promise<string> {
  people += 1;
  const userId = `person-${people}`;
  const drafts = said.map(([hour, plan, source = 'web']) =>
    touchpoint({
      type: 'identify',
      source,
      occurredAt: new Date(Date.UTC(2026, 9, 1, hour)).toISOString(),
      identifiers: [{ kind: 'userId', value: userId }],
      traits: { plan },
    }),
  );
  const results = await ingest.ingest.submit(ingest.ctx, drafts);
  expect(results.map(({ status }) => status)).toEqual(said.map(() => 'STORED'));
  const [row] = await database.pool<{ id: string }[]>`
    select r.customer_id as id from identifiers i join claims k on k.identifier_id = i.id join records r on r.id = k.record_id
    where i.value = ${userId} limit 1`;
  return row!.id;
}

/** What the condition says of this customer at this hour, and until which. */
async function answer(id: string, one: Omit<TraitHeldCondition, 'trait'>, hour: number) {
  const now = new Date(Date.UTC(2026, 9, 1, hour));
  const { verdicts, nexts } = (await expectAgreement(database.pool, [held(one)], { now, timeZone })).get(id)!;
  const next = nexts[0];
  return [verdicts[0], next ? (next.getTime() - Date.UTC(2026, 9, 1)) / 3_600_000 : null];
}

describe('a trait has been a value for so long', () => {
  test('since it was said first without another value since', async () => {
    const id = await customerOf([
      [1, 'free'],
      [4, 'pro', 'crm'],
      [5, 'pro'],
      [7, 'pro', 'pos'],
    ]);
    expect(await answer(id, { value: 'pro', atLeast: hours(10) }, 13)).toEqual([false, 14]);
    expect(await answer(id, { value: 'pro', atLeast: hours(10) }, 14)).toEqual([true, null]);
    expect(await answer(id, { value: 'pro', lessThan: hours(10) }, 13)).toEqual([true, 14]);
    expect(await answer(id, { value: 'pro', lessThan: hours(10) }, 14)).toEqual([false, null]);
    expect(await answer(id, { value: 'pro', atLeast: hours(5), lessThan: hours(10) }, 8)).toEqual([false, 9]);
    expect(await answer(id, { value: 'pro', atLeast: hours(5), lessThan: hours(10) }, 9)).toEqual([true, 14]);
    expect(await answer(id, { value: 'free', atLeast: hours(1) }, 13)).toEqual([false, null]);
  });

  test('not over a time in which another source said something else', async () => {
    const id = await customerOf([
      [1, 'pro'],
      [3, 'free', 'crm'],
      [4, 'pro'],
    ]);
    expect(await answer(id, { value: 'pro', atLeast: hours(2) }, 5)).toEqual([false, 6]);
  });

  test('what is dated in the future counts from then on', async () => {
    const id = await customerOf([
      [1, 'pro'],
      [9, 'free'],
    ]);
    expect(await answer(id, { value: 'pro', atLeast: hours(2) }, 4)).toEqual([true, 9]);
    expect(await answer(id, { value: 'free', lessThan: hours(2) }, 4)).toEqual([false, 9]);
    expect(await answer(id, { value: 'free', lessThan: hours(2) }, 9)).toEqual([true, 11]);
    expect(await answer(id, { value: 'pro', atLeast: hours(2) }, 9)).toEqual([false, null]);
  });

  test('null: since sources say that there is none', async () => {
    const id = await customerOf([[2, null]]);
    expect(await answer(id, { value: null, atLeast: hours(2) }, 4)).toEqual([true, null]);
    expect(await answer(id, { value: null, atLeast: hours(2) }, 1)).toEqual([false, 2]);
  });

  test('SQL and interpreter agree on random histories at random times', async () => {
    const plan = fc.constantFrom<Json>('free', 'pro', null, 1, ['pro'], { a: 1 });
    const word = fc.tuple(fc.integer({ min: 0, max: 30 }), plan, fc.constantFrom('web', 'crm', 'pos'));
    const histories = fc.array(fc.array(word, { minLength: 1, maxLength: 8 }), { minLength: 15, maxLength: 15 });
    const conditions = ['free', 'pro', null, 1].flatMap((value) => [
      held({ value, atLeast: hours(3) }),
      held({ value, lessThan: hours(6) }),
      held({ value, atLeast: hours(2), lessThan: hours(9) }),
    ]);
    const both: Condition = { all: [conditions[0]!, { not: conditions[4]! }] };
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 4, maxLength: 4 }),
        async (given, times) => {
          for (const history of given) await customerOf(history);
          for (const hour of times) {
            const now = new Date(Date.UTC(2026, 9, 1, hour, 0, 0, hour % 3));
            await expectAgreement(database.pool, [...conditions, both], { now, timeZone });
          }
        },
      ),
      { numRuns: 3 },
    );
  });
});

describe('a condition on the time that makes no sense is refused', () => {
  test.each<[string, string, object]>([
    ['Give `atLeast`, `lessThan` or both', 'definition.traitHeld', { trait: 'plan', value: 1 }],
    ['Expected a value; null for none', 'definition.traitHeld.value', { trait: 'plan', atLeast: hours(1) }],
    ['whole number of hours', 'definition.traitHeld.atLeast.count', { trait: 'plan', value: 1, atLeast: hours(0) }],
    [
      'Expected `lessThan` to be longer',
      'definition.traitHeld.lessThan',
      { trait: 'plan', value: 1, atLeast: hours(48), lessThan: { count: 2, unit: 'DAY' } },
    ],
  ])('%s at %s', (message, field, traitHeld) => {
    const check = () => language.check({ traitHeld } as unknown as Condition);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ details: { field } }));
  });
});
