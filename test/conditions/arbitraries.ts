import fc, { type Arbitrary } from 'fast-check';
import { v7 } from 'uuid';
import {
  type Condition,
  comparisons,
  customerFacts,
  type EventMatch,
  type Leaf,
  type LeafName,
  type Leaves,
  measures,
  messageEvents,
  type NumberTest,
  type PropertyTest,
  quantifiers,
  type ValueTest,
} from '../../src/conditions/condition.ts';
import { reservedWords } from '../../src/conditions/condition-grammar.ts';
import { consentStatuses } from '../../src/conditions/consent-names.ts';
import { type Duration, durationMs, durationUnits } from '../../src/conditions/duration.ts';
import { abcClasses, kpiNames, lifecycleStages, riskBands } from '../../src/conditions/kpi-names.ts';
import { canonicalDecimal, compareDecimals } from '../../src/conditions/number-test.ts';
import { calendarUnits, periodUnits, type Window } from '../../src/conditions/window.ts';
import { canonicalJson, type Json } from '../../src/kernel/json.ts';
import { channels, directions } from '../../src/touchpoints/touchpoint.ts';

// Conditions as they are stored: every kind with everything that it can say, in the spelling that its check gives it.

/** Any text that the database can keep. */
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((given) => given.isWellFormed() && !given.includes('\u0000'));

/** Words that are used in the language, with a meaning or without. */
const words = fc.constantFrom(
  ...reservedWords,
  'messages',
  'the',
  'same',
  'any',
  'touchpoint',
  'verified',
  'month',
  'null',
);

export const names: Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('country', 'tier', 'page.viewed', 'order.completed', 'in-store', '_x', 'a1'),
  },
  { weight: 1, arbitrary: words },
  { weight: 1, arbitrary: text.filter((name) => name.trim() !== '' && !/\p{Cc}/u.test(name)) },
);

const properties = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('category', 'address.city', 'lines.sku', 'value.amount', 'of', 'is.set') },
  { weight: 1, arbitrary: text.filter((name) => !name.includes('.')) },
);

export const uuids: Arbitrary<string> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((random) => v7({ random, msecs: random[0]! * 1e10, seq: random[1]! }));

/** An instant in its one spelling. */
const instants = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const durations: Arbitrary<Duration> = fc.record({
  count: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 500 })),
  unit: fc.constantFrom(...durationUnits),
});

/** The shorter one first. */
const unequal = fc
  .tuple(durations, durations)
  .filter(([a, b]) => durationMs(a) !== durationMs(b))
  .map(([a, b]): readonly [Duration, Duration] => (durationMs(a) < durationMs(b) ? [a, b] : [b, a]));

function listOf<T extends string>(entries: Arbitrary<T>): Arbitrary<T[]> {
  return fc.uniqueArray(entries, { minLength: 1, maxLength: 3 }).map((list) => list.sort());
}

/** The members that are there, if only some of them. */
function some<T extends object>(members: { [Name in keyof T]: Arbitrary<T[Name]> }): Arbitrary<Partial<T>> {
  return fc.record(members, { requiredKeys: [] }) as Arbitrary<Partial<T>>;
}

const json: Arbitrary<Json> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Json>('CH', '', 'a "quoted" (text)\n', true, false, 0, -1.5, 1e21, 1e-7) },
  {
    weight: 1,
    arbitrary: fc
      .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
      .map((value) => JSON.parse(JSON.stringify(value)) as Json)
      .filter((value) => value !== null && isStorable(canonicalJson(value))),
  },
);

function isStorable(spelled: string): boolean {
  return spelled.length <= 200 && !/__proto__|\\u0000|\\ud[89a-f]/i.test(spelled);
}

const ordered = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  text,
);
const scalars = fc.oneof(ordered, fc.boolean());

/** Sorted by their JSON, each once. */
function valuesOf(entries: Arbitrary<Json>): Arbitrary<Json[]> {
  return fc
    .uniqueArray(entries, { minLength: 1, maxLength: 3, selector: canonicalJson })
    .map((list) => list.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)));
}

const ranges = fc.tuple(fc.integer(), fc.integer()).map((ends) => ends.sort((a, b) => a - b));

