import { type FurtherFacts, findCustomerFacts, findFurtherFacts } from '../../conditions/facts.queries.ts';
import { factsOf } from '../../conditions/facts.service.ts';
import type { CustomerFacts } from '../../conditions/facts.ts';
import type { Database } from '../../kernel/database.ts';
import { findHistory } from './person.queries.ts';

/** All that conditions can ask of one customer, but for other members of households and accounts: three statements. */
export async function loadPersonFacts(
  db: Database,
  customerId: string,
  further: readonly FurtherFacts[],
): Promise<CustomerFacts | undefined> {
  const [[row], touchpoints, loaded] = await Promise.all([
    findCustomerFacts(db, [customerId]),
    findHistory(db, customerId),
    findFurtherFacts(db, [customerId], further),
  ]);
  return row && { ...factsOf(row), touchpoints, further: loaded(customerId) };
}
