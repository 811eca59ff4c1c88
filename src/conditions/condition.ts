import type { Json } from '../kernel/json.ts';
import type { Channel, Direction } from '../touchpoints/touchpoint.ts';
import type { Duration } from './duration.ts';
import type { PeriodUnit, Window } from './window.ts';

/**
 * Which customers: a tree of `all`, `any` and `not` over leaves, as plain JSON. It is stored as it stands here, with
 * nothing left to a default, so that what it means never changes under it.
 */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Leaf;

export type LeafName = keyof Leaves;

/** One leaf: an object with a single member, the name of its kind. */
export type Leaf = { [Name in LeafName]: { readonly [Key in Name]: Leaves[Name] } }[LeafName];

/**
 * The vocabulary. What a kind means is said by its {@link LeafKind}; kinds whose facts belong to modules further up are
 * registered by them, see the wiring.
 */
export interface Leaves {
  everyone: true;
  trait: TraitCondition;
  date: DateCondition;
  traitHeld: TraitHeldCondition;
  fact: FactCondition;
  identity: IdentityCondition;
  place: PlaceCondition;
  bucket: BucketCondition;
  event: EventCondition;
  first: FirstCondition;
  stopped: StoppedCondition;
  restarted: RestartedCondition;
  regular: RegularCondition;
  sequence: SequenceCondition;
  total: TotalCondition;
  last: LastCondition;
  keyed: KeyedCondition;
  message: MessageCondition;
  members: MembersCondition;
  segment: SegmentCondition;
  list: ListCondition;
}

export const valueOperators = [
  'EQUALS',
  'NOT_EQUALS',
  'LESS',
  'LESS_OR_EQUAL',
  'GREATER',
  'GREATER_OR_EQUAL',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'CONTAINS',
  'STARTS_WITH',
  'ENDS_WITH',
  'MATCHES',
  'ANY_OF',
  'ALL_OF',
  'NONE_OF',
  'EXISTS',
  'MISSING',
  'IS_NULL',
] as const;
export type ValueOperator = (typeof valueOperators)[number];

/**
 * What a JSON value must be. `value` for one operand, `values` for several (IN, NOT_IN, ANY_OF, ALL_OF, NONE_OF, and the
 * two ends of BETWEEN, both included), neither for EXISTS (set to something), MISSING (never set) and IS_NULL (set to
 * nothing).
 */
export interface ValueTest {
  readonly operator: ValueOperator;
  readonly value?: Json;
  readonly values?: readonly Json[];
}

/** A golden trait. */
export interface TraitCondition extends ValueTest {
  readonly trait: string;
}

/**
 * A golden trait that is a date (`2026-03-29`) or an instant, against the present. Exactly one test is there. A date is
 * the whole day in the organisation's zone; `before` and `after` compare its beginning, as do the others.
 */
export interface DateCondition {
  readonly trait: string;
  /** RFC 3339 instants. */
  readonly before?: string;
  readonly after?: string;
  readonly withinLast?: Duration;
  readonly withinNext?: Duration;
  readonly olderThan?: Duration;
  /** The next anniversary is today or at most so many days away; 0: today. Feb 29 is kept on Feb 28 in other years. */
  readonly anniversaryWithinDays?: number;
}

/**
 * What sources said last of a trait has been this value for at least (`atLeast`) or less than (`lessThan`) so long. The
 * latest word of any record counts, whatever the trait's survivorship.
 */
export interface TraitHeldCondition {
  readonly trait: string;
  readonly value: Json;
  readonly atLeast?: Duration;
  readonly lessThan?: Duration;
}

export const comparisons = ['EQUALS', 'NOT_EQUALS', 'LESS', 'AT_MOST', 'MORE', 'AT_LEAST', 'BETWEEN'] as const;

/** A number against a bound; `to` is the upper end of BETWEEN, both ends included. Decimal text: exact. */
export interface NumberTest {
  readonly comparison: (typeof comparisons)[number];
  readonly value: string;
  readonly to?: string;
}

export const customerFacts = [
  'TOUCHPOINTS',
  'RECORDS',
  'ORDERS',
  'RETURNS',
  'NET_REVENUE',
  'AVERAGE_ORDER_VALUE',
  'DAYS_SINCE_FIRST_SEEN',
  'DAYS_SINCE_LAST_SEEN',
  'DAYS_SINCE_LAST_ORDER',
] as const;
export type CustomerFact = (typeof customerFacts)[number];

/**
 * A number that the single customer view shows. NET_REVENUE and AVERAGE_ORDER_VALUE are in one currency, in its units.
 * Days are whole days of 24 hours; a customer without orders has no days since the last one, and no comparison holds.
 */
export interface FactCondition extends NumberTest {
  readonly fact: CustomerFact;
  readonly currency?: string;
}

/** Exactly one of these. */
export interface IdentityCondition {
  /** Known by an identifier that names a person. */
  readonly identified?: true;
  /** Carries an identifier of this kind. */
  readonly carries?: string;
  /** Carries one, and the trait that says so (`emailVerified`) is true. */
  readonly verified?: string;
  /** Has a source record of this source. */
  readonly recordFrom?: string;
  /** Another customer was merged into this one so recently. */
  readonly mergedWithin?: Duration;
}

