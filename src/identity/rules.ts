/** What evidence of a kind is worth. */
export type IdentifierStrength =
  /** One person's: records that carry the same value are joined, within the limits. */
  | 'UNIQUE'
  /**
   * Several people's, perhaps: it gives anonymous records an owner and joins them to each other, but never joins two
   * customers that are both known by a unique identifier.
   */
  | 'SHARED'
  /** Kept and shown, and joins nobody. */
  | 'EVIDENCE_ONLY';

/** How identifiers of one kind join records. */
export interface IdentityRule {
  readonly kind: string;
  /** 1 is strongest: among evidence of one strength, that of a stronger kind is heard first. */
  readonly priority: number;
  readonly strength: IdentifierStrength;
  /** Different values one customer may hold; a union that would pass this is refused. `null`: any number. */
  readonly valuesPerCustomer: number | null;
  /** The limit counts values first seen within any so many days. `null`: ever. */
  readonly valuesWindowDays: number | null;
  /** Records that may carry one value; past this the value joins nobody (a till's default card). `null`: any number. */
  readonly recordsPerValue: number | null;
  /** Names a person, not only a device: a customer with such an identifier is no longer anonymous. */
  readonly namesPerson: boolean;
}

/** A value that identifies nobody. Compared with the lower-cased match key. */
export interface BlockedValue {
  /** Of this kind only; `null`: of every kind. */
  readonly kind: string | null;
  readonly exact: string | null;
  /** A regular expression, tested against the whole value or a part of it. */
  readonly pattern: string | null;
}

export interface IdentityRules {
  readonly kinds: ReadonlyMap<string, IdentityRule>;
  /** For kinds that have no rule of their own. */
  readonly custom: Omit<IdentityRule, 'kind'>;
  /** Values that never identify anyone, tested against the lower-cased value. */
  readonly blocked: readonly RegExp[];
  /** The same of this organisation's own, beside the shipped ones. */
  readonly ownBlocked: readonly BlockedTest[];
  /** Sources that know each person once: a match never joins two records of one of them. */
  readonly onePerSource: ReadonlySet<string>;
}

/** A blocked value, ready to be tested. */
export interface BlockedTest extends BlockedValue {
  readonly test: (lowerCased: string) => boolean;
}

const usual = { strength: 'UNIQUE', valuesWindowDays: null, recordsPerValue: 50, namesPerson: true } as const;

const shipped: readonly IdentityRule[] = [
  { ...usual, kind: 'userId', priority: 1, valuesPerCustomer: 1, recordsPerValue: 1000 },
  { ...usual, kind: 'loyaltyCard', priority: 2, valuesPerCustomer: 5 },
  { ...usual, kind: 'email', priority: 3, valuesPerCustomer: 5 },
  { ...usual, kind: 'phone', priority: 4, valuesPerCustomer: 5 },
  { ...usual, kind: 'anonymousId', priority: 6, valuesPerCustomer: 100, namesPerson: false },
  { ...usual, kind: 'deviceId', priority: 7, strength: 'SHARED', valuesPerCustomer: 20, namesPerson: false },
];

/** What broken integrations send instead of an identifier. */
const shippedBlocked: readonly RegExp[] = [
  /^[0-]*$/,
  /^-1$/,
  /^(?:null|nil|none|undefined|nan|n\/a|na|unknown|empty|true|false|\[object object\])$/,
  /^(?:anonymous|guest|visitor|user|customer|test|admin|id|userid|user_id|email|distinctid|distinct_id)$/,
  /^(?:not_authenticated|unauthenticated|not_logged_in|logged_out|default)$/,
  /^(?:no-?reply|do-?not-?reply|none|null|unknown|test|noemail|no-?mail)@/,
];

export const defaultRules: IdentityRules = {
  kinds: new Map(shipped.map((rule) => [rule.kind, rule])),
  custom: { ...usual, priority: 5, valuesPerCustomer: 5 },
  blocked: shippedBlocked,
  ownBlocked: [],
  onePerSource: new Set(),
};

export function ruleFor(rules: IdentityRules, kind: string): IdentityRule {
  return rules.kinds.get(kind) ?? { kind, ...rules.custom };
}

/** Without a kind, only values that are blocked for every kind count. */
export function isBlocked(rules: IdentityRules, value: string, kind?: string): boolean {
  const lower = value.toLowerCase();
  return rules.blocked.some((pattern) => pattern.test(lower)) || isBlockedHere(rules, lower, kind);
}

function isBlockedHere({ ownBlocked }: IdentityRules, lower: string, kind: string | undefined): boolean {
  return ownBlocked.some((blocked) => (blocked.kind === null || blocked.kind === kind) && blocked.test(lower));
}

/** A value carried by more records than its rule allows joins nobody. `records` counts the records that claim it. */
export function isCut(rule: IdentityRule, records: number): boolean {
  return rule.recordsPerValue !== null && records > rule.recordsPerValue;
}

/** Claimants of a value are counted no further than this: the value is cut, and a hot row is left in peace. */
export function countedUpTo(rules: IdentityRules, kind: string): number {
  return (ruleFor(rules, kind).recordsPerValue ?? 2_000_000_000) + 1;
}

/** Value → when it was first seen, in milliseconds. */
export type HeldValues = ReadonlyMap<string, number>;

const day = 86_400_000;

/** More values than one customer may hold: ever, or within the rule's window of days, wherever it lies. */
export function exceedsLimit({ valuesPerCustomer, valuesWindowDays }: IdentityRule, values: HeldValues): boolean {
  if (valuesPerCustomer === null || values.size <= valuesPerCustomer) return false;
  if (valuesWindowDays === null) return true;
  const times = [...values.values()].sort((a, b) => a - b);
  return times.some((at, index) => {
    const oneTooMany = times[index + valuesPerCustomer];
    return oneTooMany !== undefined && oneTooMany - at < valuesWindowDays * day;
  });
}
