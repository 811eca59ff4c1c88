import { createHash } from 'node:crypto';
import { badInput } from '../kernel/errors.ts';
import type { LeafKind } from './leaf-kind.ts';
import { checkName } from './name.ts';

export const buckets = 10_000;

/** A stable share of all customers. */
export const bucketLeaf: LeafKind<'bucket'> = {
  name: 'bucket',
  check: ({ seed, from, to }, field) => {
    checkWhole(from, { least: 0, most: buckets - 1 }, `${field}.from`);
    checkWhole(to, { least: from + 1, most: buckets }, `${field}.to`);
    return { seed: checkName(seed, `${field}.seed`), from, to };
  },
  needs: () => ({}),
  cost: () => 1,
  judge: ({ seed, from, to }, { id }) => {
    const found = bucketOf(seed, id);
    return { verdict: found >= from && found < to, found };
  },
};

function checkWhole(number: number, { least, most }: { least: number; most: number }, field: string): void {
  if (Number.isInteger(number) && number >= least && number <= most) return;
  throw badInput(`Expected a whole number from ${least} to ${most}, got ${JSON.stringify(number)}.`, field);
}

/** A promise: who is in an experiment stays in it. The first 48 bits of SHA-256 of `seed:id`. */
export function bucketOf(seed: string, id: string): number {
  const hash = createHash('sha256').update(`${seed}:${id}`).digest('hex');
  return Number.parseInt(hash.slice(0, 12), 16) % buckets;
}
