/** How identifiers of one kind join records. */
export interface IdentityRule {
  readonly kind: string;
  /** 1 is strongest: evidence of a stronger kind is heard first. */
  readonly priority: number;
  /** Different values one customer may hold; a union that would pass this is refused. `null`: any number. */
  readonly valuesPerCustomer: number | null;
  /** Records that may carry one value; past this the value joins nobody (a till's default card). `null`: any number. */
  readonly recordsPerValue: number | null;
  /** Names a person, not only a device: a customer with such an identifier is no longer anonymous. */
  readonly namesPerson: boolean;
}

export interface IdentityRules {
  readonly kinds: ReadonlyMap<string, IdentityRule>;
  /** For kinds that have no rule of their own. */
  readonly custom: Omit<IdentityRule, 'kind'>;
  /** Values that never identify anyone, tested against the lower-cased value. */
  readonly blocked: readonly RegExp[];
}

const shipped: readonly IdentityRule[] = [
  { kind: 'userId', priority: 1, valuesPerCustomer: 1, recordsPerValue: 1000, namesPerson: true },
  { kind: 'loyaltyCard', priority: 2, valuesPerCustomer: 5, recordsPerValue: 50, namesPerson: true },
  { kind: 'email', priority: 3, valuesPerCustomer: 5, recordsPerValue: 50, namesPerson: true },
  { kind: 'phone', priority: 4, valuesPerCustomer: 5, recordsPerValue: 50, namesPerson: true },
  { kind: 'anonymousId', priority: 6, valuesPerCustomer: 100, recordsPerValue: 50, namesPerson: false },
  { kind: 'deviceId', priority: 7, valuesPerCustomer: 20, recordsPerValue: 50, namesPerson: false },
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
  custom: { priority: 5, valuesPerCustomer: 5, recordsPerValue: 50, namesPerson: true },
  blocked: shippedBlocked,
};

export function ruleFor(rules: IdentityRules, kind: string): IdentityRule {
  return rules.kinds.get(kind) ?? { kind, ...rules.custom };
}

export function isBlocked(rules: IdentityRules, value: string): boolean {
  const lower = value.toLowerCase();
  return rules.blocked.some((pattern) => pattern.test(lower));
}

/** A value carried by more records than its rule allows joins nobody. `records` counts the records that claim it. */
export function isCut(rule: IdentityRule, records: number): boolean {
  return rule.recordsPerValue !== null && records > rule.recordsPerValue;
}

/**
 * A record that alone carries more values of a kind than one customer may hold (a service desk's, with the e-mails of
 * all who wrote to it) is nobody's word on who these are: it links by that kind to nobody. `values` counts them.
 */
export function isOverfull(rule: IdentityRule, values: number): boolean {
  return rule.valuesPerCustomer !== null && values > rule.valuesPerCustomer;
}
