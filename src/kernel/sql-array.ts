import { isoInstant } from './iso-day.ts';

type Element = string | number | bigint | boolean | Date | null;

/**
 * One column of many rows, as a PostgreSQL array literal for `unnest(${column(rows, …)}::uuid[])`. postgres.js takes an
 * array for the type of its first element (an array of dates for a date), and calls a serializer for each element;
 * a literal passes through it as it is, whatever the type.
 */
export function column<T>(rows: readonly T[], pick: (row: T) => Element): string {
  let literal = '{';
  let previous: Element = null;
  let text = 'NULL';
  for (const row of rows) {
    if (literal.length > 1) literal += ',';
    const value = pick(row);
    // The same time of receipt, source, type or flag comes many times in a row.
    if (value !== previous) text = element(value);
    previous = value;
    literal += text;
  }
  return `${literal}}`;
}

function element(value: Element): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  return value instanceof Date ? isoInstant(value) : String(value);
}

/** The same for UUIDs, which need no look at each character. */
export function idColumn<T>(rows: readonly T[], pick: (row: T) => string | null): string {
  let literal = '';
  for (const row of rows) literal += `${literal === '' ? '{' : ','}${pick(row) ?? 'NULL'}`;
  return literal === '' ? '{}' : `${literal}}`;
}

/** UUIDs alone: `any(${idList(ids)}::uuid[])`. */
export function idList(ids: readonly string[]): string {
  return `{${ids.join(',')}}`;
}

/**
 * One column of JSON values, one a line: `string_to_table(${jsonLines(rows, …)}::text, E'\\n', 'null')`, each line then
 * cast to `jsonb`. JSON text has no line break of its own, so nothing is escaped a second time, and PostgreSQL parses
 * each value once. With `'null'` as above SQL sees a `null` as its own NULL, without it as JSON's null.
 */
export function jsonLines<T>(rows: readonly T[], pick: (row: T) => unknown): string {
  let lines = '';
  for (const row of rows) lines += `${lines === '' ? '' : '\n'}${jsonText(pick(row))}`;
  return lines;
}

function jsonText(value: unknown): string {
  return value === null ? 'null' : (JSON.stringify(value) ?? 'null');
}

function quoted(text: string): string {
  return /[\\"]/.test(text) ? `"${text.replace(/[\\"]/g, '\\$&')}"` : `"${text}"`;
}
