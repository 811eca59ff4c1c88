import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Condition, LoyaltyCondition } from '../../src/conditions/condition.ts';
import { lockCustomers } from '../../src/identity/customers.queries.ts';
import { createHousehold } from '../../src/identity/relations/household.service.ts';
import { addHouseholdMember } from '../../src/identity/relations/household-members.service.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { SegmentExplainer } from '../../src/segments/segment-explanation.service.ts';
import { onLoyaltyMoved } from '../../src/segments/segment-reactions.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { earningRule, exampleProgram } from '../loyalty/example-program.ts';
import { publishAt } from '../loyalty/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';
import { expectTruth } from './truth.ts';

let database: TestDatabase;
let node: SegmentsFixture;
let program: string;

const present = '2026-11-01T12:00:00Z';
const day = 86_400_000;

beforeEach(async () => {
  database = await openTestDatabase();
  node = await openSegments(database.pool, { loyalty: true, now: present, timeZone: 'UTC' });
});

afterEach(() => database.close());

/** A franc is a point, for 30 days. */
const definition = exampleProgram({ rules: [earningRule({ expiry: { count: 30, unit: 'DAY', endOf: 'DAY' } })] });

const loyal = (loyalty: Omit<LoyaltyCondition, 'program'>): Condition => ({ loyalty: { program, ...loyalty } });
const rich = () => loyal({ points: { wallet: 'points', comparison: 'AT_LEAST', value: '300' } });

function draft(person: string, daysAgo: number, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return touchpoint({
    identifiers: [{ kind: 'userId', value: person }],
    occurredAt: new Date(Date.parse(present) - daysAgo * day).toISOString(),
    ...more,
  });
}

function bought(person: string, daysAgo: number, francs: number, more: Partial<TouchpointDraft> = {}): TouchpointDraft {
  return draft(person, daysAgo, {
    type: 'order.completed',
    value: { amount: String(francs), currency: 'CHF' },
    ...more,
  });
}

async function send(...drafts: TouchpointDraft[]): Promise<string> {
  const results = await node.ingest.submit(node.ctx, drafts);
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
  const [row] = await database.pool<{ id: string }[]>`
    select r.customer_id as id from identifiers i join claims c on c.identifier_id = i.id join records r on r.id = c.record_id
    where i.value = ${drafts[0]!.identifiers![0]!.value}`;
  return row!.id;
}

/** Takes points out of every account of a customer, and tells what follows; answers what changed for the feed. */
async function redeem(customerId: string, points: number) {
  const at = node.clock.now();
  return database.pool.begin(async (tx) => {
    await lockCustomers(tx, [customerId]);
    await tx`
      insert into loyalty_consumptions (record_id, program_id, wallet, decision_id, at, points, bucket)
      select a.record_id, a.program_id, a.wallet, gen_random_uuid(), ${at}, ${points}, 'REDEEMED'
      from records r join loyalty_accounts a on a.record_id = r.id where r.customer_id = ${customerId}`;
    const accounts = await tx<{ recordId: string; programId: string; wallet: string }[]>`
      select a.record_id as "recordId", a.program_id as "programId", a.wallet
      from records r join loyalty_accounts a on a.record_id = r.id where r.customer_id = ${customerId}`;
    const causeOf = () => ({ kind: 'REDEEMED', causeId: null }) as const;
    await node.loyalty!.ledger.settle(tx, accounts, { at, causeOf, debtOf: () => 'OWED' });
    return onLoyaltyMoved(node.evaluator)(tx, { at, customerIds: [customerId] });
  });
}

async function causes(segmentId: string): Promise<string[]> {
  const rows = await database.pool<{ cause: string }[]>`
    select cause from segment_log where segment_id = ${segmentId} order by id`;
  return rows.map(({ cause }) => cause);
}

async function travel(daysAhead: number, clocks: readonly ('segments' | 'loyalty')[]): Promise<void> {
  node.clock.set(new Date(Date.parse(present) + daysAhead * day));
  for (const clock of clocks) await (clock === 'segments' ? node.ticker : node.loyalty!.ticker).catchUp();
}

