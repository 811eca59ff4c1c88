import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProgramDefinition } from '../../src/loyalty/program.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { earningRule, exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { holdingsOf, orderOf, submitTo, tierOf } from './support.ts';
import { expectAllocationTrue, expectEarningTrue, expectLedgerTrue } from './truth.ts';

let database: TestDatabase;
let node: LoyaltyFixture;

beforeEach(async () => {
  database = await openTestDatabase({ max: 20 });
  node = await openLoyalty(database.pool);
});

afterEach(async () => {
  await expectLedgerTrue(database.pool);
  await expectEarningTrue(database.pool, node.clock.now());
  await expectAllocationTrue(database.pool, node.clock.now());
  await database.close();
});

const publish = (definition: Partial<ProgramDefinition>, more: Parameters<typeof publishAt>[2] = {}) =>
  publishAt(node, exampleProgram(definition), more);

describe('a rule with a condition on customers', () => {
  const eligibility = {
    given: { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } },
    resolved: { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } },
  } as const;

  test('is judged when the purchase arrives, and that stays', async () => {
    await publish({ rules: [earningRule({ eligibility })] });
    await submitTo(node, orderOf('anna', '2026-10-01T10:00:00Z', 40, { traits: { city: 'Bern' } }));
    await submitTo(node, orderOf('anna', '2026-10-02T10:00:00Z', 50, { traits: { city: 'Basel' } }));
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 40 });
    // A late purchase folds everything anew; what was judged before is not judged again.
    await submitTo(node, orderOf('anna', '2026-09-01T10:00:00Z', 7));
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 40 });
  });
});

describe('a rule with a budget', () => {
  test('is never overspent, however many buy at once on however many nodes', async () => {
    const other = await openLoyalty(database.pool);
    await publish({ rules: [earningRule({ budget: '1000' })] });
    const buyers = Array.from({ length: 60 }, (_, index) =>
      orderOf(`buyer-${index}`, '2026-10-01T10:00:00Z', 30 + (index % 7)),
    );
    await Promise.all(buyers.map((draft, index) => submitTo(index % 2 === 0 ? node : other, draft)));
    const [row] = await node.pool<{ granted: number; spent: number }[]>`
      select (select sum(granted)::int from loyalty_lots) as granted, (select granted::int from loyalty_budgets) as spent`;
    expect(row).toEqual({ granted: 1000, spent: 1000 });
  });

  test('keeps what it gave when a late purchase comes in', async () => {
    await publish({ rules: [earningRule({ budget: '100' })] });
    await submitTo(node, orderOf('anna', '2026-10-05T10:00:00Z', 80));
    await submitTo(node, orderOf('anna', '2026-10-01T10:00:00Z', 80));
    const lots = await node.pool<{ granted: bigint }[]>`select granted from loyalty_lots order by earned_at`;
    expect(lots.map(({ granted }) => granted)).toEqual([20n, 80n]);
  });
});

describe('a programme that asks for enrolment', () => {
  test('lets records earn that belong to a member, whichever of the two came first', async () => {
    const programId = await publish({ enrolment: 'EXPLICIT' });
    await submitTo(node, orderOf('card', '2026-10-01T10:00:00Z', 10), orderOf('web', '2026-10-02T10:00:00Z', 20));
    expect(await holdingsOf(node.pool, 'card')).toMatchObject({ available: 0 });
    const [record] = await node.pool<{ id: string; customerId: string }[]>`
      select id, customer_id as "customerId" from records where key = 'card'`;
    await node.pool.begin(async (tx) => {
      await tx`select from customers where id = ${record!.customerId} for no key update`;
      await tx`
        insert into loyalty_memberships (record_id, program_id, id, status, how, enrolled_at, actor)
        values (${record!.id}, ${programId}, ${node.ctx.ids.uuid()}, 'ACTIVE', 'EXPLICIT', '2026-09-01', 'test')`;
      const { customerId } = record!;
      await node.folder.fold(tx, {
        at: node.clock.now(),
        customers: [{ customerId, facts: [], since: 'ANEW', cause: 'MEMBERSHIP', causeId: null }],
      });
    });
    expect(await holdingsOf(node.pool, 'card')).toMatchObject({ available: 10 });
    expect(await holdingsOf(node.pool, 'web')).toMatchObject({ available: 0 });
    // The web shop's visitor turns out to be the member: what they bought before counts from now on, and not any more
    // once it was a mistake.
    const customers = await node.pool<{ id: string }[]>`select id from customers`;
    const { decision } = await node.decisions.mergeCustomers(node.ctx, {
      customerIds: customers.map(({ id }) => id),
      reason: 'the same person',
    });
    expect(await holdingsOf(node.pool, 'web')).toMatchObject({ available: 20 });
    expect(await tierOf(node.pool, 'web')).toBe('bronze');
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'they were two' });
    expect(await holdingsOf(node.pool, 'web')).toMatchObject({ available: 0 });
    expect(await holdingsOf(node.pool, 'card')).toMatchObject({ available: 10 });
    expect(await tierOf(node.pool, 'web')).toBe(null);
  });
});

