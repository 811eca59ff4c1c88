import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RuleBook, shippedBook } from '../../src/identity/rule-book.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { bookWith, openRules, type RulesFixture } from '../support/rules.ts';
import { emptyWorld, readWorld } from '../support/world.ts';

const email = (value: string) => ({ kind: 'email', value });

describe('other identity rules', () => {
  let database: TestDatabase;
  let node: RulesFixture;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    node = await openRules(database.pool);
  });
  afterEach(async () => {
    await expectRebuildable(database.pool, node.current.inForce.rules);
    await emptyWorld(database.pool);
    await database.pool`delete from identity_rules`;
  });

  /** Records, by key, as the customers that they are. */
  async function customers(): Promise<string[]> {
    const rows = await database.pool<{ keys: string[] }[]>`
      select array_agg(key order by key) as keys from records where customer_id is not null group by customer_id`;
    return rows.map(({ keys }) => keys.join('+')).sort();
  }

  const sharing = (value: string, ...keys: string[]) =>
    keys.map((key) => touchpoint({ key, identifiers: [email(value)], traits: { of: key } }));

  /** Applies rules, and takes them back: the world must be what it was. */
  async function thereAndBack(book: RuleBook, expected: string[]): Promise<void> {
    const [before, customersBefore] = [await readWorld(database.pool), await customers()];
    await node.apply(book);
    expect(await customers()).toEqual(expected);
    await expectRebuildable(database.pool, node.current.inForce.rules);
    const { version } = await node.rules.getCurrent(node.ctx);
    await node.rules.revert(node.ctx, { version: version - 1, expectedVersion: version, reason: 'back' });
    await node.repair.catchUp();
    expect(await customers()).toEqual(customersBefore);
    expect(await readWorld(database.pool)).toEqual(before);
  }

  test('part those that a limit would not have joined, and join them again', async () => {
    await node.store(...sharing('shared@example.com', 'a', 'b', 'c'), touchpoint({ key: 'd' }));
    await thereAndBack(bookWith('email', { recordsPerValue: 2 }), ['a', 'b', 'c', 'd']);
  });

  test('join those that a limit kept apart', async () => {
    const house = { kind: 'loyaltyCard', value: '1' };
    await node.store(...Array.from({ length: 60 }, (_, i) => touchpoint({ key: `k${i}`, identifiers: [house] })));
    expect(await customers()).toHaveLength(60);
    await node.apply(bookWith('loyaltyCard', { recordsPerValue: 60 }));
    expect(await customers()).toHaveLength(1);
    await node.apply(shippedBook);
    expect(await customers()).toHaveLength(60);
  });
});
