import { currencyExponent, toMinor } from '../../kernel/money.ts';
import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';

/** A row of `purchases`, but for whether it opens its order. Amounts in minor units. */
export interface Purchase {
  readonly recordId: string;
  readonly occurredAt: Date;
  /** The touchpoint. */
  readonly id: string;
  readonly kind: 'ORDER' | 'RETURN';
  readonly orderId: string | null;
  readonly source: string;
  readonly channel: string;
  readonly campaign: string | null;
  readonly store: string | null;
  readonly currency: string;
  readonly valueMinor: bigint;
  readonly costMinor: bigint | null;
  /** In millionths: quantities may be fractions, and sums must not depend on their order. */
  readonly itemsMicro: bigint;
}

/** Longer texts are no names of orders and stores, and an index has no room for them. */
const longestName = 200;

/** `undefined` for everything that is neither an order nor a return. */
export function purchaseOf(touchpoint: AcceptedTouchpoint): Purchase | undefined {
  const { type, valueMinor, currency, properties } = touchpoint;
  if (type !== 'order.completed' && type !== 'order.returned') return undefined;
  if (valueMinor === null || currency === null) return undefined;
  const { recordId, occurredAt, id, source, channel, campaign } = touchpoint;
  const kind = type === 'order.completed' ? 'ORDER' : 'RETURN';
  return {
    ...{ recordId, occurredAt, id, kind, source, channel, campaign, currency, valueMinor },
    orderId: nameOf(properties?.orderId),
    store: nameOf(properties?.store),
    costMinor: costOf(properties?.cost, currency),
    itemsMicro: itemsOf(touchpoint, kind),
  };
}

/** Text, or a whole number as text. */
export function nameOf(value: unknown): string | null {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  if (typeof value !== 'string' || value === '') return null;
  return value.length <= longestName || [...value].length <= longestName ? value : null;
}

/** What is no amount of the currency is not known: it must not keep an order from being stored. */
function costOf(cost: unknown, currency: string): bigint | null {
  if (typeof cost !== 'string' && typeof cost !== 'number') return null;
  const text = String(cost);
  return /^\d{1,12}(\.\d{1,8})?$/.test(text) ? (toMinor(text, currencyExponent(currency) ?? 2) ?? null) : null;
}

function itemsOf({ lines }: AcceptedTouchpoint, kind: Purchase['kind']): bigint {
  let sum = 0n;
  for (const { quantity } of lines ?? []) sum += micro(quantity);
  return kind === 'RETURN' && sum < 0n ? -sum : sum;
}

function micro(quantity: number): bigint {
  return Number.isInteger(quantity)
    ? BigInt(quantity) * 1_000_000n
    : BigInt(Number(quantity.toFixed(6).replace('.', '')));
}

/** 1500000n → "1.500000". */
export function itemsText(itemsMicro: bigint): string {
  const digits = (itemsMicro < 0n ? -itemsMicro : itemsMicro).toString().padStart(7, '0');
  return `${itemsMicro < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
