import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DomainError } from '../../../src/kernel/errors.ts';
import type { ProgramDefinition } from '../../../src/loyalty/program.ts';
import {
  LeverSimulator,
  type Simulation,
  type SimulationInput,
} from '../../../src/loyalty/simulation/simulator.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { earningRule, exampleProgram } from '../example-program.ts';
import { type LoyaltyFixture, openLoyalty, publishAt } from '../fixture.ts';
import { recordOf, take } from '../reports/decisions.ts';
import { bought, returned, submit } from '../reports/people.ts';

let database: TestDatabase;
let node: LoyaltyFixture;
let simulator: LeverSimulator;
/** The programme that is asked about, and the one that says from its beginning what the question supposes. */
let club: string;
let supposed: string;
let drafted: string;

const levers = {
  francs: { key: 'francs', name: 'Per franc', initial: '1', minimum: '0', maximum: '5', owner: 'marketing' },
  coffee: { key: 'coffee', name: 'Coffee', initial: '2', minimum: '1', maximum: '9', owner: 'category' },
  silver: { key: 'silver', name: 'Silver from', initial: '200', minimum: '0', maximum: '900', owner: 'marketing' },
  budget: { key: 'budget', name: 'Budget', initial: '150', minimum: '0', maximum: '9000', owner: 'finance' },
};

function definition(initial: Partial<Record<keyof typeof levers, string>> = {}): ProgramDefinition {
  const [tierScheme] = [exampleProgram().tierScheme!];
  const [bronze, silver, gold] = tierScheme.tiers;
  return exampleProgram({
    rules: [
      earningRule({
        earns: { spend: { points: { lever: 'francs' }, per: '1', currency: 'CHF' } },
        expiry: { count: 4, unit: 'MONTH', endOf: 'MONTH' },
      }),
      earningRule({
        key: 'coffee',
        lines: { skus: [], categories: ['coffee'] },
        earns: { multiplier: { factor: { lever: 'coffee' }, of: ['base'] } },
        tiers: ['silver', 'gold'],
        caps: [{ per: 'MONTH', points: '40' }],
        roundedPer: 'LINE',
        partner: 'Roastery',
      }),
    ],
    tierScheme: { ...tierScheme, tiers: [bronze!, { ...silver!, threshold: { lever: 'silver' } }, gold!] },
    levers: Object.values(levers).map((lever) => ({
      ...lever,
      initial: initial[lever.key as 'francs'] ?? lever.initial,
    })),
  });
}

const redrafted = () => {
  const { rules, ...rest } = definition();
  return { ...rest, rules: [{ ...rules[0]!, rounding: 'UP' as const, pendingDays: 14 }, rules[1]!] };
};

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openLoyalty(database.pool);
  simulator = new LeverSimulator(node.book, 'Europe/Zurich');
  club = await publishAt(node, definition(), { name: 'Club' });
  supposed = await publishAt(node, definition({ francs: '1.5', silver: '120' }), { name: 'Supposed' });
  drafted = await publishAt(node, redrafted(), { name: 'Drafted' });
  await database.pool`
    insert into loyalty_program_versions (program_id, version, status, definition, actor, created_at, updated_at)
    values (${club}, 2, 'DRAFT', ${JSON.stringify(redrafted())}::text::jsonb, 'test', '2026-01-01', '2026-01-01')`;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 120, maxLength: 120 }), ingest), {
    numRuns: 1,
    seed: Number(process.env.FC_SEED ?? 20261128),
  });
});
afterAll(() => database.close());

const person = fc.nat({ max: 25 });
const step = fc.record({
  person,
  day: fc.nat({ max: 300 }),
  francs: fc.nat({ max: 150 }),
  coffee: fc.nat({ max: 3 }),
  back: fc.nat({ max: 4 }),
});

async function ingest(steps: readonly { person: number; day: number; francs: number; coffee: number; back: number }[]) {
  const drafts = steps.map((one, index): TouchpointDraft => {
    const key = `p-${one.person}`;
    return touchpoint({
      source: index % 2 === 0 ? 'pos' : 'web',
      key: `${key}-${index % 2}`,
      identifiers: [{ kind: 'userId', value: key }],
      occurredAt: new Date(Date.parse('2026-10-30T10:00:00Z') - one.day * 86_400_000 - index).toISOString(),
      type: one.back === 0 ? 'order.returned' : 'order.completed',
      value: { amount: String(one.francs), currency: 'CHF' },
      lines: [
        { sku: 'bread', category: 'bakery', quantity: 1, price: '3.50' },
        ...(one.coffee > 0 ? [{ sku: 'c', category: 'coffee', quantity: one.coffee, price: '4.20' }] : []),
      ],
    });
  });
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
}

