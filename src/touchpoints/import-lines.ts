import type { JsonObject } from '../kernel/json.ts';
import { currencyExponent } from '../kernel/money.ts';
import { optional, readNumber, required } from './import-cell.ts';
import { add, type Decimal, multiply, negate, round, toText, zero } from './import-decimal.ts';
import type { ImportMapping } from './import-mapping.ts';
import { type Row, RowRefused } from './import-row.ts';
import { cellOf } from './import-template.ts';
import type { LineDraft, TouchpointDraft } from './touchpoint.ts';

export interface SoldLines {
  readonly drafts: readonly LineDraft[];
  /** The exact sum of quantity × price, not rounded. */
  readonly sum: Decimal;
}

export type LinesReader = (rows: readonly Row[]) => SoldLines;

/** One line for each row of the group, or for each element of a nested list. */
export function compileLines({ lines, decimal }: ImportMapping): LinesReader | undefined {
  if (!lines) return undefined;
  const { each } = lines;
  const [sku, name, category] = [required(lines.sku, 'lines.sku'), optional(lines.name), optional(lines.category)];
  const [quantityText, priceText] = [required(lines.quantity, 'lines.quantity'), required(lines.price, 'lines.price')];
  const readLine = (row: Row) => {
    const quantity = readNumber(quantityText(row), 'lines.quantity', decimal, row.line);
    const price = readNumber(priceText(row), 'lines.price', decimal, row.line);
    const draft = { sku: sku(row), name: name(row), category: category(row), ...unsigned(quantity, price) };
    return { draft, total: multiply(quantity, price) };
  };
  return (rows) => {
    const read = (each === undefined ? rows : rows.flatMap((row) => elements(row, each))).map(readLine);
    return { drafts: read.map(({ draft }) => draft), sum: read.reduce((sum, { total }) => add(sum, total), zero) };
  };
}

/** Prices are never negative in a touchpoint: "1 at -5.00" is written as "-1 at 5.00", which is the same money. */
function unsigned(quantity: Decimal, price: Decimal): { quantity: number; price: string } {
  if (price.digits >= 0n) return { quantity: Number(toText(quantity)), price: toText(price) };
  return { quantity: Number(toText(negate(quantity))), price: toText(negate(price)) };
}

/** The objects of a nested list, as rows of their own. */
function elements(row: Row, column: string): Row[] {
  const list = cellOf(row, column) ?? [];
  if (!Array.isArray(list) || !list.every(isObject)) {
    throw new RowRefused('NOT_A_LIST', `lines.each: expected a list of objects in "${column}".`, row.line);
  }
  return list.map((values) => ({ line: row.line, values }));
}

function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The lines as a touchpoint has them; `negated`: with the signs of their quantities turned. */
export function linesOf({ drafts }: SoldLines, negated: boolean): LineDraft[] | undefined {
  if (drafts.length === 0) return undefined;
  // 0 - x and not -x: a quantity of nothing stays 0 instead of becoming -0.
  return drafts.map((line) => (negated ? { ...line, quantity: 0 - line.quantity } : line));
}

type ValueReader = (row: Row, sum: Decimal | undefined, negated: boolean) => TouchpointDraft['value'];

export function compileValue({ value, decimal }: ImportMapping): ValueReader {
  if (!value) return () => undefined;
  const currency = required(value.currency, 'value.currency');
  const amount = value.amount === undefined ? undefined : optional(value.amount);
  return (row, sum, negated) => {
    const text = amount?.(row);
    const exact = amount ? text && readNumber(text, 'value.amount', decimal, row.line) : sum;
    if (!exact) return undefined;
    const code = currency(row);
    // Sums are rounded once, as an invoice is: rounded lines would add up to another total. Amounts stay as given.
    const rounded = amount ? exact : round(exact, currencyExponent(code) ?? exact.scale);
    return { amount: toText(negated ? negate(rounded) : rounded), currency: code };
  };
}
