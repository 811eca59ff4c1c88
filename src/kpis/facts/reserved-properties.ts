import { DateTime } from 'luxon';
import type { Json, JsonObject } from '../../kernel/json.ts';
import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { IngestWarning } from '../../touchpoints/touchpoint.ts';

/** What a property can be read by, beside itself. */
export interface Beside {
  readonly properties: JsonObject;
  /** Of the touchpoint's value. */
  readonly currency: string | null;
}

/** What a property of a reserved type of touchpoint has to be, so that it counts. */
export interface ReservedProperty<T> {
  /** In words, after "must be". */
  readonly expected: string | ((beside: Beside) => string);
  /** `undefined`: it is none. Null stands for what can't be told. */
  readonly read: (value: Json, beside: Beside) => T | undefined;
  /** Without it the touchpoint says little. */
  readonly isNeeded?: true;
}

/** Longer texts are no names of orders and stores, and an index has no room for them. */
const longestName = 200;

const name: ReservedProperty<string> = {
  expected: `text of 1 to ${longestName} characters, or a whole number`,
  read: (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
    if (typeof value !== 'string' || value === '') return undefined;
    return value.length <= longestName || [...value].length <= longestName ? value : undefined;
  },
};

const neededName = { ...name, isNeeded: true } as const;

/** In minor units. What is no amount of the currency is not known: it must not keep an order from being stored. */
const amount: ReservedProperty<bigint> = {
  expected: 'an amount in the value\'s currency such as "12.50", not negative',
  read: (value, { currency }) => {
    if ((typeof value !== 'string' && typeof value !== 'number') || currency === null) return undefined;
    const text = String(value);
    return /^\d{1,12}(\.\d{1,8})?$/.test(text)
      ? (toMinor(text, currencyExponent(currency) ?? 2) ?? undefined)
      : undefined;
  },
};

const scales = { NPS: [0, 10], CSAT: [1, 5], CES: [1, 7] } as const;
export type Survey = keyof typeof scales;

const survey: ReservedProperty<Survey> = {
  expected: 'NPS, CSAT or CES',
  read: (value) => (value === 'NPS' || value === 'CSAT' || value === 'CES' ? value : undefined),
  isNeeded: true,
};

function isScore(value: Json, [least, most]: readonly [number, number]): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

/** Of a survey that nobody knows, nobody knows the scale. */
const score: ReservedProperty<number | null> = {
  expected: ({ properties }) => {
    const kind = survey.read(properties.survey ?? null, { properties, currency: null });
    return kind ? `a whole number from ${scales[kind].join(' to ')}` : 'a whole number';
  },
  read: (value, beside) => {
    const kind = survey.read(beside.properties.survey ?? null, beside);
    if (kind === undefined) return null;
    return isScore(value, scales[kind]) ? value : undefined;
  },
  isNeeded: true,
};

const satisfaction: ReservedProperty<number> = {
  expected: 'a whole number from 1 to 5',
  read: (value) => (isScore(value, scales.CSAT) ? value : undefined),
};

const flag: ReservedProperty<boolean> = {
  expected: 'true or false',
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

/** Whatever words an organisation has; of them, this module knows `SEVERE`. */
const severity: ReservedProperty<string> = {
  expected: 'text such as "SEVERE"',
  read: (value) => (typeof value === 'string' ? value : undefined),
};

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** RFC 3339 with its offset, as everywhere; a 30th of February is no day. */
const instant: ReservedProperty<Date> = {
  expected: 'a time with its offset such as "2027-01-31T00:00:00Z"',
  read: (value) => {
    if (typeof value !== 'string' || !rfc3339.test(value)) return undefined;
    const at = DateTime.fromISO(value);
    return at.isValid ? at.toJSDate() : undefined;
  },
};

const ofPurchase = { orderId: name, store: name, cost: amount };
const ofCase = { caseId: neededName };
const ofContract = { contractId: neededName, endsAt: instant };

/**
 * Every property that facts follow from, by type of touchpoint: what `purchase.ts` and `signal.ts` read, and what senders are
 * warned of.
 */
export const reservedProperties = {
  'order.completed': ofPurchase,
  'order.returned': ofPurchase,
  'survey.answered': { survey, score, variant: name },
  'case.opened': { ...ofCase, complaint: flag, severity },
  'case.waiting': ofCase,
  'case.resumed': ofCase,
  'case.resolved': { ...ofCase, satisfaction },
  'case.reopened': ofCase,
  'contract.started': ofContract,
  'contract.renewed': ofContract,
  'contract.ended': { contractId: neededName },
} as const satisfies Record<string, Record<string, ReservedProperty<unknown>>>;

/** Null where it is left out, or is no such value. */
export function readProperty<T>(property: ReservedProperty<T>, given: Json | undefined, beside: Beside): T | null {
  return given == null ? null : (property.read(given, beside) ?? null);
}

const byType: ReadonlyMap<string, readonly (readonly [string, ReservedProperty<unknown>])[]> = new Map(
  Object.entries(reservedProperties).map(([type, properties]) => [type, Object.entries(properties)]),
);

/** What counts for nothing of a touchpoint of a reserved type. Says what came, and not which value it was. */
export function factWarnings({
  type,
  properties,
  currency,
}: {
  readonly type: string;
  readonly properties: JsonObject | null;
  readonly currency: string | null;
}): readonly IngestWarning[] {
  const reserved = byType.get(type);
  if (!reserved) return [];
  const beside = { properties: properties ?? {}, currency };
  return reserved.flatMap(([name, property]) => {
    const given = beside.properties[name] ?? null;
    if (given === null ? !property.isNeeded : property.read(given, beside) !== undefined) return [];
    const expected = typeof property.expected === 'string' ? property.expected : property.expected(beside);
    return [{ code: 'PROPERTY_UNUSABLE', message: `properties.${name} must be ${expected}, got ${kindOf(given)}.` }];
  });
}

function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return { string: 'other text', number: 'another number', boolean: 'true or false', object: 'an object' }[
    typeof value as 'string' | 'number' | 'boolean' | 'object'
  ];
}