describe('what a programme said at the time', () => {
  test('counts for a purchase that arrives late, and for what is returned of it', async () => {
    const id = await publish({});
    const dear = exampleProgram({
      rules: [earningRule({ earns: { spend: { points: '3', per: '1', currency: 'CHF' } } })],
    });
    await publishAt(node, dear, { id, version: 2, at: '2026-10-15T00:00:00Z' });
    const properties = { orderId: 'early' };
    await submitTo(
      node,
      orderOf('anna', '2026-10-20T10:00:00Z', 10),
      orderOf('anna', '2026-10-14T10:00:00Z', 100, { properties }),
    );
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 130 });
    await submitTo(node, orderOf('anna', '2026-10-21T10:00:00Z', 100, { type: 'order.returned', properties }));
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 30, reversed: 100 });
  });

  test('levers and phases are of their time too', async () => {
    const rules = [earningRule({ earns: { spend: { points: { lever: 'rate' }, per: '1', currency: 'CHF' } } })];
    const levers = [{ key: 'rate', name: 'Rate', initial: '1', minimum: '0', maximum: '5', owner: 'marketing' }];
    await publish(
      { rules, levers },
      {
        leverValues: [
          {
            lever: 'rate',
            value: '4',
            effectiveAt: new Date('2026-10-10T00:00:00Z'),
            until: new Date('2026-10-12T00:00:00Z'),
          },
        ],
        phases: [
          { phase: 'LIVE', effectiveAt: new Date('2026-10-01T00:00:00Z') },
          { phase: 'SUNSET', effectiveAt: new Date('2026-10-20T00:00:00Z') },
        ],
      },
    );
    for (const day of ['09-30', '10-09', '10-11', '10-12', '10-21']) {
      await submitTo(node, orderOf(`at ${day}`, `2026-${day}T10:00:00Z`, 10));
    }
    const found = [];
    for (const day of ['09-30', '10-09', '10-11', '10-12', '10-21']) {
      found.push((await holdingsOf(node.pool, `at ${day}`)).available);
    }
    expect(found).toEqual([0, 10, 40, 10, 0]);
  });
});

describe('time', () => {
  test("makes points available, and expires them at midnight of the organisation's zone", async () => {
    await publish({
      rules: [earningRule({ pendingDays: 14, expiry: { count: 1, unit: 'MONTH', endOf: 'DAY' } })],
    });
    await submitTo(node, orderOf('anna', '2026-10-20T10:00:00Z', 100));
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ pending: 100, available: 0 });
    // Winter time has begun: midnight of 3 November in Zurich is 23:00 UTC of the day before.
    node.clock.set('2026-11-02T22:59:59.999Z');
    await node.ticker.catchUp();
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ pending: 100, available: 0 });
    node.clock.set('2026-11-02T23:00:00Z');
    await node.ticker.catchUp();
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ pending: 0, available: 100 });
    node.clock.set('2026-11-20T22:59:59.999Z');
    await node.ticker.catchUp();
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 100, expired: 0 });
    node.clock.set('2026-11-20T23:00:00Z');
    await node.ticker.catchUp();
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 0, expired: 100 });
    expect((await node.pool`select from loyalty_postings where kind = 'EXPIRED'`).count).toBe(1);
  });

  test('takes a tier away when what it was earned by is too old, and says so', async () => {
    await publish({});
    await submitTo(node, orderOf('anna', '2026-10-20T10:00:00Z', 600));
    expect(await tierOf(node.pool, 'anna')).toBe('gold');
    node.clock.set('2027-10-19T21:59:59Z');
    await node.ticker.catchUp();
    expect(await tierOf(node.pool, 'anna')).toBe('gold');
    node.clock.set('2027-10-19T22:00:00Z');
    await node.ticker.catchUp();
    expect(await tierOf(node.pool, 'anna')).toBe('bronze');
    const changes = await node.pool`
      select detail from changes where topic = 'loyalty.tier_changed' order by tx, seq`;
    expect(changes.map(({ detail }) => detail)).toEqual([
      { fromTier: null, toTier: 'gold', cause: 'EVENT' },
      { fromTier: 'gold', toTier: 'bronze', cause: 'CLOCK' },
    ]);
  });

  test('does what is due once, whoever is quicker', async () => {
    const other = await openLoyalty(database.pool);
    await publish({ rules: [earningRule({ expiry: { count: 1, unit: 'MONTH', endOf: 'DAY' } })] });
    await submitTo(node, ...Array.from({ length: 30 }, (_, index) => orderOf(`p${index}`, '2026-10-20T10:00:00Z', 10)));
    node.clock.set('2026-12-01T00:00:00Z');
    other.clock.set('2026-12-01T00:00:00Z');
    await Promise.all([
      node.ticker.catchUp(),
      other.ticker.catchUp(),
      submitTo(node, ...Array.from({ length: 30 }, (_, index) => orderOf(`p${index}`, '2026-11-30T10:00:00Z', 5))),
      other.ticker.catchUp(),
    ]);
    const [row] = await node.pool<{ expired: number }[]>`
      select sum(points)::int as expired from loyalty_postings where to_bucket = 'EXPIRED'`;
    expect(row?.expired).toBe(300);
  });
});

