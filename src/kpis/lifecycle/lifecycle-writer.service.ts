import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import {
  deleteLifecycles,
  deleteTransitions,
  insertTransitions,
  type StoredLifecycle,
  upsertLifecycles,
} from './lifecycle.queries.ts';
import { changesOf, differenceOf, type LifecycleDifference } from './lifecycle-difference.ts';
import type { Lifecycle } from './transition.ts';

export interface DerivedLifecycles {
  readonly at: Date;
  readonly derived: readonly Lifecycle[];
  /** Of those that are derived. */
  readonly stored: readonly StoredLifecycle[];
  /** Customers who are others now: their rows go. */
  readonly absorbed: readonly string[];
  /** Nothing has happened to them: of whom nothing was stored, nothing is told either. */
  readonly firstLook?: boolean;
}

export interface WrittenLifecycles {
  /** What is to be told. */
  readonly changes: readonly NewChange[];
  readonly written: Promise<unknown>;
}

/**
 * Stores the differences. Who is anonymous has no row. The customers are locked. Two statements as a rule, five at most,
 * whatever the number of customers.
 */
export function writeLifecycles(
  tx: Tx,
  { at, derived, stored, absorbed, firstLook }: DerivedLifecycles,
): WrittenLifecycles {
  const storedOf = new Map(stored.map((one) => [one.customerId, one]));
  const anonymous = derived.filter(({ customerId, stage }) => stage === 'ANONYMOUS' && storedOf.has(customerId));
  const differences = derived
    .filter(({ stage }) => stage !== 'ANONYMOUS')
    .map((lifecycle) => differenceOf(lifecycle, storedOf.get(lifecycle.customerId)));
  const written = Promise.all([
    deleteLifecycles(tx, [...absorbed, ...anonymous.map(({ customerId }) => customerId)]),
    upsertLifecycles(tx, changed(differences), at),
    rewriteTransitions(tx, differences),
  ]);
  const changes = [...anonymous, ...differences.map(({ lifecycle }) => lifecycle)]
    .filter(({ customerId }) => !firstLook || storedOf.has(customerId))
    .flatMap((lifecycle) => changesOf(lifecycle, storedOf.get(lifecycle.customerId)));
  return { changes, written };
}

function changed(differences: readonly LifecycleDifference[]): Lifecycle[] {
  return differences.filter(({ differs }) => differs).map(({ lifecycle }) => lifecycle);
}

/** Sent together: statements of one transaction are done in their order. */
async function rewriteTransitions(tx: Tx, differences: readonly LifecycleDifference[]): Promise<void> {
  const from = differences.map(({ lifecycle: { customerId }, ...rest }) => ({ customerId, ...rest }));
  await Promise.all([
    deleteTransitions(
      tx,
      from.filter(({ rewritten }) => rewritten),
    ),
    insertTransitions(
      tx,
      from.map(({ customerId, ordinal, added }) => ({ customerId, ordinal, transitions: added })),
    ),
  ]);
}
