import { hash } from 'node:crypto';

const buckets = 10_000;

/**
 * Whether somebody belongs to the share that never gets an offer. By a hash of the customer (the id of the founding record,
 * which stays for as long as that record is theirs) and the offer, so every call says the same, on every node.
 */
export function isHeldOut(customerId: string, offerId: string, share: number): boolean {
  if (share === 0) return false;
  const drawn = Number.parseInt(hash('sha256', `offer holdout\n${offerId}\n${customerId}`, 'hex').slice(0, 8), 16);
  return drawn % buckets < share;
}
