import type { Json } from '../kernel/json.ts';
import type { Row } from './import-row.ts';

/** Reads one text out of a row; `undefined` when any column it names is empty. */
export type TextTemplate = (row: Row) => string | undefined;

/** Like {@link TextTemplate}, but a template that is nothing but one column keeps that column's JSON type. */
export type JsonTemplate = (row: Row) => Json | undefined;

const placeholder = /\{([^{}]*)\}/g;

/** The columns that a template such as `{date} {time}` names. */
export function columnsIn(template: string): string[] {
  return [...template.matchAll(placeholder)].map((match) => match[1] ?? '');
}

/**
 * Compiles `web-{id}`. Templates only paste columns: there are no functions and no expressions, so that a mapping can
 * be read at a glance and can't run anything. `{$line}` is the line number; `{a.b}` looks into nested JSON.
 */
export function compileText(template: string): TextTemplate {
  const parts = template.split(placeholder);
  // String.split with one capture group alternates: literal, column, literal, …
  const [only, column, end] = parts;
  if (parts.length === 3 && only === '' && end === '' && column !== undefined) return (row) => textOf(row, column);
  return (row) => {
    let text = '';
    for (const [position, part] of parts.entries()) {
      const piece = position % 2 === 0 ? part : textOf(row, part);
      if (piece === undefined) return undefined;
      text += piece;
    }
    return text === '' ? undefined : text;
  };
}

export function compileJson(template: string): JsonTemplate {
  const [column] = columnsIn(template);
  if (column === undefined || template !== `{${column}}`) return compileText(template);
  return (row) => {
    const value = cellOf(row, column);
    return value === '' ? undefined : value;
  };
}

/** A column as text: numbers and booleans as JSON writes them; empty text, null, lists and objects are no text. */
export function textOf(row: Row, column: string): string | undefined {
  const value = cellOf(row, column);
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}

export function cellOf(row: Row, column: string): Json | undefined {
  if (column === '$line') return row.line;
  // A column whose own name contains a dot wins over the path of the same spelling.
  if (Object.hasOwn(row.values, column)) return row.values[column] ?? undefined;
  return column.includes('.') ? nested(row.values, column.split('.')) : undefined;
}

function nested(values: Readonly<Record<string, Json>>, path: readonly string[]): Json | undefined {
  let at: Json | undefined = values;
  for (const name of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, Json>)[name];
  }
  return at ?? undefined;
}