const year = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-11-01T12:00:00Z') };

function simulate(input: Partial<SimulationInput> = {}): Promise<Simulation> {
  return simulator.simulate(node.ctx, { programId: club, ...year, ...input });
}

/** What the ledger of a programme holds. */
async function ledgerOf(programId: string) {
  const [sums] = await node.pool<{ granted: bigint; outstanding: bigint }[]>`
    select sum(granted)::bigint as granted, sum(pending + available)::bigint as outstanding
    from loyalty_lots where program_id = ${programId}`;
  const rules = await node.pool<{ rule: string; points: bigint }[]>`
    select part ->> 'rule' as rule, sum((part ->> 'points')::bigint)::bigint as points
    from loyalty_lots cross join jsonb_array_elements(grants) as part
    where program_id = ${programId} group by 1 order by 1`;
  const tiers = await node.pool<{ tier: string; members: number }[]>`
    select tier, count(*)::int as members from loyalty_members where program_id = ${programId} group by 1 order by 1`;
  return { ...sums!, rules: [...rules], tiers: [...tiers] };
}

function side(simulation: Simulation, which: 'baseline' | 'changed') {
  const [points] = simulation.wallets;
  const tiers = new Map<string, number>();
  for (const { from, to, members } of simulation.tierMoves) {
    const tier = (which === 'baseline' ? from : to)!;
    tiers.set(tier, (tiers.get(tier) ?? 0) + Number(members.value));
  }
  return {
    granted: points!.granted[which].value,
    outstanding: points!.outstanding[which].value,
    rules: simulation.rules.map(({ rule, granted }) => ({ rule, points: granted[which].value })),
    tiers: [...tiers].map(([tier, members]) => ({ tier, members })).sort((a, b) => (a.tier < b.tier ? -1 : 1)),
  };
}

function deltas({ wallets, rules, tierMoves, up, down }: Simulation) {
  return [
    ...wallets.flatMap(({ granted, borne, outstanding, owed }) => [granted, borne, outstanding, owed]),
    ...rules.map(({ granted }) => granted),
  ]
    .map(({ delta }) => delta.value)
    .concat(
      tierMoves.filter(({ from, to }) => from !== to).map(({ members }) => members.value),
      up.value,
      down.value,
    );
}

describe('the baseline', () => {
  test('is what the ledger holds', async () => {
    expect(side(await simulate(), 'baseline')).toEqual(await ledgerOf(club));
  });

  test('without a change there is no difference at all, member by member', async () => {
    const same = [
      {},
      { levers: [{ lever: 'francs', value: '1.0' }] },
      { levers: Object.values(levers).map(({ key, initial }) => ({ lever: key, value: initial })) },
      { levers: [], from: new Date('2026-06-15T00:00:00Z') },
    ];
    for (const input of same) {
      const found = await simulate(input);
      expect(new Set(deltas(found))).toEqual(new Set([0n]));
      expect(found.tierMoves.every(({ from, to }) => from === to)).toBe(true);
      expect(found.wallets[0]!.granted.baseline.value).toBeGreaterThan(0n);
    }
  });
});

test('whatever the period, levers at the values that they had make no difference', async () => {
  const day = fc.nat({ max: 315 }).map((days) => Date.parse('2025-12-20T00:00:00Z') + days * 86_400_000);
  const chosen = fc.subarray(Object.values(levers).map(({ key, initial }) => ({ lever: key, value: initial })));
  await fc.assert(
    fc.asyncProperty(day, day, chosen, fc.constantFrom(null, 0.5), async (one, other, same, sample) => {
      const [from, to] = [new Date(Math.min(one, other)), new Date(Math.max(one, other) + 1)];
      const found = await simulate({ from, to, levers: same, sample });
      expect(deltas(found).every((delta) => delta === 0n)).toBe(true);
      expect(found.tierMoves.every((move) => move.from === move.to)).toBe(true);
    }),
    { numRuns: propertyRuns(15), seed: Number(process.env.FC_SEED ?? 20261128) },
  );
});

