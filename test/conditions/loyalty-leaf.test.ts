import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Condition, LoyaltyCondition } from '../../src/conditions/condition.ts';
import { loadFacts } from '../../src/conditions/facts.service.ts';
import type { Moment } from '../../src/conditions/moment.ts';
import { loyaltyOf } from '../../src/loyalty/conditions/loyalty-leaf.queries.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { expectAgreement, language } from './fixture.ts';
import {
  conditions,
  type HeldLot,
  type Holder,
  holders,
  insertHolders,
  moments,
  present,
  programs,
  turns,
} from './loyalties.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
});

afterAll(() => database.close());

const [program, other] = programs;
const days = (count: number) => ({ count, unit: 'DAY' }) as const;
const hour = 3_600_000;
const later = (hours: number) => new Date(present.getTime() + hours * hour);
const nobody: Holder = { records: [{ lots: [], memberships: [] }], tiers: [] };

function withLots(...lots: readonly Partial<HeldLot>[]): Holder {
  const plain = { program, wallet: 'points', available: 0, pending: 0, availableAt: later(-48), expiresAt: null };
  return { records: [{ lots: lots.map((lot) => ({ ...plain, ...lot })), memberships: [] }], tiers: [] };
}

/** What the condition says of each, and until when. */
async function ask(loyalty: LoyaltyCondition, ...given: readonly Holder[]) {
  const ids = await insertHolders(database.pool, given);
  const each = await expectAgreement(database.pool, [{ loyalty }], { now: present, timeZone: 'Europe/Zurich' });
  return ids.map((id) => [each.get(id)!.verdicts[0], each.get(id)!.nexts[0]?.toISOString() ?? null]);
}

const balance = (value: string, more: object = {}): LoyaltyCondition => ({
  program,
  points: { wallet: 'points', comparison: 'AT_LEAST', value, ...more },
});

describe('points', () => {
  test('are those of the instant, whether or not the loyalty clock has been there', async () => {
    expect(
      await ask(
        balance('5'),
        withLots({ available: 5 }),
        withLots({ pending: 5, availableAt: later(-1) }),
        withLots({ pending: 5, availableAt: present }),
        withLots({ pending: 5, availableAt: later(1) }),
        withLots({ available: 5, expiresAt: later(1) }),
        withLots({ available: 5, expiresAt: present }),
        withLots({ pending: 5, availableAt: later(-2), expiresAt: later(-1) }),
      ),
    ).toEqual([
      [true, null],
      [true, null],
      [true, null],
      [false, later(1).toISOString()],
      [true, later(1).toISOString()],
      [false, null],
      [false, null],
    ]);
  });

  test('of all records of a customer, of this wallet and programme', async () => {
    const lot = withLots({ available: 3 }).records[0]!;
    const two: Holder = { records: [lot, lot], tiers: [] };
    expect(
      await ask(
        balance('5'),
        two,
        withLots({ available: 9, wallet: 'stars' }),
        withLots({ available: 9, program: other }),
        nobody,
      ),
    ).toEqual([
      [true, null],
      [false, null],
      [false, null],
      [false, null],
    ]);
  });

  test('that are owed are less than none, and nobody has 0', async () => {
    const none = balance('0', { comparison: 'EQUALS' });
    const owed = withLots({ available: -4 }, { pending: 4, availableAt: later(3) });
    expect(await ask(balance('0', { comparison: 'LESS' }), owed, nobody)).toEqual([
      [true, later(3).toISOString()],
      [false, null],
    ]);
    expect(await ask(none, owed, nobody)).toEqual([
      [false, later(3).toISOString()],
      [true, null],
    ]);
  });

  test('that come and go before it matters are not waited for', async () => {
    const lots = withLots(
      { available: 9 },
      { available: 2, expiresAt: later(1) },
      { pending: 1, availableAt: later(2) },
      { available: 5, expiresAt: later(3) },
    );
    expect(await ask(balance('12'), lots)).toEqual([[true, later(3).toISOString()]]);
    expect(await ask(balance('10'), lots)).toEqual([[true, null]]);
  });

  test('beyond what a JavaScript number holds are exact', async () => {
    const many = withLots({ available: 9_007_199_254_740_991 }, { available: 2 });
    expect(await ask(balance('9007199254740993'), many)).toEqual([[true, null]]);
    expect(await ask(balance('9007199254740993', { comparison: 'MORE' }), many)).toEqual([[false, null]]);
  });

  test('expire within a time: from so long before, up to the instant itself', async () => {
    const soon = balance('1', { expiringWithin: days(1) });
    expect(
      await ask(
        soon,
        withLots({ available: 1, expiresAt: later(25) }),
        withLots({ available: 1, expiresAt: later(24) }),
        withLots({ pending: 1, availableAt: later(2), expiresAt: later(23) }),
        withLots({ available: 1, expiresAt: present }),
        withLots({ available: 1 }),
      ),
    ).toEqual([
      [false, later(1).toISOString()],
      [true, later(24).toISOString()],
      [true, later(23).toISOString()],
      [false, null],
      [false, null],
    ]);
  });
});

