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

const plain = /^[0-9A-Za-z_][0-9A-Za-z_.:-]*$/;

function quoted(text: string): string {
  // The word NULL without quotes would be a null.
  if (plain.test(text) && text.length !== 4) return text;
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}
