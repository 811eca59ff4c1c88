import type { BaseKey } from '../../../src/kpis/metrics/catalogue/base.ts';
import type { MetricCatalog } from '../../../src/kpis/metrics/metric-catalog.ts';

const code = (text: string) => `\`${text}\``;

/** Tables of docs/metrics.md, as the catalogue has it. */
export function measuresTable({ measures }: MetricCatalog): string[][] {
  return measures.map(({ key, description, format, owner, additive, base }) => [
    code(key),
    description,
    format,
    owner,
    additive ? 'yes' : 'no',
    code(base),
  ]);
}

export function dimensionsTable({ dimensions }: MetricCatalog): string[][] {
  return dimensions.map(({ key, description, owner }) => [code(key), description, owner]);
}

const times: Readonly<Record<BaseKey, string>> = {
  PURCHASES: 'when something was ordered or returned',
  LINES: 'when something was ordered or returned',
  BUYERS: 'when customers ordered',
  TOUCHPOINTS: 'when they took place',
  CUSTOMERS: 'when customers were first seen',
  SCORES: 'when customers were first seen',
  SPENDING: 'when customers were first seen',
  POSTINGS: 'when the ledger entered them',
  LOTS: 'when points were earned',
  MEMBERSHIPS: 'when customers were enrolled',
  NPS: 'when they answered',
  CSAT: 'when they answered',
  CES: 'when they answered',
  CASES: 'when cases were opened, or resolved',
  RESOLUTIONS: 'when cases were opened',
  LOSSES: 'when customers were lost',
  WIN_BACKS: 'when they came back',
};

/** Dimensions that every base has beside its own. */
function ofCustomers({ dimensions }: MetricCatalog): string[] {
  return dimensions.filter(({ customer, values }) => customer || values).map(({ key }) => key);
}

export function common(catalog: MetricCatalog): string {
  return ofCustomers(catalog).map(code).join(', ');
}

export function basesTable(catalog: MetricCatalog): string[][] {
  const everywhere = new Set(ofCustomers(catalog));
  return [...new Set(catalog.measures.map(({ base }) => base))].map((base) => {
    const own = catalog.dimensions.filter(({ key, own: columns, lines }) => {
      const has = columns?.[base] !== undefined || (lines === true && base === 'PURCHASES');
      return has && !everywhere.has(key);
    });
    return [code(base), times[base], own.map(({ key }) => code(key)).join(', ')];
  });
}
