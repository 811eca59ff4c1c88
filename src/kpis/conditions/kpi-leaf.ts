import type { KpiCondition } from '../../conditions/condition.ts';
import { type KpiName, kpiNames } from '../../conditions/kpi-names.ts';
import type { LeafKind } from '../../conditions/leaf-kind.ts';
import { checkNumberTest, testNumber } from '../../conditions/number-test.ts';
import { badInput } from '../../kernel/errors.ts';
import { currencyExponent, toDecimal } from '../../kernel/money.ts';
import type { KpiFacts } from './kpi-facts.ts';

/** A KPI of the customer, as it is stored. */
export const kpiLeaf: LeafKind<'kpi'> = {
  name: 'kpi',
  check: (given, field) => {
    const { kpi } = given;
    if (!kpiNames.includes(kpi))
      throw badInput(`Expected ${kpiNames.join(', ')}; got ${JSON.stringify(kpi)}.`, `${field}.kpi`);
    return { kpi, ...checkNumberTest(given, field), ...checkCurrency(given, `${field}.currency`) };
  },
  needs: () => ({ kpis: true }),
  cost: () => 2,
  judge: ({ kpi, currency, ...test }, facts) => {
    const known = facts.further.get('kpi') as unknown as KpiFacts | undefined;
    const found = numberOf({ kpi, currency }, known);
    return { verdict: found !== null && testNumber(found, test), found };
  },
};

/** Those that are amounts. */
export const moneyKpis: ReadonlySet<KpiName> = new Set(['NET_REVENUE', 'MARGIN', 'AVERAGE_ORDER_VALUE', 'CLV']);

/** Those that who has never bought has none of. */
export const countedKpis: ReadonlySet<KpiName> = new Set(['ORDERS', 'NET_ORDERS', 'PURCHASE_DAYS']);

function checkCurrency({ kpi, currency }: KpiCondition, field: string): { currency?: string } {
  if (!moneyKpis.has(kpi)) {
    if (currency != null) throw badInput(`${kpi} has no currency.`, field);
    return {};
  }
  if (typeof currency === 'string' && currencyExponent(currency) !== undefined) return { currency };
  throw badInput(`Expected an ISO 4217 code such as EUR, got ${JSON.stringify(currency) ?? 'nothing'}.`, field);
}

/** Decimal text; null: there is no such number of this customer. */
function numberOf({ kpi, currency }: Pick<KpiCondition, 'kpi' | 'currency'>, known: KpiFacts | undefined) {
  const number = known?.numbers[kpi] ?? null;
  if (currency === undefined) return number ?? (countedKpis.has(kpi) ? '0' : null);
  const own = kpi === 'CLV' ? known?.scoredCurrency : known?.currency;
  return number !== null && own === currency ? toDecimal(BigInt(number), currencyExponent(currency) ?? 2) : null;
}
