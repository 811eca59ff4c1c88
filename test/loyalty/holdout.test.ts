import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { earningPreview } from '../../src/loyalty/earning/preview.service.ts';
import { BenefitReports } from '../../src/loyalty/reports/benefit.service.ts';
import { verifyLedger } from '../../src/loyalty/reports/ledger-verifier.service.ts';
import { TierReports } from '../../src/loyalty/reports/tier-reports.service.ts';
import { LeverSimulator } from '../../src/loyalty/simulation/simulator.service.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { exampleProgram } from './example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from './fixture.ts';
import { bought, returned, submit } from './reports/people.ts';
import { holdingsOf, tierOf } from './support.ts';
import { expectAllocationTrue, expectEarningTrue, expectLedgerTrue } from './truth.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let programId: string;
let benefit: BenefitReports;
const timeZone = 'Europe/Zurich';
const people = Array.from({ length: 40 }, (_, index) => `p${String(index).padStart(2, '0')}`);
const francsOf = (person: string) => 40 + Number(person.slice(1)) * 7;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool, { timeZone });
  benefit = new BenefitReports(node.book, timeZone);
  programId = await publishAt(node, exampleProgram({ holdoutPercent: '40' }));
  for (const person of people) {
    const francs = francsOf(person);
    await submit(node, person, bought('2026-09-01T10:00:00Z', francs, { properties: { orderId: person } }));
    if (francs % 3 === 0) await submit(node, person, returned('2026-09-20T10:00:00Z', francs / 3, person));
    if (francs % 2 === 0) await submit(node, person, bought('2026-10-05T10:00:00Z', 11.35));
  }
  // Known by the device only, in another currency, without an order, and not seen before November.
  const [visit] = await node.ingest.submit(node.ctx, [
    touchpoint({
      ...{ source: 'web', key: 'visitor', identifiers: [{ kind: 'anonymousId', value: 'v-1' }] },
      ...bought('2026-10-01T10:00:00Z', 999),
    }),
  ]);
  expect(visit).toMatchObject({ status: 'STORED' });
  await submit(node, 'euro', { ...bought('2026-10-01T10:00:00Z', 1), value: { amount: '80', currency: 'EUR' } });
  await submit(node, 'silent', { type: 'page.viewed', occurredAt: '2026-10-01T10:00:00Z' });
  await submit(node, 'late', bought('2026-11-01T10:00:00Z', 77));
});
afterEach(async () => {
  const now = node.clock.now();
  await expectLedgerTrue(database.pool);
  await expectEarningTrue(database.pool, now);
  await expectAllocationTrue(database.pool, now);
  expect((await verifyLedger({ pool: node.pool, clock: node.clock }, { timeZone })).differences).toEqual([]);
});
afterAll(() => database.close());

/** As the documentation says it. */
function bucketOf(customerId: string): number {
  const text = `loyalty holdout ${programId}:${customerId}`;
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) % 10_000;
}

async function customerOf(person: string): Promise<string> {
  const [row] = await node.pool<{ id: string }[]>`select customer_id as id from records where key = ${person}`;
  return row!.id;
}

/** The first of each kind, and the rest. */
async function grouped(percent = 40): Promise<{ held: string[]; others: string[] }> {
  const all = await Promise.all(people.map(async (person) => ({ person, bucket: bucketOf(await customerOf(person)) })));
  const held = all.filter(({ bucket }) => bucket < percent * 100).map(({ person }) => person);
  return { held, others: people.filter((person) => !held.includes(person)) };
}

/** Somebody held out with somebody who isn't: all were first seen at the same time, so the smaller id stays. */
async function pairsOfBothKinds(): Promise<[string, string][]> {
  const { held, others } = await grouped();
  const idOf = new Map(await Promise.all(people.map(async (person) => [person, await customerOf(person)] as const)));
  const pairs = held.flatMap((one) => others.map((other): [string, string] => [one, other]));
  const { first = [], second = [] } = Object.groupBy(pairs, ([one, other]) =>
    idOf.get(one)! < idOf.get(other)! ? 'first' : 'second',
  );
  return [...first.slice(0, 2), ...second.slice(-2)];
}

const earned = async (person: string) => (await holdingsOf(node.pool, person)).available;

