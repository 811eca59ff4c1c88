import type { CustomerHistory } from './customer-history.ts';
import { keptPurchases } from './order-book.ts';

export const relationshipTypes = ['TRANSACTIONAL', 'COLLABORATIVE'] as const;
export type RelationshipType = (typeof relationshipTypes)[number];

export interface Relationship {
  readonly type: RelationshipType;
  readonly since: Date;
}

type Known = Pick<CustomerHistory, 'identifiedAt' | 'purchases'>;

/**
 * Whether somebody only buys, or has bought so often under their name that they work with us: from the given number of
 * orders of which something was kept, and not before we knew who they are. Null before the first such order, and for whom
 * we do not know.
 */
export function relationshipOf(
  { identifiedAt, purchases }: Known,
  collaborativePurchases: number,
): Relationship | null {
  if (identifiedAt === null) return null;
  const orders = keptPurchases(purchases).filter(
    ({ purchase, whollyReturned }) => purchase.opensOrder && !whollyReturned,
  );
  const [first] = orders;
  if (!first) return null;
  const nth = orders[collaborativePurchases - 1];
  const since = (at: Date) => (at > identifiedAt ? at : identifiedAt);
  return nth
    ? { type: 'COLLABORATIVE', since: since(nth.purchase.at) }
    : { type: 'TRANSACTIONAL', since: since(first.purchase.at) };
}