test('a lever that was turned in the period is replayed as it was turned, and overruled as a whole', async () => {
  const turned = { lever: 'francs', value: '3', effectiveAt: new Date('2026-07-01T00:00:00Z'), until: null };
  const programId = await publishAt(node, definition(), { name: 'Turned', leverValues: [turned] });
  const base = async (input: Partial<SimulationInput>) => {
    const { rules } = await simulate({ programId, ...input });
    return rules.find(({ rule }) => rule === 'base')!.granted;
  };
  const [before, after] = [{ to: turned.effectiveAt }, { from: turned.effectiveAt }];
  const one = [{ lever: 'francs', value: '1' }];
  const three = [{ lever: 'francs', value: '3' }];
  expect((await base({ ...before, levers: one })).delta.value).toBe(0n);
  expect((await base({ ...after, levers: three })).delta.value).toBe(0n);
  expect((await base({ ...before, levers: three })).delta.value).toBeGreaterThan(0n);
  expect((await base({ ...after, levers: one })).delta.value).toBeLessThan(0n);
});

describe('a change', () => {
  test('of levers gives what the ledger of a programme holds that has always said so', async () => {
    const changes = [
      { lever: 'francs', value: '1.5' },
      { lever: 'silver', value: '120' },
    ];
    const found = await simulate({ levers: changes });
    expect(side(found, 'changed')).toEqual(await ledgerOf(supposed));
    expect(side(found, 'baseline')).toEqual(await ledgerOf(club));
    const [points] = found.wallets;
    expect(points!.granted.delta.value).toBe(points!.granted.changed.value - points!.granted.baseline.value);
    expect(points!.granted.delta).toMatchObject({ lowest: null, highest: null });
    expect(found.up.value).toBeGreaterThan(0n);
    expect(found.down.value).toBe(0n);
  });

  test('by a draft as well', async () => {
    const found = await simulate({ draftVersion: 2 });
    expect(side(found, 'changed')).toEqual(await ledgerOf(drafted));
    expect(found.unjudged).toEqual([]);
  });

  test('only touches what happened in the period', async () => {
    const from = new Date('2026-08-01T00:00:00Z');
    const whole = await simulate({ levers: [{ lever: 'francs', value: '2' }] });
    const part = await simulate({ levers: [{ lever: 'francs', value: '2' }], from });
    const before = await simulate({ levers: [{ lever: 'francs', value: '2' }], to: from });
    expect(part.wallets[0]!.granted.delta.value).toBeLessThan(whole.wallets[0]!.granted.delta.value);
    expect(part.rules.find(({ rule }) => rule === 'base')!.granted.delta.value).toBeGreaterThan(0n);
    expect(before.wallets[0]!.granted.baseline.value + part.wallets[0]!.granted.baseline.value).toBeGreaterThanOrEqual(
      whole.wallets[0]!.granted.baseline.value,
    );
  });

  test('of points that are borne by a partner is told apart', async () => {
    const { wallets, rules } = await simulate({ levers: [{ lever: 'coffee', value: '4' }] });
    const coffee = rules.find(({ rule }) => rule === 'coffee')!;
    expect(coffee.granted.delta.value).toBeGreaterThan(0n);
    expect(wallets[0]!.granted.delta.value).toBe(coffee.granted.delta.value);
    expect(wallets[0]!.borne.delta.value).toBe(0n);
  });

  test('writes nothing', async () => {
    const sums = () => node.pool`select count(*)::int, sum(granted)::text from loyalty_lots`;
    const before = await sums();
    await simulate({ levers: [{ lever: 'francs', value: '3' }] });
    expect(await sums()).toEqual(before);
  });
});

const bigintText = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

describe('a sample', () => {
  const change = { levers: [{ lever: 'francs', value: '2' }] };

  test('is the same each time, smaller samples are part of larger ones, and all is exact', async () => {
    const half = await simulate({ ...change, sample: 0.5 });
    const again = await simulate({ ...change, sample: 0.5 });
    expect(JSON.stringify(again, bigintText)).toBe(JSON.stringify(half, bigintText));
    expect(half.size.sampled).toBeLessThan(half.size.total);
    const all = await simulate({ ...change, sample: 1 });
    expect(all.size.sampled).toBe(all.size.total);
    expect(all.wallets[0]!.granted.delta.lowest).toBeNull();
  });

  // Whether the interval holds the truth is a matter of chance, and tested with the estimate itself.
  test('has an interval round what it estimates', async () => {
    for (const sample of [0.3, 0.5, 0.8]) {
      const { value, lowest, highest } = (await simulate({ ...change, sample })).wallets[0]!.granted.delta;
      expect(value).toBeGreaterThanOrEqual(0n);
      expect(lowest).toBeLessThanOrEqual(value);
      expect(highest).toBeGreaterThanOrEqual(value);
    }
  });
});

