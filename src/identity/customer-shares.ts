import type { RecordFold } from './evidence.ts';

/** What a batch adds to one customer. */
export interface CustomerShare {
  readonly customerId: string;
  namesPerson: boolean;
  firstAt: Date;
  lastAt: Date;
  touchpoints: number;
}

/** Since when and until when a customer has been seen. */
export type CustomerSpan = Pick<CustomerShare, 'customerId' | 'firstAt' | 'lastAt'>;

/** Adds up the records of a batch by customer. Receipts of nobody count for nobody. */
export function sharesOf(
  records: readonly RecordFold[],
  customerOf: ReadonlyMap<string, string | null>,
): Map<string, CustomerShare> {
  const shares = new Map<string, CustomerShare>();
  for (const { id, namesPerson, firstAt, lastAt, touchpoints } of records) {
    const customerId = customerOf.get(id);
    if (!customerId) continue;
    const share = shares.get(customerId);
    if (!share) {
      shares.set(customerId, { customerId, namesPerson, firstAt, lastAt, touchpoints });
      continue;
    }
    share.namesPerson ||= namesPerson;
    share.touchpoints += touchpoints;
    if (firstAt < share.firstAt) share.firstAt = firstAt;
    if (lastAt > share.lastAt) share.lastAt = lastAt;
  }
  return shares;
}
