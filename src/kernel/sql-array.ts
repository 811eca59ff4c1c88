type Element = string | number | bigint | boolean | Date | null;

/**
 * One column of many rows, as a PostgreSQL array literal for `unnest(${column(rows, …)}::uuid[])`. postgres.js takes an
 * array for the type of its first element (an array of dates for a date), and calls a serializer for each element;
 * a literal passes through it as it is, whatever the type.
 */
export function column<T>(rows: readonly T[], pick: (row: T) => Element): string {
  let literal = '{';
  for (const row of rows) {
    if (literal.length > 1) literal += ',';
    literal += element(pick(row));
  }
  return `${literal}}`;
}

function element(value: Element): string {
  if (value === null) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  return value instanceof Date ? value.toISOString() : String(value);
}

/** The same for UUIDs, which need no look at each character. */
export function idColumn<T>(rows: readonly T[], pick: (row: T) => string | null): string {
  let literal = '';
  for (const row of rows) literal += `${literal === '' ? '{' : ','}${pick(row) ?? 'NULL'}`;
  return literal === '' ? '{}' : `${literal}}`;
}

/**
 * One column of JSON values, for `jsonb_array_elements(${jsonColumn(rows, …)}::text::jsonb)`: PostgreSQL parses all of
 * them in one go, and nothing is escaped a second time. SQL sees a `null` as JSON's null.
 */
export function jsonColumn<T>(rows: readonly T[], pick: (row: T) => unknown): string {
  return JSON.stringify(rows.map(pick));
}

function quoted(text: string): string {
  return /[\\"]/.test(text) ? `"${text.replace(/[\\"]/g, '\\$&')}"` : `"${text}"`;
}
