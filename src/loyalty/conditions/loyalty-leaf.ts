import type { LoyaltyCondition, LoyaltyPointsTest } from '../../conditions/condition.ts';
import { checkDuration, shift } from '../../conditions/duration.ts';
import type { Finding, LeafKind } from '../../conditions/leaf-kind.ts';
import type { Moment } from '../../conditions/moment.ts';
import { checkName, checkNames, checkOnly } from '../../conditions/name.ts';
import { checkNumberTest, testNumber } from '../../conditions/number-test.ts';
import { badInput } from '../../kernel/errors.ts';

const tests = ['member', 'memberFor', 'tiers', 'points'] as const;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the customer is and has in loyalty programmes. */
export const loyaltyLeaf: LeafKind<'loyalty'> = {
  name: 'loyalty',
  check: (given, field) => {
    const test = checkOnly(given, tests, field);
    return { ...checkProgram(given, test, `${field}.program`), ...checkTest(given, test, `${field}.${test}`) };
  },
  needs: () => ({ loyalty: true }),
  cost: ({ points }) => (points ? 4 : 2),
  judge: (leaf, facts, moment) => {
    // What there is of a customer of whom loyalty knows nothing.
    const held = (facts.further.get('loyalty') ?? nothing) as unknown as LoyaltyFacts;
    if (leaf.tiers) return judgeTier(leaf, held);
    return leaf.points ? judgePoints(leaf, held, moment) : judgeMember(leaf, held, moment);
  },
};

/** All that is known of one customer, as JSON. Instants are milliseconds since 1970, points decimal text. */
export interface LoyaltyFacts {
  /** Those that are active. */
  readonly memberships: readonly { readonly program: string; readonly enrolledAt: number }[];
  /** Keys of tiers, by programme. */
  readonly tiers: Readonly<Record<string, string>>;
  readonly lots: readonly LotFact[];
}

export interface LotFact {
  readonly program: string;
  readonly wallet: string;
  readonly available: string;
  readonly pending: string;
  readonly availableAt: number;
  readonly expiresAt: number | null;
}

const nothing: LoyaltyFacts = { memberships: [], tiers: {}, lots: [] };

function checkProgram(
  { program }: LoyaltyCondition,
  test: (typeof tests)[number],
  field: string,
): Pick<LoyaltyCondition, 'program'> {
  if (program == null && (test === 'member' || test === 'memberFor')) return {};
  if (typeof program === 'string' && uuid.test(program)) return { program };
  throw badInput('Expected the id of a loyalty program.', field);
}

function checkTest(given: LoyaltyCondition, test: (typeof tests)[number], field: string): LoyaltyCondition {
  switch (test) {
    case 'member':
      if (given.member !== true) throw badInput('Expected `true`; use `not` for the others.', field);
      return { member: true };
    case 'memberFor':
      return { memberFor: checkDuration(given.memberFor!, field) };
    case 'tiers':
      return { tiers: checkNames(given.tiers!, field) };
    case 'points':
      return { points: checkPoints(given.points!, field) };
  }
}

function checkPoints(given: LoyaltyPointsTest, field: string): LoyaltyPointsTest {
  const { wallet, expiringWithin } = given;
  return {
    wallet: checkName(wallet, `${field}.wallet`),
    ...(expiringWithin == null ? {} : { expiringWithin: checkDuration(expiringWithin, `${field}.expiringWithin`) }),
    ...checkNumberTest(given, field),
  };
}

function judgeMember({ program, memberFor }: LoyaltyCondition, held: LoyaltyFacts, { now }: Moment): Finding {
  const since = held.memberships
    .filter((one) => (program === undefined || one.program === program) && one.enrolledAt <= now.getTime())
    .map(({ enrolledAt }) => enrolledAt)
    .sort((a, b) => a - b)[0];
  if (since === undefined) return { verdict: false, found: null };
  const latest = memberFor ? shift(now, memberFor, -1) : now;
  return { verdict: since <= latest.getTime(), found: new Date(since).toISOString() };
}

function judgeTier({ program, tiers }: LoyaltyCondition, held: LoyaltyFacts): Finding {
  const tier = held.tiers[program!] ?? null;
  return { verdict: tier !== null && tiers!.includes(tier), found: tier };
}

function judgePoints({ program, points }: LoyaltyCondition, held: LoyaltyFacts, { now }: Moment): Finding {
  const { wallet, expiringWithin } = points!;
  const lots = held.lots.filter((lot) => lot.program === program && lot.wallet === wallet);
  const pointsOf = expiringWithin
    ? (lot: LotFact) => expiringPoints(lot, now, shift(now, expiringWithin, 1))
    : (lot: LotFact) => spendablePoints(lot, now);
  const found = lots.reduce((sum, lot) => sum + pointsOf(lot), 0n).toString();
  return { verdict: testNumber(found, points!), found };
}

/** Whether or not the loyalty clock has been here: what the lot holds at this instant. */
function spendablePoints({ available, pending, availableAt, expiresAt }: LotFact, now: Date): bigint {
  if (expiresAt !== null && expiresAt <= now.getTime()) return 0n;
  return BigInt(available) + (availableAt <= now.getTime() ? BigInt(pending) : 0n);
}

function expiringPoints({ available, pending, expiresAt }: LotFact, now: Date, last: Date): bigint {
  const expires = expiresAt !== null && expiresAt > now.getTime() && expiresAt <= last.getTime();
  return expires ? BigInt(available) + BigInt(pending) : 0n;
}