describe('who is held out', () => {
  test('earns nothing and has no tier; all others do', async () => {
    const { held, others } = await grouped();
    expect([held.length > 5, others.length > 5]).toEqual([true, true]);
    for (const person of held) {
      expect([person, await earned(person), await tierOf(node.pool, person)]).toEqual([person, 0, null]);
    }
    for (const person of others) {
      expect(await earned(person)).toBeGreaterThan(20);
      expect(await tierOf(node.pool, person)).not.toBeNull();
    }
    const tiers = await new TierReports(node.book, timeZone).distribution(node.ctx, { programId });
    const [row] = await node.pool<{ members: number }[]>`
      select count(*)::int as members from loyalty_members where tier is not null`;
    expect(tiers.members).toBe(row!.members);
  });

  test('is shown no points before paying; all others are, and who is not known', async () => {
    const { calendar, eligibility } = node.folder;
    const preview = earningPreview({ book: node.book, calendar, eligibility });
    const basket = { currency: 'CHF', total: 5000n, lines: [] };
    const { held, others } = await grouped();
    const shown = async (customerId: string | null) => {
      const asked = { customerId, basket, at: node.clock.now(), channel: null, store: null };
      return (await preview(node.ctx, asked)).map(({ points }) => points);
    };
    expect(await shown(await customerOf(held[0]!))).toEqual([]);
    expect(await shown(await customerOf(others[0]!))).toEqual([50n]);
    expect(await shown(null)).toEqual([50n]);
  });

  test('is so by the id of the customer: merging takes part or doesn’t as a whole, until it was a mistake', async () => {
    const pairs = await pairsOfBothKinds();
    const outcomes = new Set<boolean>();
    for (const pair of pairs) {
      const before = await Promise.all(pair.map(async (one) => [await earned(one), await tierOf(node.pool, one)]));
      const { decision } = await node.decisions.mergeCustomers(node.ctx, {
        customerIds: await Promise.all(pair.map(customerOf)),
        reason: 'the same person',
      });
      const takesPart = bucketOf(await customerOf(pair[0]!)) >= 4000;
      outcomes.add(takesPart);
      for (const one of pair) {
        expect((await earned(one)) > 0).toBe(takesPart);
        expect((await tierOf(node.pool, one)) !== null).toBe(takesPart);
      }
      await expectEarningTrue(database.pool, node.clock.now());
      expect((await verifyLedger({ pool: node.pool, clock: node.clock }, { timeZone })).differences).toEqual([]);
      await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'they were two' });
      const after = await Promise.all(pair.map(async (one) => [await earned(one), await tierOf(node.pool, one)]));
      expect(after).toEqual(before);
    }
    expect(outcomes.size).toBe(2);
  });
});

const period = { from: new Date('2026-09-10T00:00:00Z'), to: new Date('2026-11-01T00:00:00Z') };

