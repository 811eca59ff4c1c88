import { lockCustomers } from '../identity/customers.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { DomainError } from '../kernel/errors.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { findOwnerOfRecord, findRecordIds } from './spoken-for.queries.ts';

/** A customer of whom something is said, with all records that they have at the moment. Their row is locked. */
export interface SpokenFor {
  readonly customerId: string;
  readonly recordIds: readonly string[];
}

const mostAttempts = 5;

/**
 * Runs `work` in a transaction that holds the customer who has this record now; a customer's id is one of its records. Who is
 * merged or taken apart meanwhile is found again. `undefined` where nobody has it.
 */
export async function speakFor<T>(
  ctx: Pick<Context, 'pool' | 'feed' | 'loaders'>,
  recordId: string,
  work: (tx: Tx, customer: SpokenFor) => Promise<T>,
): Promise<T | undefined> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const customerId = await findOwnerOfRecord(ctx.pool, recordId);
    if (customerId === undefined) return undefined;
    const done = await ctx.pool.begin(async (tx) => {
      const [, , owner, recordIds] = await Promise.all([
        lookUpByIndex(tx),
        lockCustomers(tx, [customerId]),
        // After the lock: whoever regroups a customer holds it.
        findOwnerOfRecord(tx, recordId),
        findRecordIds(tx, customerId),
      ]);
      return owner === customerId ? { value: await work(tx, { customerId, recordIds }) } : undefined;
    });
    if (!done) continue;
    ctx.loaders.clear();
    ctx.feed.wake();
    return done.value;
  }
  throw new DomainError('SERVICE_UNAVAILABLE', 'The customer is being merged and split at the moment. Try again.');
}
