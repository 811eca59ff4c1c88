import { type CustomerFactsRow, findCustomerFacts } from '../../conditions/facts.queries.ts';
import type { FurtherFacts } from '../../conditions/facts.service.ts';
import type { CustomerFacts, FactRevenue } from '../../conditions/facts.ts';
import type { Database } from '../../kernel/database.ts';
import { findHistory } from './person.queries.ts';

/** All that conditions can ask of one customer, but for other members of households and accounts: a constant number of statements. */
export async function loadPersonFacts(
  db: Database,
  customerId: string,
  further: readonly FurtherFacts[],
): Promise<CustomerFacts | undefined> {
  const [[row], touchpoints, loaded] = await Promise.all([
    findCustomerFacts(db, [customerId]),
    findHistory(db, customerId),
    Promise.all(further.map(async ({ leaf, load }) => [leaf, await load(db, [customerId])] as const)),
  ]);
  if (!row) return undefined;
  return {
    ...row,
    revenue: revenueOf(row),
    sources: new Set(row.sources),
    identifierKinds: new Set(row.identifierKinds),
    members: new Map(),
    touchpoints,
    further: new Map(loaded.map(([leaf, values]) => [leaf, values.get(customerId) ?? null])),
  };
}

function revenueOf({ revenue }: CustomerFactsRow): Map<string, FactRevenue> {
  const sums = JSON.parse(revenue) as Record<string, Record<'orders' | 'returns' | 'gross' | 'returned', never>>;
  return new Map(
    Object.entries(sums).map(([currency, { orders, returns, gross, returned }]) => [
      currency,
      { orders, returns, gross: BigInt(gross), returned: BigInt(returned) },
    ]),
  );
}