describe('what members redeemed', () => {
  test('stays what it was: more points lie unused, fewer are owed', async () => {
    const programId = await publishAt(node, definition(), { name: 'Redeemed' });
    await submit(node, 'red', bought('2026-10-01T10:00:00Z', 100), bought('2026-10-20T10:00:00Z', 50));
    const now = node.clock.now();
    node.clock.set('2026-10-25T00:00:00Z');
    await take(node, { programId, recordId: await recordOf(node, 'red'), points: 120n });
    node.clock.set(now);
    const of = async (value: string) => {
      const { wallets } = await simulate({
        programId,
        levers: [{ lever: 'francs', value }],
        from: new Date('2026-09-30Z'),
      });
      return { outstanding: wallets[0]!.outstanding.delta.value, owed: wallets[0]!.owed.delta.value };
    };
    // Of 150 points 30 are left; of 300 it would be 180, and of 75 nothing: 45 owed.
    const rest = async () => (await simulate({ programId })).wallets[0]!.outstanding.baseline.value;
    expect(await rest()).toBeGreaterThanOrEqual(30n);
    const others = await simulate({
      programId,
      levers: [{ lever: 'francs', value: '0.5' }],
      from: new Date('2026-10-31T12:00:00Z'),
    });
    expect(deltas(others).every((delta) => delta === 0n)).toBe(true);
    expect((await of('0')).owed).toBe(120n);
    expect((await of('0.5')).owed).toBe(45n);
    expect((await of('2')).owed).toBe(0n);
  });
});

describe('a budget', () => {
  test('is given out anew when it is another one', async () => {
    const budgeted = (initial: string) => {
      const match = { types: ['gift.opened'] };
      const rule = earningRule({ key: 'gift', match, earns: { event: { points: '40' } }, budget: { lever: 'budget' } });
      return exampleProgram({ rules: [rule], levers: [{ ...levers.budget, initial }] });
    };
    const programId = await publishAt(node, budgeted('150'), { name: 'Budgeted' });
    await submit(
      node,
      'bud',
      ...[1, 2, 3, 4, 5, 6].map((n) => ({ type: 'gift.opened', occurredAt: `2026-10-${10 + n}T10:00:00Z` })),
    );
    const from = new Date('2026-10-01T00:00:00Z');
    const ofBud = async (value: string | null) => {
      const found = await simulate({ programId, from, levers: value === null ? [] : [{ lever: 'budget', value }] });
      return { granted: found.wallets[0]!.granted, rebudgeted: found.rebudgeted };
    };
    expect(await ofBud(null)).toMatchObject({
      granted: { baseline: { value: 150n }, delta: { value: 0n } },
      rebudgeted: [],
    });
    expect(await ofBud('150')).toMatchObject({ granted: { delta: { value: 0n } }, rebudgeted: [] });
    expect(await ofBud('70')).toMatchObject({ granted: { changed: { value: 70n } }, rebudgeted: ['gift'] });
    expect((await ofBud('200')).granted.changed.value).toBe(200n);
  });
});

describe('rules with a condition', () => {
  const vip = { first: {} } as never;
  const eligibility = { given: vip, resolved: vip };

  test('that nobody was judged by grant nothing, or to everybody who is asked for', async () => {
    const programId = await publishAt(node, definition(), { name: 'Conditions' });
    const [base, coffee] = definition().rules;
    const bonus = earningRule({ key: 'bonus', qualifies: false, eligibility, earns: { event: { points: '10' } } });
    await database.pool`
      insert into loyalty_program_versions (program_id, version, status, definition, actor, created_at, updated_at)
      values (${programId}, 2, 'DRAFT', ${JSON.stringify({ ...definition(), rules: [base, coffee, bonus] })}::text::jsonb,
              'test', '2026-01-01', '2026-01-01')`;
    await submit(node, 'con', bought('2026-10-05T10:00:00Z', 10));
    const without = await simulate({ programId, draftVersion: 2 });
    expect(without.unjudged).toEqual(['bonus']);
    expect(without.wallets[0]!.granted.delta.value).toBe(0n);
    const withAll = await simulate({ programId, draftVersion: 2, segmentless: true });
    const given = withAll.rules.find(({ rule }) => rule === 'bonus')!.granted.delta.value;
    expect(given).toBeGreaterThan(10n);
    expect(withAll.wallets[0]!.granted.delta.value).toBe(given);
  });
});

