import { bucketOf, buckets } from '../../conditions/bucket-leaf.ts';
import type { ProgramDefinition } from '../program.ts';
import type { Terms } from '../terms.ts';
import { scaled, unit } from './fraction.ts';

/**
 * Whether a customer takes no part while these terms are in force. By a hash of their id (the id of the founding record) and
 * of the programme: the same for every version, so that a larger share holds out whom a smaller one does.
 */
export function isHeldOut(terms: Pick<Terms, 'programId' | 'definition'>, customerId: string | null): boolean {
  const share = heldOutBuckets(terms.definition);
  return share > 0 && customerId !== null && bucketOf(holdoutSeed(terms.programId), customerId) < share;
}

/** How many of the buckets are held out, from the first one on. */
export function heldOutBuckets({ holdoutPercent }: Pick<ProgramDefinition, 'holdoutPercent'>): number {
  return holdoutPercent == null ? 0 : Number((scaled(holdoutPercent) * BigInt(buckets)) / (100n * unit));
}

export function holdoutSeed(programId: string): string {
  return `loyalty holdout ${programId}`;
}