describe('a segment by loyalty', () => {
  beforeEach(async () => {
    program = await publishAt(node, definition);
  });

  test('has whoever a purchase gives the points or the tier in the commit that records it', async () => {
    const points = await node.create('300 points', rich());
    const tier = await node.create('silver or better', loyal({ tiers: ['silver', 'gold'] }));
    const member = await node.create('members', loyal({ member: true }));
    const late = await node.create('points at risk', {
      loyalty: {
        program,
        points: { wallet: 'points', comparison: 'MORE', value: '0', expiringWithin: { count: 21, unit: 'DAY' } },
      },
    });
    await send(draft('eve', 3));
    expect(await node.members(member.id)).toEqual([]);
    const ann = await send(bought('ann', 10, 250));
    expect(await node.members(member.id)).toEqual([ann]);
    expect(await node.members(points.id)).toEqual([]);
    expect(await node.members(tier.id)).toEqual([ann]);
    expect(await node.members(late.id)).toEqual([ann]);
    await send(bought('ann', 1, 60));
    expect(await node.members(points.id)).toEqual([ann]);
    expect(await causes(points.id)).toEqual(['EVENT']);
    await expectTruth(node);
  });

  test('takes in those who were there before', async () => {
    const ann = await send(bought('ann', 10, 350));
    await send(bought('bob', 10, 100));
    const points = await node.create('300 points', rich());
    expect(await node.members(points.id)).toEqual([ann]);
    await expectTruth(node);
  });

  test.each([
    ['whatever the loyalty clock does', ['segments'], 'CLOCK'],
    ['where the loyalty clock is first', ['loyalty', 'segments'], 'LOYALTY'],
  ] as const)('loses whose points expire, %s', async (_how, clocks, cause) => {
    const points = await node.create('300 points', rich());
    const ann = await send(bought('ann', 10, 350));
    expect(await node.members(points.id)).toEqual([ann]);
    // To the end of the 30th day.
    await travel(20.49, clocks);
    expect(await node.members(points.id)).toEqual([ann]);
    await expectTruth(node);
    await travel(20.5, clocks);
    expect(await node.members(points.id)).toEqual([]);
    expect(await causes(points.id)).toEqual(['EVENT', cause]);
    await expectTruth(node);
    await travel(21, ['segments', 'loyalty', 'segments']);
    expect(await causes(points.id)).toEqual(['EVENT', cause]);
    await expectTruth(node);
  });

  test('loses whose tier ends, once the loyalty clock has moved it', async () => {
    const tier = await node.create('silver', loyal({ tiers: ['silver'] }));
    const ann = await send(bought('ann', 10, 250));
    await travel(354, ['segments', 'loyalty', 'segments']);
    expect(await node.members(tier.id)).toEqual([ann]);
    await travel(356, ['segments', 'loyalty']);
    expect(await node.members(tier.id)).toEqual([]);
    expect(await causes(tier.id)).toEqual(['EVENT', 'LOYALTY']);
    await expectTruth(node);
  });

  test('takes in who has been a member long enough', async () => {
    const loyals = await node.create('loyal for long', loyal({ memberFor: { count: 30, unit: 'DAY' } }));
    const ann = await send(bought('ann', 10, 5));
    await travel(20, []);
    await node.ticker.catchUp();
    expect(await node.members(loyals.id)).toEqual([ann]);
    await expectTruth(node);
  });

  test('follows a decision in its transaction', async () => {
    const points = await node.create('300 points', rich());
    const ann = await send(bought('ann', 10, 350));
    expect(await redeem(ann, 100)).toHaveLength(1);
    expect(await node.members(points.id)).toEqual([]);
    expect(await causes(points.id)).toEqual(['EVENT', 'LOYALTY']);
    await expectTruth(node);
  });

  test('adds up whoever turns out to be one person, and takes them apart again', async () => {
    const points = await node.create('300 points', rich());
    const [ann, bea] = [await send(bought('ann', 10, 200)), await send(bought('bea', 9, 150))];
    expect(await node.members(points.id)).toEqual([]);
    const reason = 'one person';
    const { decision } = await node.decisions.mergeCustomers(node.ctx, { customerIds: [ann, bea], reason });
    expect(await node.members(points.id)).toEqual([ann]);
    await expectTruth(node);
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason });
    expect(await node.members(points.id)).toEqual([]);
    expect(await causes(points.id)).toEqual(['MERGE', 'UNMERGE']);
    await expectTruth(node);
  });

  test('can be part of other segments', async () => {
    const points = await node.create('300 points', rich());
    const all = await node.create('rich, not gold', {
      all: [{ segment: { id: points.id } }, { not: loyal({ tiers: ['gold'] }) }],
    });
    const ann = await send(bought('ann', 10, 350));
    expect(await node.members(all.id)).toEqual([ann]);
    await send(bought('ann', 9, 350));
    expect(await node.members(all.id)).toEqual([]);
    await expectTruth(node);
  });

  test('of what somebody in the household has moves all who live there', async () => {
    const [ann, bea] = [await send(draft('ann', 10)), await send(draft('bea', 9))];
    const { id: householdId } = await createHousehold(node.ctx, { name: 'Home', reason: 'a test' });
    for (const customerId of [ann, bea])
      await addHouseholdMember(node.ctx, { householdId, customerId, role: 'MEMBER', reason: 'a test' });
    await node.ticker.catchUp();
    const anyone = await node.create('somebody is rich', {
      members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: rich() },
    });
    await send(bought('bea', 1, 350));
    expect(await node.members(anyone.id)).toEqual([ann, bea].sort());
    await redeem(bea, 100);
    expect(await node.members(anyone.id)).toEqual([]);
    await expectTruth(node);
  });

  test('is explained by what was found', async () => {
    const parts = [rich(), loyal({ tiers: ['gold'] }), loyal({ memberFor: { count: 1, unit: 'DAY' } })];
    const segment = await node.create('one of them', { any: parts });
    const customerId = await send(bought('ann', 10, 350));
    const explainer = new SegmentExplainer(node.evaluator);
    const explained = await explainer.explain(node.ctx, { customerId, segmentId: segment.id });
    expect(explained).toMatchObject({ isMember: true, verdict: true, agrees: true });
    const id = toPublicId('prg', program);
    expect(explained.judgements.slice(1).map(({ text, verdict, found }) => [text, verdict, found])).toEqual([
      [`loyalty balance of points in ${id} is at least 300`, true, '350'],
      [`loyalty tier of ${id} is gold`, false, 'silver'],
      [`has been member of loyalty program ${id} for at least 1 day`, true, '2026-10-22T12:00:00.000Z'],
    ]);
  });

  test('by a programme that there is not is refused', async () => {
    const missing = '0190b39c-5c6d-7e8f-9a0b-1c2d3e4f5b4b';
    const given = { any: [{ not: { loyalty: { program: missing, member: true as const } } }] };
    await expect(node.create('nowhere', given)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'There is no loyalty program prg_01j2ssrq3dft7sm2rw5mz4yptb.',
    });
  });
});