describe('members and tiers', () => {
  const member = (...given: readonly [number, string?, string?][]): Holder => {
    const memberships = given.map(([hours, status = 'ACTIVE', of = program]) => {
      return { program: of, status: status as 'ACTIVE', enrolledAt: later(hours) };
    });
    return { records: memberships.map((one) => ({ lots: [], memberships: [one] })), tiers: [] };
  };

  test('a member is whoever carries an active membership that has begun', async () => {
    const given = [member([-24]), member([-24, 'LEFT']), member([1]), member([-24, 'ACTIVE', other]), nobody];
    expect(await ask({ program, member: true }, ...given)).toEqual([
      [true, null],
      [false, null],
      [false, later(1).toISOString()],
      [false, null],
      [false, null],
    ]);
    expect((await ask({ member: true }, ...given)).map(([verdict]) => verdict)).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  test('for how long: the one that has lasted longest', async () => {
    expect(
      await ask(
        { program, memberFor: days(2) },
        member([-48]),
        member([-47]),
        member([-1], [-47]),
        member([-90, 'LEFT'], [-1]),
      ),
    ).toEqual([
      [true, null],
      [false, later(1).toISOString()],
      [false, later(1).toISOString()],
      [false, later(47).toISOString()],
    ]);
  });

  test('a tier is the one that is stored, until it is due', async () => {
    const tier = (key: string | null, dueAt: Date | null = null, of: string = program): Holder => {
      return { ...nobody, tiers: [{ program: of, tier: key, dueAt }] };
    };
    expect(
      await ask(
        { program, tiers: ['silver', 'gold'] },
        tier('gold'),
        tier('silver', later(5)),
        tier('silver', later(-5)),
        tier('bronze'),
        tier(null),
        tier('gold', null, other),
        nobody,
      ),
    ).toEqual([
      [true, null],
      [true, later(5).toISOString()],
      [true, null],
      [false, null],
      [false, null],
      [false, null],
      [false, null],
    ]);
  });
});

const runs = propertyRuns(40);

test('whatever customers have, SQL and facts agree, and nothing changes unforeseen', async () => {
  const property = fc.asyncProperty(
    fc.array(holders, { minLength: 1, maxLength: 6 }),
    fc.array(conditions, { minLength: 3, maxLength: 10 }),
    fc.array(moments, { minLength: 1, maxLength: 2 }),
    async (given, asked, times) => {
      await insertHolders(database.pool, given);
      for (const moment of times) await expectForeseen(given, asked, moment);
    },
  );
  await fc.assert(property, { numRuns: runs, endOnFailure: false });
}, 600_000);

/** Until the instant that SQL names, at all the instants that could matter. */
async function expectForeseen(given: readonly Holder[], asked: readonly Condition[], moment: Moment): Promise<void> {
  const each = await expectAgreement(database.pool, asked, moment);
  const further = [{ leaf: 'loyalty', query: loyaltyOf }];
  const facts = await loadFacts(database.pool, [...each.keys()], { now: moment.now, further });
  const ahead = turns(given).filter((at) => at > moment.now);
  for (const [id, { verdicts, nexts }] of each) {
    for (const [place, condition] of asked.entries()) {
      const next = nexts[place] ?? null;
      const say = (now: Date) => language.judge(condition, facts.get(id)!, { ...moment, now }).verdict;
      const told = `${JSON.stringify(condition)} of ${id} at ${moment.now.toISOString()}`;
      for (const now of ahead.filter((at) => next === null || at < next)) {
        expect(say(now), `at ${now.toISOString()}: ${told}`).toBe(verdicts[place]);
      }
      const isExact = 'loyalty' in condition && condition.loyalty.tiers === undefined;
      if (isExact && next) expect(say(next), `no sooner than needed: ${told}`).toBe(!verdicts[place]);
    }
  }
}

describe('a loyalty condition that makes no sense is refused', () => {
  test.each<[string, string, object]>([
    ['Expected exactly one of member, memberFor, tiers, points; got none', 'definition.loyalty', { program }],
    ['got member and tiers', 'definition.loyalty', { program, member: true, tiers: ['gold'] }],
    ['the id of a loyalty program', 'definition.loyalty.program', { tiers: ['gold'] }],
    ['the id of a loyalty program', 'definition.loyalty.program', { program: 'club', member: true }],
    ['Expected `true`', 'definition.loyalty.member', { member: false }],
    ['from 1 to ten years', 'definition.loyalty.memberFor.count', { memberFor: days(0) }],
    ['a list of 1 to 100', 'definition.loyalty.tiers', { program, tiers: [] }],
    [
      'printable characters',
      'definition.loyalty.points.wallet',
      { program, points: { comparison: 'LESS', value: '1' } },
    ],
    ['decimal number', 'definition.loyalty.points.value', balance('many')],
    [
      'from 1 to ten years',
      'definition.loyalty.points.expiringWithin.count',
      balance('1', { expiringWithin: days(9_999) }),
    ],
  ])('%s at %s', (message, field, loyalty) => {
    const check = () => language.check({ loyalty } as unknown as Condition);
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ details: { field } }));
  });

  test('and stored without what is not given, in one spelling', () => {
    const given = { loyalty: { program: null, member: true, tiers: null, points: null } } as unknown as Condition;
    expect(language.check(given)).toStrictEqual({ loyalty: { member: true } });
    const tiers = { loyalty: { program, tiers: ['silver', 'gold', 'silver'] } };
    expect(language.check(tiers)).toStrictEqual({ loyalty: { program, tiers: ['gold', 'silver'] } });
    const points = balance('007.0', { expiringWithin: null });
    expect(language.check({ loyalty: points })).toStrictEqual({ loyalty: balance('7') });
  });
});
