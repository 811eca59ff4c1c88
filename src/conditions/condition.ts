import type { Json } from '../kernel/json.ts';
import type { Channel, Direction } from '../touchpoints/touchpoint.ts';
import type { ConsentStatus } from './consent-names.ts';
import type { Duration } from './duration.ts';
import type { AbcClass, KpiName, LifecycleStage, RiskBand } from './kpi-names.ts';
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
  consent: ConsentCondition;
  loyalty: LoyaltyCondition;
  kpi: KpiCondition;
  lifecycle: LifecycleCondition;
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
 * two ends of BETWEEN, both included), neither for the last three.
 *
 * - EQUALS, IN: the same JSON value; numbers by value, text exactly.
 * - LESS to BETWEEN: number with number, and text with text by code points; a value of another type passes none of them.
 * - CONTAINS, STARTS_WITH, ENDS_WITH: text, whatever its case. MATCHES: text, by a regular expression that is found
 *   anywhere in it; case matters.
 * - ANY_OF, ALL_OF: a list that has one or all of these texts, numbers and booleans. A value that is no list counts as a
 *   list of one.
 * - NOT_EQUALS, NOT_IN, NONE_OF: everything for which EQUALS, IN or ANY_OF does not hold, what is missing or null included.
 * - EXISTS: set to something. MISSING: never set. IS_NULL: set to nothing.
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
 * A golden trait that is a date (`2026-03-29`) or an RFC 3339 instant with an offset, against the present. Exactly one
 * test is there. A date is the whole day in the organisation's zone, but all tests other than the anniversary are about the
 * instant at which it begins. A value that is neither passes none of them.
 */
export interface DateCondition {
  readonly trait: string;
  /** RFC 3339 instants. `after` includes the instant itself, `before` does not. */
  readonly before?: string;
  readonly after?: string;
  /** Not in the future, and less than so long ago. */
  readonly withinLast?: Duration;
  /** Now or later, and at most so far away. */
  readonly withinNext?: Duration;
  /** So long ago or longer. */
  readonly olderThan?: Duration;
  /**
   * The next anniversary is today or at most so many days away; 0: today. The first one is a year after the day. Feb 29 is
   * kept on Feb 28 in other years.
   */
  readonly anniversaryWithinDays?: number;
}

/**
 * What sources said last of a trait has been this value for at least (`atLeast`) and less than (`lessThan`) so long; one of
 * them may be left out. The latest word of any record counts, whatever the trait's survivorship; what is dated in the future
 * counts from then on. A value of null: since they say that there is none.
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
 * A number that the single customer view shows. NET_REVENUE and AVERAGE_ORDER_VALUE are in one currency, in its units; the
 * average is rounded half up to the minor unit. Days are whole days of 24 hours, 0 since what is dated in the future. A
 * customer without orders has no average, and no days since the last one: no comparison holds.
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

/** Where the customer lives: by golden traits (`country`, `region`, `city`, `postalCode`), by distance, or both. */
export interface PlaceCondition {
  /** Texts; each that is given must be one of the list, postal codes by their beginning. Case does not matter. */
  readonly countries?: readonly string[];
  readonly regions?: readonly string[];
  readonly cities?: readonly string[];
  readonly postalCodes?: readonly string[];
  /**
   * Great-circle distance of the trait `location` (`{ latitude, longitude }`, numbers of degrees) from a point. SQL and
   * JavaScript may differ in the last of sixteen digits: whoever lives exactly on the circle may be in or out.
   */
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

/**
 * After a pause of at least `pause`, a matching touchpoint came again within the last `within`. A pause lies between two
 * matching touchpoints: the first one of all ends none.
 */
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
 * A touchpoint `first` in the window, followed within a time by one that matches `followedBy`; with `missing`, by none although
 * the time is over. Followed: strictly later, and at most `within` later; `followedBy` may lie behind the window. `same`: a
 * property that both have with the same value; touchpoints that don't have it, or have null, take no part as either.
 */
export interface SequenceCondition {
  readonly first: EventMatch;
  readonly followedBy: EventMatch;
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
 *
 * Exact, to the last digit. Of `lines.quantity` every line counts. What is no JSON number is no number (the price of a line
 * is text), and null is no value. `value.amount` is added up whatever its currency: test that in `match.where`.
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

/**
 * Some one value of the property comes in so many matching touchpoints: three of the same category. Of `lines.category` a
 * touchpoint counts once for each value that is in any of its lines. One value that passes is enough, also for AT_MOST and
 * EQUALS: AT_MOST 2 means that some value comes once or twice, not that none comes three times. A value that doesn't come
 * at all is none: where there is no value, nothing passes, neither AT_MOST 2 nor EQUALS 0. Null is no value.
 */
export interface KeyedCondition {
  readonly match: EventMatch;
  readonly property: string;
  readonly count: NumberTest;
  readonly window: Window;
}

export const messageEvents = ['SENT', 'DELIVERED', 'OPENED', 'CLICKED', 'BOUNCED', 'REPLIED', 'UNSUBSCRIBED'] as const;
export type MessageEvent = (typeof messageEvents)[number];

/**
 * Messages to the customer, and what became of them: touchpoints such as `email.opened`, of the media email, letter,
 * message, newsletter, phone, push, sms and whatsapp.
 */
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

/**
 * What counts as the customer's consent to a purpose. With a channel: what was said of it, or else of every channel. Without:
 * only what was said of every channel. Of whom nothing is known, nothing holds.
 */
export interface ConsentCondition {
  readonly purpose: string;
  readonly channel?: Channel;
  readonly status: readonly ConsentStatus[];
}

/**
 * What the customer is and has in a loyalty programme, over all of their records. Exactly one member beside `program`, which
 * may be left out for the first two: any programme.
 */
export interface LoyaltyCondition {
  /** UUID. */
  readonly program?: string;
  /** Carries an active membership. */
  readonly member?: true;
  /** The same, and the one that has lasted longest for at least so long. */
  readonly memberFor?: Duration;
  /** Has one of these tiers, by key. */
  readonly tiers?: readonly string[];
  readonly points?: LoyaltyPointsTest;
}

/**
 * Points of a wallet, by key, that can be spent at this instant; below 0 where some are owed. `expiringWithin`: only those
 * that will expire, in so long or less, and also those that are still to become available.
 */
export interface LoyaltyPointsTest extends NumberTest {
  readonly wallet: string;
  readonly expiringWithin?: Duration;
}

/**
 * A KPI of the customer. Amounts are in one currency, in its units: of customers whose KPIs are in another one, no comparison
 * holds. Scores and what models say are those of the last scoring. Who has never bought has 0 orders and purchase days, and
 * nothing else.
 */
export interface KpiCondition extends NumberTest {
  readonly kpi: KpiName;
  readonly currency?: string;
}

/** Where the customer is: exactly one of these; `inStageFor` only beside `stages`, the present one for so long or longer. */
export interface LifecycleCondition {
  readonly stages?: readonly LifecycleStage[];
  readonly inStageFor?: Duration;
  readonly riskBands?: readonly RiskBand[];
  /** Keys of segments, as of the last scoring. */
  readonly rfmSegments?: readonly string[];
  readonly abcClasses?: readonly AbcClass[];
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