export const valueTests: Arbitrary<ValueTest> = fc.oneof(
  fc.record({ operator: fc.constantFrom('EQUALS', 'NOT_EQUALS'), value: json }),
  fc.record({ operator: fc.constantFrom('LESS', 'LESS_OR_EQUAL', 'GREATER', 'GREATER_OR_EQUAL'), value: ordered }),
  fc.record({ operator: fc.constant('BETWEEN'), values: fc.oneof(ranges, fc.constant(['a', 'and'])) }),
  fc.record({ operator: fc.constantFrom('IN', 'NOT_IN'), values: valuesOf(json) }),
  fc.record({ operator: fc.constantFrom('CONTAINS', 'STARTS_WITH', 'ENDS_WITH'), value: text }),
  fc.record({ operator: fc.constant('MATCHES'), value: fc.constantFrom('^4\\d{3}$', 'a|b', '"[^"]*"') }),
  fc.record({ operator: fc.constantFrom('ANY_OF', 'ALL_OF', 'NONE_OF'), values: valuesOf(scalars) }),
  fc.record({ operator: fc.constantFrom('EXISTS', 'MISSING', 'IS_NULL') }),
) as Arbitrary<ValueTest>;

const propertyTests: Arbitrary<PropertyTest> = fc
  .tuple(properties, valueTests)
  .map(([property, test]) => ({ property, ...test }));

export const matches: Arbitrary<EventMatch> = some<EventMatch>({
  types: listOf(names),
  channels: listOf(fc.constantFrom(...channels)),
  directions: listOf(fc.constantFrom(...directions)),
  sources: listOf(names),
  campaigns: listOf(names),
  where: fc.array(propertyTests, { minLength: 1, maxLength: 3 }),
});

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 16n) + 1n, max: 10n ** 16n - 1n }), fc.nat(99_999_999))
  .map(([whole, fraction]) => canonicalDecimal(`${whole}.${fraction}`));
const counts = fc.nat(1_000_000).map(String);

function numberTestsOf(numbers: Arbitrary<string>): Arbitrary<NumberTest> {
  return fc.record({ comparison: fc.constantFrom(...comparisons), value: numbers, to: numbers }).map((test) => {
    const { comparison, value, to } = test;
    if (comparison !== 'BETWEEN') return { comparison, value };
    return compareDecimals(value, to) <= 0 ? test : { comparison, value: to, to: value };
  });
}

const numberTests = numberTestsOf(decimals);
const countTests = numberTestsOf(counts);

export const windows: Arbitrary<Window> = fc.oneof(
  fc.constant({ ever: true as const }),
  durations.map((last) => ({ last })),
  unequal.map(([to, from]) => ({ between: { from, to } })),
  fc
    .record({ count: fc.integer({ min: 1, max: 10 }), unit: fc.constantFrom(...calendarUnits) })
    .map((lastCalendar) => ({ lastCalendar })),
  fc
    .record({ unit: fc.constantFrom(...periodUnits), ago: fc.integer({ min: 0, max: 10 }) })
    .map((period) => ({ period })),
  instants.map((from) => ({ absolute: { from } })),
  instants.map((to) => ({ absolute: { to } })),
  fc
    .uniqueArray(instants, { minLength: 2, maxLength: 2 })
    .map((ends) => ends.sort())
    .map(([from, to]) => ({ absolute: { from: from!, to: to! } })),
);

const currencies = fc.constantFrom('CHF', 'EUR', 'JPY');

const facts = fc.tuple(fc.constantFrom(...customerFacts), currencies, numberTests, countTests).map((parts) => {
  const [fact, currency, amount, count] = parts;
  const isMoney = fact === 'NET_REVENUE' || fact === 'AVERAGE_ORDER_VALUE';
  return isMoney ? { fact, currency, ...amount } : { fact, ...count };
});

const totals = fc
  .record({
    match: matches,
    measure: fc.constantFrom(...measures),
    property: properties,
    currency: currencies,
    window: windows,
    test: numberTests,
    count: countTests,
  })
  .map(({ match, measure, property, currency, window, test, count }): Leaves['total'] => {
    const { types: _, ...others } = match;
    if (measure === 'NET_REVENUE') return { match: others, measure, currency, ...test, window };
    return { match, measure, property, ...(measure === 'DISTINCT' ? count : test), window };
  });