describe('a rule for whoever has a tier or points', () => {
  test('counts as of before the touchpoint, and what was decided stays', async () => {
    program = '0190b39c-5c6d-7e8f-9a0b-1c2d3e4f5b4b';
    const isRich: Condition = loyal({ points: { wallet: 'points', comparison: 'AT_LEAST', value: '100' } });
    const extra = earningRule({
      key: 'extra',
      name: 'Extra',
      earns: { event: { points: '1000' } },
      eligibility: { given: isRich, resolved: isRich },
      qualifies: false,
    });
    await publishAt(node, exampleProgram({ rules: [earningRule(), extra] }), { id: program });
    const balances = async () => {
      const rows = await database.pool<{ available: bigint }[]>`select available from loyalty_accounts`;
      return rows.map(({ available }) => Number(available));
    };
    await send(bought('ann', 10, 150));
    expect(await balances(), 'nothing before').toEqual([150]);
    await send(bought('ann', 9, 10), bought('ann', 8, 10));
    expect(await balances(), 'rich by the first').toEqual([150 + 2 * 1010]);
    await send(bought('ann', 12, 1));
    expect(await balances(), 'late, but known when it arrived').toEqual([150 + 2 * 1010 + 1001]);
    await travel(1, ['loyalty']);
    expect(await balances()).toEqual([150 + 2 * 1010 + 1001]);
  });
});