describe('the ledger', () => {
  test('refuses to be changed, whoever asks', async () => {
    await publish({});
    await submitTo(node, orderOf('anna', '2026-10-20T10:00:00Z', 600));
    await expect(node.pool`update loyalty_postings set points = 1`).rejects.toThrow('append-only');
    await expect(node.pool`delete from loyalty_postings`).rejects.toThrow('append-only');
    await expect(node.pool`truncate loyalty_postings`).rejects.toThrow('append-only');
    await expect(node.pool`update loyalty_lots set available = 700`).rejects.toThrow('loyalty_lots_balance');
  });
});

describe('two nodes at once', () => {
  test('give one customer the points of all purchases, and tiers by all of them', async () => {
    const other = await openLoyalty(database.pool);
    await publish({
      rules: [
        earningRule(),
        earningRule({ key: 'more', tiers: ['gold'], earns: { multiplier: { factor: '2', of: null } } }),
      ],
    });
    const drafts = Array.from({ length: 40 }, (_, index) =>
      orderOf(
        'anna',
        `2026-10-${String(1 + ((index * 7) % 28)).padStart(2, '0')}T10:00:${String(index).padStart(2, '0')}Z`,
        20 + index,
      ),
    );
    await Promise.all(drafts.map((draft, index) => submitTo(index % 2 === 0 ? node : other, draft)));
    expect(await tierOf(node.pool, 'anna')).toBe('gold');
  });
});

describe('a programme that says something else', () => {
  test('moves tiers of all members, within a few steps of the clock', async () => {
    const id = await publish({});
    await submitTo(node, orderOf('anna', '2026-10-20T10:00:00Z', 300), orderOf('beat', '2026-10-20T10:00:00Z', 100));
    await node.ticker.catchUp();
    const { tierScheme } = exampleProgram();
    const tiers = tierScheme!.tiers.map((tier) => (tier.key === 'gold' ? { ...tier, threshold: '250' } : tier));
    await publishAt(node, exampleProgram({ tierScheme: { ...tierScheme!, tiers } }), {
      id,
      version: 2,
      at: '2026-11-02T00:00:00Z',
    });
    await node.ticker.catchUp();
    expect(await tierOf(node.pool, 'anna')).toBe('silver');
    node.clock.set('2026-11-02T00:00:00Z');
    await node.ticker.catchUp();
    expect(await tierOf(node.pool, 'anna')).toBe('gold');
    expect(await tierOf(node.pool, 'beat')).toBe('bronze');
  });

  test('and began in the past lets everybody be folded from the beginning', async () => {
    await submitTo(node, orderOf('anna', '2026-10-20T10:00:00Z', 300), orderOf('beat', '2026-09-20T10:00:00Z', 100));
    await publish({}, { at: '2026-10-01T00:00:00Z' });
    await node.ticker.catchUp();
    expect(await holdingsOf(node.pool, 'anna')).toMatchObject({ available: 300 });
    expect(await holdingsOf(node.pool, 'beat')).toMatchObject({ available: 0 });
    expect(await tierOf(node.pool, 'anna')).toBe('silver');
  });
});
