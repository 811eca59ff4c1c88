import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import type { CustomersRegrouped } from '../../src/identity/identity.events.ts';
import { type RuleBook, shippedBook } from '../../src/identity/rule-book.ts';
import { RulesRepair } from '../../src/identity/rules-repair.service.ts';
import { createPool } from '../../src/kernel/connect.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
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

  const blocked = (...values: Partial<RuleBook['blocked'][number]>[]): RuleBook => ({
    ...shippedBook,
    blocked: values.map((value) => ({ kind: null, exact: null, pattern: null, ...value })),
  });

  test('block a value in any spelling, and give it back', async () => {
    await node.store(
      ...sharing('house@gmail.com', 'a', 'b'),
      ...sharing('ann@gmail.com', 'c', 'd'),
      touchpoint({ key: 'e', identifiers: [{ kind: 'note', value: 'house@gmail.com' }] }),
      touchpoint({ key: 'f', identifiers: [{ kind: 'note', value: 'house@gmail.com' }] }),
    );
    await thereAndBack(blocked({ kind: 'email', exact: 'Ho.Use+till@GoogleMail.com' }), ['a', 'b', 'c+d', 'e+f']);
  });

  test('block all values of one form, of every kind', async () => {
    await node.store(
      ...sharing('till-1@example.com', 'a', 'b'),
      touchpoint({ key: 'c', identifiers: [{ kind: 'note', value: 'TILL-7' }] }),
      touchpoint({ key: 'd', identifiers: [{ kind: 'note', value: 'TILL-7' }] }),
      ...sharing('stills@example.com', 'e', 'f'),
    );
    await thereAndBack(blocked({ pattern: '^till-[0-9]+' }), ['a', 'b', 'c', 'd', 'e+f']);
  });

  test('keep what came in with a blocked value: unblocked, it joins as if it had never been blocked', async () => {
    await node.store(...sharing('house@example.com', 'a', 'b'));
    await node.apply(blocked({ kind: 'email', exact: 'house@example.com' }));
    const [result] = await node.ingest.submit(node.ctx, [
      touchpoint({ key: 'c', identifiers: [email('house@example.com'), email('c@example.com')] }),
    ]);
    expect(result).toMatchObject({ status: 'STORED', warnings: [{ code: 'IDENTIFIER_BLOCKED' }] });
    const nobodys = touchpoint({ identifiers: [email('house@example.com')], messageId: 'receipt' });
    expect(await node.store(nobodys)).toEqual([null]);
    expect(await customers()).toEqual(['a', 'b', 'c']);
    await expectRebuildable(database.pool, node.current.inForce.rules);
    await node.apply(shippedBook);
    expect(await customers()).toEqual(['a+b+c+receipt:receipt']);
  });

  test('never name a record by a blocked value', async () => {
    await node.apply(blocked({ kind: 'userId', exact: 'kiosk' }));
    const device = (value: string) => [
      { kind: 'userId', value: 'kiosk' },
      { kind: 'anonymousId', value },
    ];
    await node.store(touchpoint({ identifiers: device('x') }), touchpoint({ identifiers: device('y') }));
    expect(await customers()).toEqual(['anonymousId:x', 'anonymousId:y']);
  });

  test('are not held up by a pattern that would keep other engines busy for years', async () => {
    await node.store(...sharing(`${'a'.repeat(60)}@example.com`, 'a', 'b'));
    const started = performance.now();
    await node.apply(blocked({ pattern: '^(a+)+$' }, { pattern: '(a|a)*b(a|a)*c' }));
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await customers()).toEqual(['a+b']);
  });

  test('count values within a window', async () => {
    const at = (day: number) => `2026-09-${String(day).padStart(2, '0')}T10:00:00Z`;
    const login = { kind: 'loyaltyCard', value: '77' };
    await node.store(
      ...[1, 2, 20].map((day) =>
        touchpoint({ key: `d${day}`, identifiers: [login, email(`m${day}@example.com`)], occurredAt: at(day) }),
      ),
    );
    expect(await customers()).toEqual(['d1+d2+d20']);
    await thereAndBack(bookWith('email', { valuesPerCustomer: 1, valuesWindowDays: 7 }), ['d1+d20', 'd2']);
    await thereAndBack(bookWith('email', { valuesPerCustomer: 1 }), ['d1', 'd2', 'd20']);
  });

  test('change what a kind is worth, and whether it names a person', async () => {
    const shared = { kind: 'phone', value: '+41446681800' };
    await node.store(
      touchpoint({ key: 'ann', identifiers: [{ kind: 'userId', value: 'ann' }, shared] }),
      touchpoint({ key: 'nobody', identifiers: [shared] }),
    );
    const identified = async () => {
      const rows = await database.pool`select identified from customers order by identified`;
      return rows.map((row) => row.identified);
    };
    await thereAndBack(bookWith('phone', { strength: 'EVIDENCE_ONLY' }), ['ann', 'nobody']);
    await node.apply(bookWith('phone', { strength: 'EVIDENCE_ONLY', namesPerson: false }));
    expect(await identified()).toEqual([false, true]);
    await node.apply(shippedBook);
    expect(await identified()).toEqual([true]);
  });

  test('tell the change feed, and remember why customers were regrouped', async () => {
    await node.store(...sharing('shared@example.com', 'a', 'b'));
    const version = await node.apply(bookWith('email', { recordsPerValue: 1 }));
    const topics = await database.pool`
      select topic, detail from changes where topic in ('identity.rules_changed', 'customer.split') order by tx, seq`;
    expect(topics).toEqual([
      { topic: 'identity.rules_changed', detail: { version } },
      { topic: 'customer.split', detail: { from: expect.any(String) } },
    ]);
    const lines = await database.pool`select kind, cause, cause_id from regroupings where cause = 'RULES'`;
    expect(lines).toEqual([{ kind: 'SPLIT', cause: 'RULES', cause_id: String(version) }]);
    const { row } = await node.rules.getCurrent(node.ctx);
    expect(row).toMatchObject({ phase: 'DONE', merges: 0, splits: 1, failures: 0, appliedAt: expect.any(Date) });
    expect(row!.checked).toBe(row!.total);
  });

  describe('while they are applied', () => {
    const card = (value: string) => ({ kind: 'loyaltyCard', value });
    const tight = bookWith('loyaltyCard', { recordsPerValue: 2 });

    /** Pairs and triples on cards, in the order of arrival. */
    const people = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => {
        const n = from + i;
        return touchpoint({ key: `p${n}`, identifiers: [card(String(n % 11)), email(`${n % 7}@example.com`)] });
      });

    test('events go on, also from a node that has not heard of them: all is as if they had always been in force', async () => {
      await node.store(...people(0, 20));
      const late = await openRules(database.pool);
      await node.announce(tight);
      for (let n = 20; await node.repair.step(); n += 1) await late.store(...people(n, n + 1));
      await expectRebuildable(database.pool, node.current.inForce.rules);
      await node.apply(
        bookWith('loyaltyCard', { recordsPerValue: 3 }, { blocked: [{ kind: null, exact: '5', pattern: null }] }),
      );
    });

    test('events of several nodes at once change nothing of that', async () => {
      const nodes = await Promise.all([openRules(database.pool), openRules(database.pool)]);
      await node.store(...people(0, 15));
      for (const [round, book] of [tight, blocked({ exact: '3' }), shippedBook].entries()) {
        await node.announce(book);
        const from = 100 * (round + 1);
        await Promise.all([
          node.repair.catchUp(),
          ...nodes.map(async (other, index) => {
            for (let n = 0; n < 4; n += 1)
              await other.store(...people(from + 2 * n + index * 50, from + 2 * n + 2 + index * 50));
          }),
        ]);
        await node.repair.catchUp();
        await expectRebuildable(database.pool, node.current.inForce.rules);
      }
    });

    test('another version takes over, and what the first one did is gone over again', async () => {
      await node.store(...people(0, 12));
      await node.announce(tight);
      for (let steps = 0; steps < 12; steps += 1) await node.repair.step();
      const version = await node.announce(bookWith('email', { recordsPerValue: 1 }));
      const [, superseded] = await node.rules.listVersions(node.ctx, 2);
      expect(superseded!.row!.phase).toBe('SUPERSEDED');
      await node.repair.catchUp();
      expect((await node.rules.getCurrent(node.ctx)).row).toMatchObject({ version, phase: 'DONE' });
    });

    test('one node does it, and another goes on where the first one died', async () => {
      await node.store(...people(0, 12));
      const { version: expectedVersion } = await node.rules.getCurrent(node.ctx);
      const reached = Promise.withResolvers<void>();
      const dying = await openTestNode(() => reached.resolve());
      const rules = bookWith('email', { recordsPerValue: 1 });
      await node.rules.update(node.ctx, { rules, reason: 'a test', expectedVersion });
      for (let steps = 0; steps < 8; steps += 1) await node.repair.step();
      const half = (await node.rules.getCurrent(node.ctx)).row!.checked;
      const dead = dying.repair.catchUp().catch(() => 'died');
      await reached.promise;
      // It holds the lock in the middle of a step: nobody else has anything to do.
      expect(await node.repair.step()).toBe(false);
      await dying.kill();
      expect(await dead).toBe('died');
      expect((await node.rules.getCurrent(node.ctx)).row!.checked).toBeGreaterThanOrEqual(half);
      const goOn = async () => {
        await node.repair.catchUp();
        return (await node.rules.getCurrent(node.ctx)).row;
      };
      // As soon as the database has noticed.
      await expect.poll(goOn).toMatchObject({ phase: 'DONE' });
    });

    /** A node whose next split or merge hangs for ever, and whose connections can be cut. */
    async function openTestNode(hangs: () => void) {
      const pool = createPool(database.url, { max: 2, applicationName: 'dying' });
      const { ctx } = await openRules(pool);
      const hang: CustomersRegrouped = async (tx) => {
        hangs();
        await tx`select pg_sleep(600)`;
        return [];
      };
      const repair = new RulesRepair(ctx, { rules: new CurrentRules(), reactions: [hang], recordsAtOnce: 1 });
      const kill = async () => {
        await database.pool`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dying'`;
        await pool.end({ timeout: 0 });
      };
      return { repair, kill };
    }

    test('a failure is seen, tried again, and goes by', async () => {
      await node.store(...sharing('shared@example.com', 'a', 'b', 'c'));
      await node.announce(bookWith('email', { recordsPerValue: 1 }));
      let broken = true;
      const repair = new RulesRepair(node.ctx, {
        rules: new CurrentRules(),
        reactions: [
          async (tx, regrouped) => {
            if (broken) throw new Error('out of order');
            return regroupRevenue(tx, regrouped);
          },
        ],
        everyMs: 5,
      });
      repair.start();
      const row = async () => (await node.rules.getCurrent(node.ctx)).row!;
      await expect.poll(async () => (await row()).failures).toBeGreaterThan(1);
      expect(await row()).toMatchObject({ phase: 'RECORDS', failedAt: expect.any(Date) });
      broken = false;
      await expect.poll(async () => (await row()).phase).toBe('DONE');
      await repair.stop();
      expect(await row()).toMatchObject({ failures: 0, failedAt: null });
      await node.current.reload(database.pool);
    });
  });
});
