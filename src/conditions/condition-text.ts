import { toPublicId } from '../kernel/ids.ts';
import { canonicalJson } from '../kernel/json.ts';
import type {
  Condition,
  ConsentCondition,
  DateCondition,
  EventMatch,
  IdentityCondition,
  Leaf,
  LeafName,
  Leaves,
  LifecycleCondition,
  LoyaltyCondition,
  MembersCondition,
  NumberTest,
  PlaceCondition,
  PropertyTest,
  TotalCondition,
  TraitHeldCondition,
  ValueTest,
} from './condition.ts';
import { reservedWords } from './condition-grammar.ts';
import {
  comparisonWords,
  factWords,
  groupWords,
  kpiWords,
  measureWords,
  messageWords,
  quantifierWords,
  testOfTwo,
  testsOfNone,
  testsOfOne,
  testsOfSeveral,
  unitWords,
} from './condition-words.ts';
import { leafName } from './language.ts';
import type { Window } from './window.ts';

/**
 * The text of a checked condition, one leaf a line, for people to read and for `parseCondition`, which makes the same
 * condition of it again. Where lines break and how far they are indented says nothing.
 */
export function printCondition(condition: Condition): string {
  return linesOf(condition).join('\n');
}

/** The same text in a single line. */
export function printConditionLine(condition: Condition): string {
  return linesOf(condition)
    .map((line) => line.trimStart())
    .reduce((text, line) => text + (text.endsWith('(') || line === ')' ? '' : ' ') + line);
}

function linesOf(condition: Condition): string[] {
  if ('all' in condition) return listLines('all of', 'and', condition.all);
  if ('any' in condition) return listLines('any of', 'or', condition.any);
  if ('not' in condition) return withPrefix('not ', partLines(condition.not));
  if ('members' in condition) return memberLines(condition.members);
  return [leafText(condition)];
}

function listLines(name: string, link: string, parts: readonly Condition[]): string[] {
  // A list of one has no `and` that would tell what it is.
  if (parts.length === 1) return bracketed(`${name} `, partLines(parts[0]!));
  return parts.flatMap((part, index) => withPrefix(index === 0 ? '' : `${link} `, partLines(part)));
}

/** In brackets where it consists of several. */
function partLines(part: Condition): string[] {
  const isSeveral = ('all' in part && part.all.length > 1) || ('any' in part && part.any.length > 1);
  return isSeveral ? bracketed('', linesOf(part)) : linesOf(part);
}

function memberLines({ of, quantifier, condition }: MembersCondition): string[] {
  return bracketed(`${quantifierWords[quantifier]} ${groupWords[of]} `, linesOf(condition));
}

function bracketed(opening: string, lines: readonly string[]): string[] {
  return [`${opening}(`, ...lines.map((line) => `  ${line}`), ')'];
}

function withPrefix(prefix: string, [first = '', ...others]: readonly string[]): string[] {
  return [prefix + first, ...others];
}

type PlainName = Exclude<LeafName, 'members'>;

function leafText(leaf: Leaf): string {
  const name = leafName(leaf) as PlainName;
  return leafTexts[name]((leaf as Record<string, unknown>)[name] as never);
}

