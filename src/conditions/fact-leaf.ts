import { badInput } from '../kernel/errors.ts';
import { currencyExponent, toDecimal } from '../kernel/money.ts';
import { averageOrderValue } from '../touchpoints/customer-orders.ts';
import { type CustomerFact, customerFacts, type FactCondition } from './condition.ts';
import type { CustomerFacts } from './facts.ts';
import type { LeafKind, Needs } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { checkCountTest, checkNumberTest, testNumber } from './number-test.ts';

/** A number that the single customer view shows. */
export const factLeaf: LeafKind<'fact'> = {
  name: 'fact',
  check: (given, field) => {
    const { fact } = given;
    if (!customerFacts.includes(fact)) {
      throw badInput(`Expected ${customerFacts.join(', ')}; got ${JSON.stringify(fact)}.`, `${field}.fact`);
    }
    const test = isMoney(fact) ? checkNumberTest(given, field) : checkCountTest(given, field);
    return { fact, ...test, ...checkCurrency(given, `${field}.currency`) };
  },
  needs: ({ fact }) => needsOf(fact),
  cost: () => 1,
  judge: (leaf, facts, moment) => {
    const found = numberOf(leaf, facts, moment);
    return { verdict: found !== undefined && testNumber(found, leaf), found: found ?? null };
  },
};

/** Orders and returns move some of them, every touchpoint the others. */
function needsOf(fact: CustomerFact): Partial<Needs> {
  if (fact === 'RECORDS') return { customer: true, identity: true };
  const anyTouchpoint = fact === 'TOUCHPOINTS' || fact === 'DAYS_SINCE_FIRST_SEEN' || fact === 'DAYS_SINCE_LAST_SEEN';
  return anyTouchpoint ? { customer: true } : { types: new Set(['order.completed', 'order.returned']) };
}

function isMoney(fact: CustomerFact): boolean {
  return fact === 'NET_REVENUE' || fact === 'AVERAGE_ORDER_VALUE';
}

function checkCurrency({ fact, currency }: FactCondition, field: string): { currency?: string } {
  if (!isMoney(fact)) {
    if (currency != null) throw badInput(`${fact} has no currency.`, field);
    return {};
  }
  if (typeof currency === 'string' && currencyExponent(currency) !== undefined) return { currency };
  throw badInput(`Expected an ISO 4217 code such as EUR, got ${JSON.stringify(currency) ?? 'nothing'}.`, field);
}

/** Decimal text; `undefined`: there is no such number of this customer. */
function numberOf({ fact, currency }: FactCondition, facts: CustomerFacts, moment: Moment): string | undefined {
  switch (fact) {
    case 'TOUCHPOINTS':
      return String(facts.touchpointCount);
    case 'RECORDS':
      return String(facts.records);
    case 'ORDERS':
      return String(facts.orders);
    case 'RETURNS':
      return String([...facts.revenue.values()].reduce((sum, { returns }) => sum + returns, 0));
    case 'NET_REVENUE':
      return netRevenue(facts, currency!);
    case 'AVERAGE_ORDER_VALUE':
      return averageOrder(facts, currency!);
    case 'DAYS_SINCE_FIRST_SEEN':
      return daysSince(facts.firstSeenAt, moment);
    case 'DAYS_SINCE_LAST_SEEN':
      return daysSince(facts.lastSeenAt, moment);
    case 'DAYS_SINCE_LAST_ORDER':
      return facts.lastOrderAt === null ? undefined : daysSince(facts.lastOrderAt, moment);
  }
}

function netRevenue({ revenue }: CustomerFacts, currency: string): string {
  const { gross, returned } = revenue.get(currency) ?? { gross: 0n, returned: 0n };
  return toDecimal(gross - returned, currencyExponent(currency)!);
}

function averageOrder({ revenue }: CustomerFacts, currency: string): string | undefined {
  const sums = revenue.get(currency);
  const average = sums && averageOrderValue({ ...sums, currency });
  return average && toDecimal(average.minor, currencyExponent(currency)!);
}

function daysSince(instant: Date, { now }: Moment): string {
  return String(Math.max(0, Math.floor((now.getTime() - instant.getTime()) / 86_400_000)));
}
