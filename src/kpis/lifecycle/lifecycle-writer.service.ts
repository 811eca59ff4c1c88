import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import {
  deleteLifecycles,
  deleteTransitions,
  findLifecycles,
  insertTransitions,
  type StoredLifecycle,
  upsertLifecycles,
} from './lifecycle.queries.ts';
import { changesOf, differenceOf, type LifecycleDifference } from './lifecycle-difference.ts';
import type { Lifecycle } from './transition.ts';

export interface DerivedLifecycles {
  readonly at: Date;
  readonly derived: readonly Lifecycle[];
  /** Customers who are others now: their rows go. */
  readonly absorbed: readonly string[];
  /** Nothing has happened to them: of whom nothing was stored, nothing is told either. */
  readonly firstLook?: boolean;
}

/**
 * Stores the differences, and answers what is to be told of them. Who is anonymous has no row. The customers are locked. Three
 * statements as a rule, six at most, whatever the number of customers.
 */
export async function writeLifecycles(
  tx: Tx,
  { at, derived, absorbed, firstLook = false }: DerivedLifecycles,
): Promise<NewChange[]> {
  const stored = new Map<string, StoredLifecycle>();
  if (derived.length > 0)
    for (const one of await findLifecycles(
      tx,
      derived.map(({ customerId }) => customerId),
    ))
      stored.set(one.customerId, one);
  const anonymous = derived.filter(({ customerId, stage }) => stage === 'ANONYMOUS' && stored.has(customerId));
  const differences = derived
    .filter(({ stage }) => stage !== 'ANONYMOUS')
    .map((lifecycle) => differenceOf(lifecycle, stored.get(lifecycle.customerId)));
  await Promise.all([
    deleteLifecycles(tx, [...absorbed, ...anonymous.map(({ customerId }) => customerId)]),
    upsertLifecycles(tx, changed(differences), at),
    rewriteTransitions(tx, differences),
  ]);
  return [...anonymous, ...differences.map(({ lifecycle }) => lifecycle)]
    .filter(({ customerId }) => !firstLook || stored.has(customerId))
    .flatMap((lifecycle) => changesOf(lifecycle, stored.get(lifecycle.customerId)));
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
