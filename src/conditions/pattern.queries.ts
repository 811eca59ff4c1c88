import { type Pattern, type Range, readPattern } from './pattern.ts';
import type { SqlScope } from './sql-scope.queries.ts';

/** Whether the `text` matches. By the characters' codes, whatever the database's locale says of letters and digits. */
export function patternSql(text: string, pattern: string, scope: SqlScope): string {
  return `${text} collate "C" ~ ${scope.value(postgresPattern(readPattern(pattern)), 'text')}`;
}

/**
 * In PostgreSQL's syntax: `***:` says so whatever comes next. Classes and signs are written out as codes, as PostgreSQL has
 * meanings of its own for most of what stands behind a backslash.
 */
function postgresPattern(pattern: Pattern): string {
  return `***:${written(pattern)}`;
}

function written(pattern: Pattern): string {
  if ('anchor' in pattern) return pattern.anchor;
  if ('sequence' in pattern) return `(?:${pattern.sequence.map(written).join('')})`;
  if ('choice' in pattern) return `(?:${pattern.choice.map(written).join('|')})`;
  if ('set' in pattern) return `[${pattern.negated ? '^' : ''}${pattern.set.map(range).join('')}]`;
  const { repeated, least, most } = pattern;
  return `${written(repeated)}{${least},${most ?? ''}}`;
}

function range([from, to]: Range): string {
  return from === to ? code(from) : `${code(from)}-${code(to)}`;
}

function code(point: number): string {
  return `\\U${point.toString(16).padStart(8, '0')}`;
}
