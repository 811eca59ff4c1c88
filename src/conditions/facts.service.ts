import type { Database } from '../kernel/database.ts';
import { groupBy } from '../kernel/lists.ts';
import {
  type CustomerFactsRow,
  type FurtherFacts,
  findCustomerFacts,
  findFactTouchpoints,
  findFurtherFacts,
  findMembers,
} from './facts.queries.ts';
import type { CustomerFacts, FactRevenue } from './facts.ts';

/**
 * All that conditions can ask of these customers at this instant and, unless nobody asks, of those in their households and
 * accounts. A constant number of statements. Reads whole histories: for explaining, and for tests.
 */
export async function loadFacts(
  db: Database,
  ids: readonly string[],
  { now, further = [], members: asked = true }: { now: Date; further?: readonly FurtherFacts[]; members?: boolean },
): Promise<Map<string, CustomerFacts>> {
  const [households, accounts] = asked
    ? await Promise.all([findMembers(db, 'HOUSEHOLD', ids, now), findMembers(db, 'ACCOUNT', ids, now)])
    : [[], []];
  const all = [...new Set([...ids, ...[...households, ...accounts].map(({ memberId }) => memberId)])];
  const alone = await loadAlone(db, all, further);
  const membersOf = (rows: typeof households, id: string) =>
    rows.filter((row) => row.customerId === id).map((row) => alone.get(row.memberId)!);
  return new Map(
    ids
      .filter((id) => alone.has(id))
      .map((id) => {
        const members = new Map([
          ['HOUSEHOLD', membersOf(households, id)] as const,
          ['ACCOUNT', membersOf(accounts, id)] as const,
        ]);
        return [id, { ...alone.get(id)!, members }];
      }),
  );
}

async function loadAlone(db: Database, ids: readonly string[], further: readonly FurtherFacts[]) {
  const [rows, touchpoints, loaded] = await Promise.all([
    findCustomerFacts(db, ids),
    findFactTouchpoints(db, ids),
    findFurtherFacts(db, ids, further),
  ]);
  const touchpointsOf = groupBy(touchpoints, ({ customerId }) => customerId);
  return new Map(
    rows.map((row): [string, CustomerFacts] => {
      return [row.id, { ...factsOf(row), touchpoints: touchpointsOf.get(row.id) ?? [], further: loaded(row.id) }];
    }),
  );
}

/** Of the customer alone. */
export function factsOf(row: CustomerFactsRow): Omit<CustomerFacts, 'touchpoints' | 'further'> {
  return {
    ...row,
    revenue: revenueOf(row.revenue),
    sources: new Set(row.sources),
    identifierKinds: new Set(row.identifierKinds),
    members: new Map(),
  };
}

function revenueOf(text: string): Map<string, FactRevenue> {
  const sums = JSON.parse(text) as Record<string, { orders: number; returns: number; gross: string; returned: string }>;
  return new Map(
    Object.entries(sums).map(([currency, sum]) => [
      currency,
      { ...sum, gross: BigInt(sum.gross), returned: BigInt(sum.returned) },
    ]),
  );
}