const leafTexts: { readonly [Name in PlainName]: (leaf: Leaves[Name]) => string } = {
  everyone: () => 'everyone',
  trait: (test) => `${nameText(test.trait)} ${testText(test)}`,
  date: (date) => `${nameText(date.trait)} ${dateText(date)}`,
  traitHeld: (held) => `${nameText(held.trait)} has been ${canonicalJson(held.value)} for ${heldText(held)}`,
  fact: ({ fact, currency, ...test }) => words(factWords[fact], currencyText(currency), numberText(test)),
  identity: identityText,
  place: placeText,
  bucket: ({ seed, from, to }) => `in buckets from ${from} to below ${to} of seed ${nameText(seed)}`,
  event: ({ match, count, window }) => words('count of', matchText(match), windowText(window), numberText(count)),
  first: ({ match, window }) => words('first', matchText(match), windowText(window)),
  stopped: ({ match, none }) => words('stopped', matchText(match), 'for', lengthText(none)),
  restarted: ({ match, pause, within }) =>
    words('restarted', matchText(match), 'in the last', lengthText(within), 'after a pause of', lengthText(pause)),
  regular: ({ match, unit, periods, atLeast }) =>
    words('regularly', matchText(match), `in at least ${atLeast} of the last`, lengthText({ count: periods, unit })),
  sequence: (leaf) =>
    words(
      'after',
      matchText(leaf.first),
      windowText(leaf.window),
      leaf.missing ? 'came no' : 'came',
      matchText(leaf.followedBy),
      `within ${lengthText(leaf.within)}`,
      leaf.same !== undefined && `with the same ${nameText(leaf.same)}`,
    ),
  total: totalText,
  last: ({ match, has, window }) =>
    `${words('of the last', matchText(match), windowText(window))}, ${propertyText(has)}`,
  keyed: ({ match, property, count, window }) =>
    words('count of the same', nameText(property), 'in', matchText(match), windowText(window), numberText(count)),
  message: ({ what, channels, campaigns, count, window }) =>
    words(
      'count of messages',
      messageWords[what],
      listText('on', channels?.map(lowerCase)),
      listText('of campaign', campaigns),
      windowText(window),
      numberText(count),
    ),
  consent: consentText,
  loyalty: loyaltyText,
  kpi: ({ kpi, currency, ...test }) => words(kpiWords[kpi], currencyText(currency), numberText(test)),
  lifecycle: lifecycleText,
  segment: ({ id }) => `in segment ${toPublicId('seg', id)}`,
  list: ({ id }) => `on list ${toPublicId('seg', id)}`,
};

function dateText(date: DateCondition): string {
  if (date.before !== undefined) return `is before ${date.before}`;
  if (date.after !== undefined) return `is after ${date.after}`;
  if (date.withinLast) return `is within the last ${lengthText(date.withinLast)}`;
  if (date.withinNext) return `is within the next ${lengthText(date.withinNext)}`;
  if (date.olderThan) return `is older than ${lengthText(date.olderThan)}`;
  return `has its anniversary within ${lengthText({ count: date.anniversaryWithinDays!, unit: 'DAY' })}`;
}

function heldText({ atLeast, lessThan }: TraitHeldCondition): string {
  const bounds = [atLeast && `at least ${lengthText(atLeast)}`, lessThan && `less than ${lengthText(lessThan)}`];
  return bounds.filter((bound) => bound !== undefined).join(' and ');
}

function identityText(identity: IdentityCondition): string {
  if (identity.carries !== undefined) return `carries ${nameText(identity.carries)}`;
  if (identity.verified !== undefined) return `carries verified ${nameText(identity.verified)}`;
  if (identity.recordFrom !== undefined) return `has a record from ${nameText(identity.recordFrom)}`;
  if (identity.mergedWithin) return `was merged in the last ${lengthText(identity.mergedWithin)}`;
  return 'is identified';
}

function placeText({ countries, regions, cities, postalCodes, near }: PlaceCondition): string {
  return words(
    'lives',
    listText('in country', countries),
    listText('in region', regions),
    listText('in city', cities),
    listText('in postal code', postalCodes),
    near && `within ${near.kilometres} km of ${near.latitude}, ${near.longitude}`,
  );
}

function consentText({ purpose, channel, status }: ConsentCondition): string {
  const over = channel === undefined ? undefined : [channel.toLowerCase()];
  return words('consent to', nameText(purpose), listText('on', over), listText('is', status.map(lowerCase)));
}

function loyaltyText({ program, memberFor, tiers, points }: LoyaltyCondition): string {
  const id = program === undefined ? undefined : toPublicId('prg', program);
  const memberOf = id === undefined ? 'member of any loyalty program' : `member of loyalty program ${id}`;
  if (memberFor) return `has been ${memberOf} for at least ${lengthText(memberFor)}`;
  if (tiers) return `loyalty tier of ${id} is ${namesText(tiers)}`;
  if (!points) return `is ${memberOf}`;
  const { wallet, expiringWithin, ...test } = points;
  return words(
    `loyalty balance of ${nameText(wallet)} in ${id}`,
    expiringWithin && `that expires within ${lengthText(expiringWithin)}`,
    numberText(test),
  );
}