/** Where the customer lives: by golden traits (`country`, `region`, `city`, `postalCode`), or by distance. */
export interface PlaceCondition {
  /** Each that is given must be one of the list; postal codes by their beginning. Case does not matter. */
  readonly countries?: readonly string[];
  readonly regions?: readonly string[];
  readonly cities?: readonly string[];
  readonly postalCodes?: readonly string[];
  /** Great-circle distance of the trait `location` (`{ latitude, longitude }`) from a point. */
  readonly near?: { readonly latitude: number; readonly longitude: number; readonly kilometres: number };
}

/**
 * A stable share of all customers: a hash of seed and customer id falls into one of 10,000 buckets; `from` belongs to
 * it, `to` does not.
 */
export interface BucketCondition {
  readonly seed: string;
  readonly from: number;
  readonly to: number;
}

/** Which touchpoints. Everything given must hold; within a list one match is enough. */
export interface EventMatch {
  /** Left out: of any type. */
  readonly types?: readonly string[];
  readonly channels?: readonly Channel[];
  readonly directions?: readonly Direction[];
  readonly sources?: readonly string[];
  readonly campaigns?: readonly string[];
  readonly where?: readonly PropertyTest[];
}

/**
 * Of a touchpoint: `category` is a property, `address.city` one inside of it, `lines.sku` a field of any line,
 * `value.amount` and `value.currency` its value.
 */
export interface PropertyTest extends ValueTest {
  readonly property: string;
}

/** So many matching touchpoints in a window; `count` below 1 is for those with none. */
export interface EventCondition {
  readonly match: EventMatch;
  readonly count: NumberTest;
  readonly window: Window;
}

/** The first matching touchpoint of all lies in the window. */
export interface FirstCondition {
  readonly match: EventMatch;
  readonly window: Window;
}

/** There were matching touchpoints, and none within this time. */
export interface StoppedCondition {
  readonly match: EventMatch;
  readonly none: Duration;
}

/** After a pause of at least `pause`, a matching touchpoint came again within the last `within`. */
export interface RestartedCondition {
  readonly match: EventMatch;
  readonly pause: Duration;
  readonly within: Duration;
}

/** Matching touchpoints in at least so many of the last calendar periods, the current one included. */
export interface RegularCondition {
  readonly match: EventMatch;
  readonly unit: PeriodUnit;
  readonly periods: number;
  readonly atLeast: number;
}

/**
 * A touchpoint `first` in the window, followed within a time by one that matches `then`; with `missing`, by none although
 * the time is over. `same`: a property that both have with the same value.
 */
export interface SequenceCondition {
  readonly first: EventMatch;
  readonly then: EventMatch;
  readonly within: Duration;
  readonly missing: boolean;
  readonly same?: string;
  readonly window: Window;
}

export const measures = ['SUM', 'AVERAGE', 'MINIMUM', 'MAXIMUM', 'DISTINCT', 'NET_REVENUE'] as const;
export type Measure = (typeof measures)[number];

/**
 * What matching touchpoints in a window add up to. SUM, AVERAGE, MINIMUM and MAXIMUM of a numeric `property`, DISTINCT
 * values of one, or NET_REVENUE: orders minus returns in one currency, whatever `match.types` says. Without a single
 * value, SUM, DISTINCT and NET_REVENUE are 0, and the others are nothing: no comparison holds.
 */
export interface TotalCondition extends NumberTest {
  readonly match: EventMatch;
  readonly measure: Measure;
  readonly property?: string;
  readonly currency?: string;
  readonly window: Window;
}

/** The last matching touchpoint of the window has this property. */
export interface LastCondition {
  readonly match: EventMatch;
  readonly has: PropertyTest;
  readonly window: Window;
}

/** Some one value of the property comes in so many matching touchpoints: three of the same category. */
export interface KeyedCondition {
  readonly match: EventMatch;
  readonly property: string;
  readonly count: NumberTest;
  readonly window: Window;
}

export const messageEvents = ['SENT', 'DELIVERED', 'OPENED', 'CLICKED', 'BOUNCED', 'REPLIED', 'UNSUBSCRIBED'] as const;
export type MessageEvent = (typeof messageEvents)[number];

/** Messages to the customer, and what became of them: touchpoints such as `email.opened`. */
export interface MessageCondition {
  readonly what: MessageEvent;
  readonly channels?: readonly Channel[];
  readonly campaigns?: readonly string[];
  readonly count: NumberTest;
  readonly window: Window;
}

export const quantifiers = ['ANY', 'ALL', 'NONE'] as const;

/**
 * The members of the customer's households or accounts, the customer included. Who is in none has no members: ALL and
 * NONE hold for them, ANY does not.
 */
export interface MembersCondition {
  readonly of: 'HOUSEHOLD' | 'ACCOUNT';
  readonly quantifier: (typeof quantifiers)[number];
  readonly condition: Condition;
}

/** In another segment. `version` is the one that was served when this condition was compiled. */
export interface SegmentCondition {
  /** UUID. */
  readonly id: string;
}

/** On a list that people keep by hand or import: a segment of the kind LIST. */
export interface ListCondition {
  /** UUID. */
  readonly id: string;
}