describe('it is refused', () => {
  const refused = async (input: Partial<SimulationInput>, ctx = node.ctx) => {
    const error = await simulator
      .simulate(ctx, { programId: club, ...year, ...input })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DomainError);
    const { code, details } = error as DomainError;
    return [code, details.field ?? null];
  };

  test('what can not be replayed', async () => {
    expect(await refused({ to: year.from })).toEqual(['BAD_USER_INPUT', 'input.to']);
    expect(await refused({ to: new Date('2027-01-01') })).toEqual(['BAD_USER_INPUT', 'input.to']);
    expect(await refused({ sample: 0 })).toEqual(['BAD_USER_INPUT', 'input.sample']);
    expect(await refused({ levers: [{ lever: 'none', value: '1' }] })).toEqual([
      'BAD_USER_INPUT',
      'input.levers[0].lever',
    ]);
    expect(await refused({ levers: [{ lever: 'francs', value: '9' }] })).toEqual([
      'BAD_USER_INPUT',
      'input.levers[0].value',
    ]);
    expect(await refused({ draftVersion: 9 })).toEqual(['BAD_USER_INPUT', 'input.draftVersion']);
    expect(await refused({ programId: '0190a000-0000-7000-8000-000000000009' })).toEqual(['NOT_FOUND', null]);
    expect(await refused({ from: new Date('2019-01-01'), to: new Date('2019-02-01') })).toEqual([
      'BAD_USER_INPUT',
      'input.to',
    ]);
    const viewer = { ...node.ctx.viewer, scopes: new Set(['loyalty:read']) };
    expect(await refused({}, { ...node.ctx, viewer })).toEqual(['FORBIDDEN', null]);
  });

  test('while another one runs; then it runs again', async () => {
    const first = simulate();
    expect(await refused({})).toEqual(['OVERLOADED', null]);
    await first;
    await simulate();
  });

  test('once somebody has given it up, or the node stops, or it takes too long', async () => {
    const impatient = new AbortController();
    impatient.abort(new DomainError('SERVICE_UNAVAILABLE', 'enough'));
    await expect(simulator.simulate(node.ctx, { programId: club, ...year }, impatient.signal)).rejects.toThrow(
      'enough',
    );
    const slow = new LeverSimulator(node.book, 'Europe/Zurich', { seconds: 0.2 });
    const locked = await node.pool.begin(async (tx) => {
      await tx`lock table touchpoints in access exclusive mode`;
      const stopping = simulator.simulate(node.ctx, { programId: club, ...year }).catch((error: unknown) => error);
      setTimeout(() => simulator.stop(), 100);
      const late = slow.simulate(node.ctx, { programId: club, ...year }).catch((error: unknown) => error);
      return [await stopping, await late];
    });
    expect(locked).toMatchObject([{ code: 'SERVICE_UNAVAILABLE' }, { code: 'STATEMENT_TOO_SLOW' }]);
    expect(deltas(await simulate()).every((delta) => delta === 0n)).toBe(true);
  });
});

test('a return in the period of a purchase before it is told by both sides', async () => {
  const programId = await publishAt(node, definition(), { name: 'Returns' });
  await submit(
    node,
    'ret',
    bought('2026-09-01T10:00:00Z', 100, { properties: { orderId: 'r-1' } }),
    returned('2026-10-10T10:00:00Z', 60, 'r-1'),
  );
  const found = await simulate({
    programId,
    from: new Date('2026-10-09Z'),
    to: new Date('2026-10-11Z'),
    levers: [{ lever: 'francs', value: '3' }],
  });
  expect(found.revenue).toContainEqual({ currency: 'CHF', revenue: expect.anything() });
  const [points] = found.wallets;
  expect(points!.outstanding.baseline.value).toBeGreaterThan(0n);
});