const degrees = (most: number) => fc.double({ min: -most, max: most, noNaN: true }).map((number) => number + 0);

const places = some<Leaves['place']>({
  countries: listOf(fc.oneof(fc.constantFrom('AT', 'CH'), names)),
  regions: listOf(fc.oneof(fc.constantFrom('ZH', 'within'), names)),
  cities: listOf(fc.oneof(fc.constantFrom('Zürich', 'St. Gallen'), names)),
  postalCodes: listOf(fc.oneof(fc.constantFrom('80', '81', 'SW1A'), names)),
  near: fc.record({
    latitude: degrees(90),
    longitude: degrees(180),
    kilometres: fc.double({ min: 0.001, max: 20_000, noNaN: true }),
  }),
}).filter((place) => Object.keys(place).length > 0);

const loyalties: Arbitrary<Leaves['loyalty']> = fc.oneof(
  fc.record({ program: uuids, member: fc.constant(true as const) }, { requiredKeys: ['member'] }),
  fc.record({ program: uuids, memberFor: durations }, { requiredKeys: ['memberFor'] }),
  fc.record({ program: uuids, tiers: listOf(names) }),
  fc
    .tuple(uuids, fc.record({ wallet: names, expiringWithin: durations }, { requiredKeys: ['wallet'] }), numberTests)
    .map(([program, which, test]) => ({ program, points: { ...which, ...test } })),
);

const moneyKpis: readonly string[] = ['NET_REVENUE', 'MARGIN', 'AVERAGE_ORDER_VALUE', 'CLV'];

const kpis = fc
  .tuple(fc.constantFrom(...kpiNames), currencies, numberTests)
  .map(([kpi, currency, test]) => (moneyKpis.includes(kpi) ? { kpi, currency, ...test } : { kpi, ...test }));

/** Sorted, as they are stored. */
const someOf = <Name extends string>(all: readonly Name[]) =>
  fc.subarray([...all].sort(), { minLength: 1 }).map((some): readonly Name[] => some);

const lifecycles: Arbitrary<Leaves['lifecycle']> = fc.oneof(
  fc.record({ stages: someOf(lifecycleStages), inStageFor: durations }, { requiredKeys: ['stages'] }),
  someOf(riskBands).map((bands) => ({ riskBands: bands })),
  listOf(names).map((rfmSegments) => ({ rfmSegments })),
  someOf(abcClasses).map((classes) => ({ abcClasses: classes })),
);

const leavesOfKind: { readonly [Name in Exclude<LeafName, 'members'>]: Arbitrary<Leaves[Name]> } = {
  everyone: fc.constant(true),
  trait: fc.tuple(names, valueTests).map(([trait, test]) => ({ trait, ...test })),
  date: fc
    .tuple(
      names,
      fc.oneof(
        instants.map((before) => ({ before })),
        instants.map((after) => ({ after })),
        durations.map((withinLast) => ({ withinLast })),
        durations.map((withinNext) => ({ withinNext })),
        durations.map((olderThan) => ({ olderThan })),
        fc.integer({ min: 0, max: 365 }).map((anniversaryWithinDays) => ({ anniversaryWithinDays })),
      ),
    )
    .map(([trait, test]) => ({ trait, ...test })),
  traitHeld: fc
    .tuple(
      fc.record({ trait: names, value: fc.option(json) }),
      fc.oneof(
        durations.map((atLeast) => ({ atLeast })),
        durations.map((lessThan) => ({ lessThan })),
        unequal.map(([atLeast, lessThan]) => ({ atLeast, lessThan })),
      ),
    )
    .map(([held, length]) => ({ ...held, ...length })),
  fact: facts,
  identity: fc.oneof(
    fc.constant({ identified: true as const }),
    names.map((carries) => ({ carries })),
    names.map((verified) => ({ verified })),
    names.map((recordFrom) => ({ recordFrom })),
    durations.map((mergedWithin) => ({ mergedWithin })),
  ),
  place: places,
  bucket: fc
    .tuple(names, fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 1, max: 10_000 }))
    .filter(([, from, to]) => from < to)
    .map(([seed, from, to]) => ({ seed, from, to })),
  event: fc.record({ match: matches, count: countTests, window: windows }),
  first: fc.record({ match: matches, window: windows }),
  stopped: fc.record({ match: matches, none: durations }),
  restarted: fc.record({ match: matches, pause: durations, within: durations }),
  regular: fc
    .record({ match: matches, unit: fc.constantFrom(...periodUnits), periods: fc.integer({ min: 1, max: 10 }) })
    .chain((leaf) => fc.integer({ min: 1, max: leaf.periods }).map((atLeast) => ({ ...leaf, atLeast }))),
  sequence: fc.record(
    {
      first: matches,
      followedBy: matches,
      within: durations,
      missing: fc.boolean(),
      same: properties,
      window: windows,
    },
    { requiredKeys: ['first', 'followedBy', 'within', 'missing', 'window'] },
  ),
  total: totals,
  last: fc.record({ match: matches, has: propertyTests, window: windows }),
  keyed: fc.record({ match: matches, property: properties, count: countTests, window: windows }),
  message: fc.record(
    {
      what: fc.constantFrom(...messageEvents),
      channels: listOf(fc.constantFrom(...channels)),
      campaigns: listOf(names),
      count: countTests,
      window: windows,
    },
    { requiredKeys: ['what', 'count', 'window'] },
  ),
  consent: fc.record(
    { purpose: names, channel: fc.constantFrom(...channels), status: someOf(consentStatuses) },
    { requiredKeys: ['purpose', 'status'] },
  ),
  loyalty: loyalties,
  kpi: kpis,
  lifecycle: lifecycles,
  segment: uuids.map((id) => ({ id })),
  list: uuids.map((id) => ({ id })),
};

