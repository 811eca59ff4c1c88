import type { TraitCondition } from './condition.ts';
import { type LeafSql, never, type SqlScope } from './sql-scope.queries.ts';
import { valueTestSql } from './value-test.queries.ts';

export function compileTrait(leaf: TraitCondition, scope: SqlScope): LeafSql {
  return { verdict: valueTestSql(traitSql(leaf.trait, scope), leaf, scope), next: never };
}

/** The golden trait as `jsonb`; SQL's null where it was never set. */
export function traitSql(name: string, scope: SqlScope): string {
  return `(c.traits -> ${scope.value(name, 'text')})`;
}
