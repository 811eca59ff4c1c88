import type { LeafName } from './condition.ts';
import { compileEvent } from './event-leaf.queries.ts';
import { eventLeaf } from './event-leaf.ts';
import { everyoneLeaf } from './everyone-leaf.ts';
import type { LeafKind } from './leaf-kind.ts';
import { type CompileLeaf, never } from './sql-scope.queries.ts';

/** A kind of leaf with its SQL: what a module registers, see the wiring. */
export interface RegisteredLeaf<Name extends LeafName = LeafName> {
  readonly kind: LeafKind<Name>;
  readonly compile: CompileLeaf<Name>;
}

/** Checks that kind and SQL are of the same leaf; the list holds leaves of all kinds. */
export function register<Name extends LeafName>(kind: LeafKind<Name>, compile: CompileLeaf<Name>): RegisteredLeaf {
  return { kind, compile } as unknown as RegisteredLeaf;
}

/** The leaves whose facts belong to customers and their touchpoints. */
export const coreLeaves: readonly RegisteredLeaf[] = [
  register(everyoneLeaf, () => ({ verdict: 'true', next: never })),
  register(eventLeaf, compileEvent),
];
