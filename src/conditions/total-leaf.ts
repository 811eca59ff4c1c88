import { badInput } from '../kernel/errors.ts';
import { canonicalJson } from '../kernel/json.ts';
import { currencyExponent, toDecimal } from '../kernel/money.ts';
import { add, compare, type Decimal, toText, zero } from '../touchpoints/import-decimal.ts';
import { type EventMatch, measures, type TotalCondition } from './condition.ts';
import { dividedBy, readDecimal } from './decimal.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { amountText, checkEventMatch, checkProperty } from './event-match.ts';
import { valuesOf } from './event-values.ts';
import type { FactTouchpoint } from './facts.ts';
import type { Finding, LeafKind } from './leaf-kind.ts';
import { checkCountTest, checkNumberTest, testNumber } from './number-test.ts';
import { boundsOf, checkWindow } from './window.ts';

/** What matching touchpoints in a window add up to. */
export const totalLeaf: LeafKind<'total'> = {
  name: 'total',
  check: (given, field) => ({
    match: checkMatch(given, `${field}.match`),
    ...checkMeasure(given, field),
    ...(given.measure === 'DISTINCT' ? checkCountTest : checkNumberTest)(given, field),
    window: checkWindow(given.window, `${field}.window`),
  }),
  needs: (leaf) => typesOf(summedMatch(leaf)),
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: ({ match, window }) => costOf(match, window) + 2,
  judge: (leaf, facts, moment) => {
    const { window } = leaf;
    return judgeMeasure(leaf, eventsWithin(facts, { match: summedMatch(leaf), window, moment }));
  },
};

/** What is added and what is taken off. */
export const revenueTypes = { order: 'order.completed', returned: 'order.returned' } as const;

export function summedMatch({ match, measure }: TotalCondition): EventMatch {
  return measure === 'NET_REVENUE' ? { ...match, types: Object.values(revenueTypes) } : match;
}

function judgeMeasure(leaf: TotalCondition, touchpoints: readonly FactTouchpoint[]): Finding {
  if (leaf.measure === 'DISTINCT') {
    const values = touchpoints.flatMap((one) => valuesOf(one, leaf.property!));
    const found = new Set(values.map((value) => canonicalJson(value))).size;
    return { verdict: testNumber(String(found), leaf), found };
  }
  const numbers = touchpoints.flatMap((one) => numbersOf(leaf, one));
  const sum = numbers.reduce(add, zero);
  if (leaf.measure === 'SUM' || leaf.measure === 'NET_REVENUE') return finding(leaf, sum);
  if (numbers.length === 0) return { verdict: false, found: null };
  if (leaf.measure === 'AVERAGE') {
    const found = toText(dividedBy(sum, numbers.length, 8));
    return { verdict: testNumber(toText(sum), leaf, numbers.length), found };
  }
  const sorted = numbers.sort(compare);
  return finding(leaf, leaf.measure === 'MINIMUM' ? sorted[0]! : sorted.at(-1)!);
}

function finding(leaf: TotalCondition, number: Decimal): Finding {
  const found = toText(number);
  return { verdict: testNumber(found, leaf), found };
}

function numbersOf({ measure, property, currency }: TotalCondition, touchpoint: FactTouchpoint): Decimal[] {
  if (measure === 'NET_REVENUE') {
    if (touchpoint.valueMinor === null || touchpoint.currency !== currency) return [];
    const { type, valueMinor } = touchpoint;
    const minor = type === revenueTypes.returned ? -valueMinor : valueMinor;
    return [readDecimal(toDecimal(minor, currencyExponent(currency!) ?? 2))];
  }
  if (property === 'value.amount') {
    const amount = amountText(touchpoint);
    return amount === undefined ? [] : [readDecimal(amount)];
  }
  const numbers = valuesOf(touchpoint, property!).filter((value) => typeof value === 'number');
  return numbers.map((number) => readDecimal(String(number)));
}

/** The types say nothing about revenue, so that they aren't kept. */
function checkMatch({ match, measure }: TotalCondition, field: string): EventMatch {
  const { types, ...others } = checkEventMatch(match, field);
  return types === undefined || measure === 'NET_REVENUE' ? others : { types, ...others };
}

function checkMeasure({ measure, property, currency }: TotalCondition, field: string) {
  if (!measures.includes(measure)) {
    throw badInput(`Expected ${measures.join(', ')}; got ${JSON.stringify(measure)}.`, `${field}.measure`);
  }
  if (measure === 'NET_REVENUE') {
    if (property != null)
      throw badInput('NET_REVENUE is of orders and returns, not of a property.', `${field}.property`);
    return { measure, currency: checkCurrency(currency, `${field}.currency`) };
  }
  if (currency != null) {
    throw badInput('A currency is for NET_REVENUE; else test `value.currency` in `match.where`.', `${field}.currency`);
  }
  return { measure, property: checkProperty(property as string, `${field}.property`) };
}

function checkCurrency(currency: string | undefined, field: string): string {
  if (typeof currency === 'string' && currencyExponent(currency) !== undefined) return currency;
  throw badInput(`Expected an ISO 4217 code such as EUR, got ${JSON.stringify(currency)?.slice(0, 80)}.`, field);
}
