import type { Fragment } from 'postgres';
import type { Database } from '../kernel/database.ts';
import { keptPrefixes, prefixOf, type TypePattern } from './type-patterns.ts';

/** Whether `t.type` is one of these, and not one of `except`. Statements about consents and preferences never are. */
export function typeMatches(
  db: Database,
  patterns: readonly TypePattern[],
  except: readonly TypePattern[] = [],
): Fragment {
  const kept = keptPrefixes.map((prefix) => `${prefix}*`);
  return db`(${anyOf(db, patterns)} and not ${anyOf(db, [...kept, ...except])})`;
}

function anyOf(db: Database, patterns: readonly TypePattern[]): Fragment {
  const single = patterns.filter((pattern) => prefixOf(pattern) === null);
  const prefixes = patterns.map(prefixOf).filter((prefix) => prefix !== null);
  return db`(t.type = any(${single}::text[])
    or exists (select from unnest(${prefixes}::text[]) as p (prefix) where starts_with(t.type, p.prefix)))`;
}
