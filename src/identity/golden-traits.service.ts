import type { Tx } from '../kernel/database.ts';
import type { Json, JsonObject } from '../kernel/json.ts';
import { groupBy } from '../kernel/lists.ts';
import {
  findSpecialStatements,
  foldBesideSpecial,
  foldMostRecent,
  type SpecialTraits,
} from './golden-traits.queries.ts';
import type { HeldStatement } from './record.queries.ts';
import { survive } from './survivorship.ts';

/**
 * Brings the golden traits of customers up to date with their records. One statement where every trait involved
 * follows MOST_RECENT, three otherwise, however many customers there are.
 *
 * Strategies are read in the transaction itself, never from a cache: see `trait-refold.service.ts` for how a change of
 * strategy reaches the rest.
 */
export async function foldTraits(tx: Tx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0 || (await foldMostRecent(tx, ids))) return;
  const statements = await findSpecialStatements(tx, ids);
  await foldBesideSpecial(tx, ids, specialTraits(statements));
}

function specialTraits(statements: readonly HeldStatement[]): SpecialTraits {
  const byCustomer = groupBy(statements, (statement) => statement.customerId);
  return {
    names: [...new Set(statements.map(({ name }) => name))],
    customers: [...byCustomer].map(([id, held]) => ({ id, traits: goldenValues(held) })),
  };
}

/** The golden values of one customer. A trait about which no record has a say is not among them. */
function goldenValues(statements: readonly HeldStatement[]): JsonObject {
  const golden: [string, Json][] = [];
  for (const [name, held] of groupBy(statements, (statement) => statement.name)) {
    const { value } = survive(held[0]!, held);
    if (value !== undefined) golden.push([name, value]);
  }
  return Object.fromEntries(golden);
}
