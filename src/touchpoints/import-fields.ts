import type { Json, JsonObject } from '../kernel/json.ts';
import { readBoolean, readNumber } from './import-cell.ts';
import { type DecimalMark, toText } from './import-decimal.ts';
import type { ImportFields } from './import-mapping.ts';
import { type Row, RowRefused } from './import-row.ts';
import { compileJson, compileText, type JsonTemplate } from './import-template.ts';

type FieldsReader = (row: Row) => JsonObject | undefined;

/** Traits or properties. What is empty in the row is left out: a file that doesn't know a trait doesn't delete it. */
export function compileFields(fields: ImportFields | undefined, decimal: DecimalMark): FieldsReader {
  if (fields === undefined) return () => undefined;
  if (typeof fields === 'string') return compileWholeObject(fields);
  const parts = Object.entries(fields).map(([name, field]) => {
    const read = typeof field === 'string' ? compileJson(field) : compileTyped(field, name, decimal);
    return [name, read] as const;
  });
  return (row) => {
    const found: JsonObject = {};
    for (const [name, read] of parts) {
      const value = read(row);
      if (value !== undefined) found[name] = value;
    }
    return Object.keys(found).length === 0 ? undefined : found;
  };
}

function compileWholeObject(template: string): FieldsReader {
  const read = compileJson(template);
  return (row) => {
    const value = read(row);
    if (value === undefined) return undefined;
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    throw new RowRefused('NOT_AN_OBJECT', `Expected a JSON object in ${template}.`);
  };
}

interface TypedField {
  readonly value: string;
  readonly as: 'text' | 'number' | 'boolean';
}

function compileTyped({ value: template, as }: TypedField, name: string, decimal: DecimalMark): JsonTemplate {
  const read = compileText(template);
  return (row) => {
    const text = read(row);
    return text === undefined ? undefined : convert(text);

    function convert(given: string): Json {
      if (as === 'number') return Number(toText(readNumber(given, name, decimal, row.line)));
      return as === 'boolean' ? readBoolean(given, name) : given;
    }
  };
}
