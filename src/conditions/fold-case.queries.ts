import { capitalsOf, foldCase } from './fold-case.ts';
import type { SqlScope } from './sql-scope.queries.ts';

/**
 * The `text` folded as far as it takes to compare it with these texts: capitals of letters that none of them has may stay,
 * as they match nothing either way. The database's own `lower` would depend on its locale and version.
 */
export function foldedSql(text: string, comparedWith: readonly string[], scope: SqlScope): string {
  const plain = `lower(${text} collate "C")`;
  const pairs = [...new Set(comparedWith.flatMap((compared) => [...foldCase(compared)]))]
    .sort()
    .flatMap((small) => [...(/[\0-\x7f]/.test(small) ? '' : capitalsOf(small))].map((capital) => ({ capital, small })));
  if (pairs.length === 0) return plain;
  const from = scope.value(pairs.map(({ capital }) => capital).join(''), 'text');
  const to = scope.value(pairs.map(({ small }) => small).join(''), 'text');
  return `translate(${plain}, ${from}, ${to})`;
}