function lifecycleText({ stages = [], inStageFor, riskBands, rfmSegments, abcClasses }: LifecycleCondition): string {
  if (riskBands) return `lifecycle risk is ${namesText(riskBands.map(lowerCase))}`;
  if (rfmSegments) return `lifecycle rfm segment is ${namesText(rfmSegments)}`;
  if (abcClasses) return `lifecycle abc class is ${namesText(abcClasses)}`;
  const names = namesText(stages.map(lowerCase));
  return inStageFor
    ? `lifecycle stage has been ${names} for at least ${lengthText(inStageFor)}`
    : `lifecycle stage is ${names}`;
}

function totalText({ match, measure, property, currency, window, ...test }: TotalCondition): string {
  const measured =
    measure === 'NET_REVENUE'
      ? words('net revenue', currencyText(currency), qualifiersText(match))
      : words(measureWords[measure], nameText(property!), 'over', matchText(match));
  return words(measured, windowText(window), numberText(test));
}

function matchText(match: EventMatch): string {
  return words(match.types ? namesText(match.types) : 'any touchpoint', qualifiersText(match));
}

function qualifiersText({ channels, directions, sources, campaigns, where }: EventMatch): string {
  return words(
    listText('on', channels?.map(lowerCase)),
    listText('direction', directions?.map(lowerCase)),
    listText('from source', sources),
    listText('of campaign', campaigns),
    where && `where ${whereText(where)}`,
  );
}

function whereText(tests: readonly PropertyTest[]): string {
  return tests.length === 1 ? propertyText(tests[0]!) : `(${tests.map(propertyText).join(' and ')})`;
}

function propertyText(test: PropertyTest): string {
  return `${nameText(test.property)} ${testText(test)}`;
}

function testText({ operator, value, values = [] }: ValueTest): string {
  const operands = values.map((operand) => canonicalJson(operand));
  if (operator === 'BETWEEN') return `${testOfTwo} ${operands.join(' and ')}`;
  if (operator in testsOfNone) return testsOfNone[operator as keyof typeof testsOfNone];
  if (operator in testsOfSeveral)
    return `${testsOfSeveral[operator as keyof typeof testsOfSeveral]} ${operands.join(', ')}`;
  return `${testsOfOne[operator as keyof typeof testsOfOne]} ${canonicalJson(value)}`;
}

function numberText({ comparison, value, to }: NumberTest): string {
  return comparison === 'BETWEEN' ? `${testOfTwo} ${value} and ${to}` : `${comparisonWords[comparison]} ${value}`;
}

function windowText(window: Window): string {
  if ('ever' in window) return 'ever';
  if ('last' in window) return `in the last ${lengthText(window.last)}`;
  if ('between' in window) return `between ${lengthText(window.between.from)} and ${lengthText(window.between.to)} ago`;
  if ('lastCalendar' in window) return `since the day ${lengthText(window.lastCalendar)} back`;
  if ('period' in window) return periodText(window.period);
  const { from, to } = window.absolute;
  if (from === undefined) return `until ${to}`;
  return to === undefined ? `from ${from}` : `from ${from} to ${to}`;
}

function periodText({ unit, ago }: Extract<Window, { period: unknown }>['period']): string {
  if (ago > 1) return `the ${unitWords[unit]} ${lengthText({ count: ago, unit })} ago`;
  if (unit === 'DAY') return ago === 0 ? 'today' : 'yesterday';
  return `${ago === 0 ? 'this' : 'last'} ${unitWords[unit]}`;
}

/** `1 day`, `30 days`. */
function lengthText({ count, unit }: { count: number; unit: keyof typeof unitWords }): string {
  return `${count} ${unitWords[unit]}${count === 1 ? '' : 's'}`;
}

function currencyText(currency: string | undefined): string | undefined {
  return currency && `in ${nameText(currency)}`;
}

function listText(opening: string, names: readonly string[] | undefined): string | undefined {
  return names && `${opening} ${namesText(names)}`;
}

function namesText(names: readonly string[]): string {
  return names.map(nameText).join(', ');
}

/** Bare where it can be, else quoted like any text in JSON. */
function nameText(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) && !reservedWords.has(name) ? name : JSON.stringify(name);
}

function lowerCase(name: string): string {
  return name.toLowerCase();
}

/** What is left out is left out. */
function words(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join(' ');
}
