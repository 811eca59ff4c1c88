import { type Decimal, type DecimalMark, parseDecimal } from './import-decimal.ts';
import { type Row, RowRefused } from './import-row.ts';
import { compileText, type TextTemplate } from './import-template.ts';

/** Reads a text that must be there. `field` is the place in the mapping, for the message. */
export function required(template: string, field: string): (row: Row) => string {
  const read = compileText(template);
  return (row) => {
    const text = read(row);
    if (text === undefined) throw new RowRefused('VALUE_MISSING', `${field}: ${template} is empty here.`, row.line);
    return text;
  };
}

export function optional(template: string | undefined): TextTemplate {
  return template === undefined ? () => undefined : compileText(template);
}

export function readNumber(text: string, field: string, mark: DecimalMark, line: number): Decimal {
  const parsed = parseDecimal(text, mark);
  if (!parsed)
    throw new RowRefused('NUMBER_INVALID', `${field}: expected a decimal number, got ${quoted(text)}.`, line);
  return parsed;
}

export function readBoolean(text: string, field: string): boolean {
  if (/^(true|yes|y|1)$/i.test(text)) return true;
  if (/^(false|no|n|0)$/i.test(text)) return false;
  throw new RowRefused('BOOLEAN_INVALID', `${field}: expected true or false, yes or no, 1 or 0, got ${quoted(text)}.`);
}

export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