describe('the lift', () => {
  const lift = (currency = 'CHF') => benefit.lift(node.ctx, { programId, ...period, currency });

  /** Customer by customer, in the order in which the database tells of them. */
  async function naive(from: number, to: number, currency: string) {
    const customers = await node.pool<{ id: string }[]>`
      select id from customers where identified and first_seen_at < ${period.to}`;
    const facts = await node.pool<{ customerId: string; type: string; value: bigint }[]>`
      select customer_id as "customerId", type, value_minor as value
      from touchpoints t join records r on r.id = t.record_id
      where type like 'order.%' and currency = ${currency} and t.occurred_at >= ${period.from} and t.occurred_at < ${period.to}`;
    const group = customers.filter(({ id }) => bucketOf(id) >= from && bucketOf(id) < to);
    const own = group.map(({ id }) => facts.filter(({ customerId }) => customerId === id));
    const orders = own.map((all) => all.filter(({ type }) => type === 'order.completed').length);
    const values = own.map((all) =>
      all.reduce((sum, { type, value }) => sum + (type === 'order.completed' ? 1 : -1) * Number(value), 0),
    );
    const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
    const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
    return {
      customers: group.length,
      buyers: orders.filter((count) => count > 0).length,
      orders: orders.reduce((sum, one) => sum + one, 0),
      revenue: BigInt(values.reduce((sum, one) => sum + one, 0)),
      mean: expect.closeTo(mean, 6),
      deviation: expect.closeTo(Math.sqrt(variance), 6),
    };
  }

  test.each(['CHF', 'EUR'])('is what a naive computation says, in %s', async (currency) => {
    const { takingPart, heldOut, changedCustomers, lift: found } = await lift(currency);
    expect(takingPart).toMatchObject(await naive(4000, 10_000, currency));
    expect(heldOut).toMatchObject(await naive(0, 4000, currency));
    expect([takingPart.customers + heldOut.customers, changedCustomers]).toEqual([42, 0]);
    expect(found!.absolute.value).toBeCloseTo(takingPart.mean! - heldOut.mean!, 9);
  });

  test('is for readers, of published programmes, and of a period', async () => {
    const viewer = { ...node.ctx.viewer, scopes: new Set(['loyalty:manage'] as const) };
    const input = { programId, ...period, currency: 'CHF' };
    await expect(benefit.lift({ ...node.ctx, viewer } as never, input)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const unknown = { ...input, programId: node.ctx.ids.uuid() };
    await expect(benefit.lift(node.ctx, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const turned = { ...input, from: period.to, to: period.from };
    await expect(benefit.lift(node.ctx, turned)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('another version', () => {
  test('as a draft is simulated: who was held out would have earned', async () => {
    await node.pool`
      insert into loyalty_program_versions (program_id, version, status, definition, actor, created_at, updated_at)
      values (${programId}, 2, 'DRAFT', ${JSON.stringify(exampleProgram())}::text::jsonb, 'test', '2026-01-01', '2026-01-01')`;
    const simulator = new LeverSimulator(node.book, timeZone);
    const whole = { programId, from: new Date('2026-01-01T00:00:00Z'), to: node.clock.now() };
    const granted = async (draftVersion: number) => {
      const { wallets } = await simulator.simulate(node.ctx, { ...whole, draftVersion });
      return wallets[0]!.granted.delta.value;
    };
    expect(await granted(1)).toBe(0n);
    const { held } = await grouped();
    const due = held.reduce((sum, person) => {
      const francs = francsOf(person);
      return sum + (francs % 3 === 0 ? (francs * 2) / 3 : francs) + (francs % 2 === 0 ? 11 : 0);
    }, 0);
    const late = bucketOf(await customerOf('late')) < 4000 ? 77 : 0;
    const [visitor] = await node.pool<{ id: string }[]>`select id from customers where not identified`;
    expect(await granted(2)).toBe(BigInt(due + late + (bucketOf(visitor!.id) < 4000 ? 999 : 0)));
    await node.pool`delete from loyalty_program_versions where program_id = ${programId} and version = 2`;
  });

  test('may hold out fewer: the others take part from then on', async () => {
    await publishAt(node, exampleProgram({ holdoutPercent: '20' }), {
      ...{ id: programId, version: 2 },
      at: '2026-11-01T12:00:00Z',
    });
    const [before, { held }] = [await grouped(), await grouped(20)];
    const freed = before.held.filter((person) => !held.includes(person));
    expect([freed.length > 0, held.length > 0]).toEqual([true, true]);
    node.clock.set('2026-11-02T12:00:00Z');
    await node.ticker.catchUp();
    for (const person of before.held) await submit(node, person, bought('2026-11-02T11:00:00Z', 50));
    for (const person of held) {
      expect([await earned(person), await tierOf(node.pool, person)]).toEqual([0, null]);
    }
    for (const person of freed) {
      expect([await earned(person), await tierOf(node.pool, person)]).toEqual([50, 'bronze']);
    }
    const to = new Date('2026-11-02T12:00:00Z');
    const found = await benefit.lift(node.ctx, { programId, from: new Date('2026-10-01'), to, currency: 'CHF' });
    expect(found.changedCustomers).toBeGreaterThanOrEqual(freed.length);
    const total = found.changedCustomers + found.takingPart.customers + found.heldOut.customers;
    expect(total).toBe(43);
  });

  test('of another programme, that holds nobody out, has no lift', async () => {
    const other = await publishAt(node, exampleProgram({ rules: [] }), { name: 'All in' });
    await node.ticker.catchUp();
    const found = await benefit.lift(node.ctx, { programId: other, ...period, currency: 'CHF' });
    expect(found).toMatchObject({ lift: null, heldOut: { customers: 0, mean: null, deviation: null } });
    expect(found.takingPart.customers).toBe(42);
  });
});