/** The kinds that have no condition inside. */
export const plainKinds = Object.keys(leavesOfKind) as (keyof typeof leavesOfKind)[];

export function leavesOf(...kinds: readonly (keyof typeof leavesOfKind)[]): Arbitrary<Leaf> {
  const leaves = kinds.map((kind) => (leavesOfKind[kind] as Arbitrary<unknown>).map((leaf) => ({ [kind]: leaf })));
  // Records of fast-check have no prototype, which conditions have.
  return fc.oneof(...leaves).map((leaf) => structuredClone(leaf) as Leaf);
}

/** Trees of such leaves, at most 7 deep with at most 40 leaves; with `members`, also conditions on members. */
export function conditionsOf(leaves: Arbitrary<Leaf>, { members = true } = {}): Arbitrary<Condition> {
  const inner = treesOf(leaves, 2);
  const group = fc.record({
    of: fc.constantFrom('HOUSEHOLD' as const, 'ACCOUNT' as const),
    quantifier: fc.constantFrom(...quantifiers),
    condition: inner,
  });
  const parts = members
    ? fc.oneof(
        { weight: 6, arbitrary: leaves },
        group.map((of) => ({ members: { ...of } })),
      )
    : leaves;
  return treesOf(parts as Arbitrary<Condition>, 4);
}

function treesOf(leaves: Arbitrary<Condition>, maxDepth: number): Arbitrary<Condition> {
  const { tree } = fc.letrec<{ tree: Condition; list: Condition[] }>((tie) => ({
    list: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    tree: fc.oneof(
      { maxDepth, withCrossShrink: true },
      { weight: 3, arbitrary: leaves },
      { weight: 1, arbitrary: tie('list').map((all) => ({ all })) },
      { weight: 1, arbitrary: tie('list').map((any) => ({ any })) },
      { weight: 1, arbitrary: tie('tree').map((not) => ({ not })) },
    ),
  }));
  return tree.filter((condition) => countLeaves(condition) <= (maxDepth === 2 ? 5 : 40));
}

function countLeaves(condition: Condition): number {
  if ('all' in condition) return condition.all.reduce((sum, part) => sum + countLeaves(part), 0);
  if ('any' in condition) return condition.any.reduce((sum, part) => sum + countLeaves(part), 0);
  if ('not' in condition) return countLeaves(condition.not);
  return 'members' in condition ? 1 + countLeaves(condition.members.condition) : 1;
}

/** Checked conditions of every kind. */
export const anyConditions: Arbitrary<Condition> = conditionsOf(leavesOf(...plainKinds));
