import { currencyExponent, toMinor } from '../kernel/money.ts';
import { Rejection, shown } from './rejection.ts';
import type { AcceptedLine, LineDraft, TouchpointDraft } from './touchpoint.ts';

export const maximumLines = 2000;
const maximumLineText = 512;
/** A sum of nine million such amounts still fits 64 bits. */
const maximumMinor = 10n ** 12n;
const pricePattern = /^\d{1,12}(?:\.\d{1,8})?$/;
const typesWithValue = new Set(['order.completed', 'order.returned']);

export interface AcceptedValue {
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
}

/** Orders and returns must say what they are worth, and never less than nothing. */
export function acceptValue(draft: TouchpointDraft): AcceptedValue {
  if (!draft.value) {
    if (typesWithValue.has(draft.type)) throw new Rejection('VALUE_REQUIRED', `${draft.type} needs a value.`);
    return { valueMinor: null, currency: null };
  }
  const { amount, currency } = draft.value;
  const valueMinor = parseAmount(amount, currency);
  if (typesWithValue.has(draft.type) && valueMinor < 0n) {
    throw new Rejection(
      'VALUE_NEGATIVE',
      `The value of ${draft.type} must not be negative, got ${shown(amount)}: a return gives the amount returned.`,
    );
  }
  return { valueMinor, currency };
}

function parseAmount(amount: unknown, currency: unknown): bigint {
  const exponent = typeof currency === 'string' ? currencyExponent(currency) : undefined;
  if (exponent === undefined) {
    throw new Rejection(
      'CURRENCY_UNKNOWN',
      `value.currency must be an ISO 4217 code such as EUR, got ${shown(currency)}.`,
    );
  }
  const minor = toMinor(plainDecimal(amount), exponent);
  if (minor === undefined || minor > maximumMinor || minor < -maximumMinor) {
    throw new Rejection(
      'VALUE_INVALID',
      `value.amount must be a decimal such as "12.50" with at most ${exponent} decimal places for ${currency}, got ${shown(amount)}.`,
    );
  }
  return minor;
}

/** A JSON number is taken by its shortest text; exponents ("1e3") are no decimals. */
function plainDecimal(amount: unknown): string {
  return typeof amount === 'number' || typeof amount === 'string' ? String(amount) : '';
}

export function acceptLines(draft: TouchpointDraft): AcceptedLine[] | null {
  const lines = draft.lines;
  if (!lines || lines.length === 0) return null;
  if (lines.length > maximumLines) {
    throw new Rejection('TOO_MANY_LINES', `At most ${maximumLines} lines, got ${lines.length}.`);
  }
  if (!draft.value) throw new Rejection('VALUE_REQUIRED', 'lines need a value: its currency is theirs.');
  return lines.map(acceptLine);
}

function acceptLine(line: LineDraft, index: number): AcceptedLine {
  const { sku, name = null, category = null, quantity } = line;
  for (const [field, text] of Object.entries({ sku, name: name ?? '-', category: category ?? '-' })) {
    if (typeof text !== 'string' || text.length === 0 || text.length > maximumLineText) {
      throw new Rejection(
        'LINE_INVALID',
        `lines[${index}].${field} must have 1 to ${maximumLineText} characters, got ${shown(text)}.`,
      );
    }
  }
  if (!Number.isFinite(quantity) || Math.abs(quantity) > 1e9) {
    throw new Rejection(
      'LINE_INVALID',
      `lines[${index}].quantity must be a number up to 1,000,000,000, got ${shown(quantity)}.`,
    );
  }
  const price = plainDecimal(line.price);
  if (!pricePattern.test(price)) {
    throw new Rejection(
      'LINE_INVALID',
      `lines[${index}].price must be a decimal such as "2.55", not negative, got ${shown(line.price)}.`,
    );
  }
  return { sku, name, category, quantity, price };
}