type Step =
  | { readonly do: 'buy'; readonly who: string; readonly daysAgo: number; readonly francs: number }
  | { readonly do: 'return'; readonly who: string; readonly francs: number }
  | { readonly do: 'redeem'; readonly who: string; readonly points: number }
  | { readonly do: 'wait'; readonly days: number; readonly clocks: readonly ('segments' | 'loyalty')[] }
  | { readonly do: 'merge' };

const who = fc.constantFrom('ann', 'bea', 'cyd');
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('buy' as const),
      who,
      daysAgo: fc.constantFrom(-0.5, 0, 3, 10, 29, 31, 200),
      francs: fc.constantFrom(50, 150, 300),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('return' as const), who, francs: fc.constantFrom(50, 300) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('redeem' as const), who, points: fc.constantFrom(40, 400) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      days: fc.constantFrom(0.5, 1, 7, 20, 30.5, 170),
      clocks: fc.constantFrom(['segments', 'loyalty'] as const, ['loyalty', 'segments'] as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'merge' as const }) },
);

/** Points that wait for some days, and others that don't; some are owed. */
const pending = earningRule({
  key: 'later',
  name: 'Later',
  pendingDays: 14,
  expiry: { count: 2, unit: 'MONTH', endOf: 'MONTH' },
});

async function carryOut(step: Step): Promise<void> {
  const ids = new Map(await findPeople());
  const now = node.clock.now().getTime();
  const at = (daysAgo: number) => ({ occurredAt: new Date(now - daysAgo * day).toISOString() });
  if (step.do === 'buy') await send(bought(step.who, 0, step.francs, at(step.daysAgo)));
  else if (step.do === 'return') await send(bought(step.who, 0, step.francs, { ...at(0), type: 'order.returned' }));
  else if (step.do === 'redeem') {
    const id = ids.get(step.who);
    if (id !== undefined) await redeem(id, step.points);
  } else if (step.do === 'merge') {
    const customerIds = [...new Set(ids.values())].slice(0, 2);
    if (customerIds.length === 2) await node.decisions.mergeCustomers(node.ctx, { customerIds, reason: 'one person' });
  } else {
    node.clock.set(new Date(now + step.days * day));
    for (const clock of step.clocks) await (clock === 'segments' ? node.ticker : node.loyalty!.ticker).catchUp();
  }
}

async function findPeople(): Promise<[string, string][]> {
  const rows = await database.pool<{ value: string; id: string }[]>`
    select i.value, r.customer_id as id from identifiers i join claims c on c.identifier_id = i.id
    join records r on r.id = c.record_id order by i.value`;
  return rows.map(({ value, id }) => [value, id]);
}

test('whatever happens in whichever order, the members are those for whom the condition holds', async () => {
  const asked = (): Condition[] => [
    rich(),
    loyal({ points: { wallet: 'points', comparison: 'BETWEEN', value: '1', to: '200' } }),
    loyal({ points: { wallet: 'points', comparison: 'LESS', value: '0' } }),
    loyal({
      points: { wallet: 'points', comparison: 'AT_LEAST', value: '100', expiringWithin: { count: 14, unit: 'DAY' } },
    }),
    loyal({ tiers: ['silver', 'gold'] }),
    { not: loyal({ tiers: ['bronze'] }) },
    { all: [{ loyalty: { memberFor: { count: 7, unit: 'DAY' } } }, { not: rich() }] },
  ];
  const property = fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 16 }), async (history) => {
    await database.close();
    database = await openTestDatabase();
    node = await openSegments(database.pool, { loyalty: true, now: present, timeZone: 'UTC' });
    program = await publishAt(node, { ...definition, rules: [...definition.rules, pending] });
    for (const [index, condition] of asked().entries()) await node.create(`Segment ${index}`, condition);
    for (const step of history) {
      await carryOut(step);
      if (step.do === 'wait') await expectTruth(node);
    }
    await expectTruth(node);
  });
  await fc.assert(property, { numRuns: propertyRuns(5), endOnFailure: false });
}, 600_000);
