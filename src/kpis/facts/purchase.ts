import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import { readProperty, reservedProperties } from './reserved-properties.ts';

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

/** `undefined` for everything that is neither an order nor a return. */
export function purchaseOf(touchpoint: AcceptedTouchpoint): Purchase | undefined {
  const { type, valueMinor, currency } = touchpoint;
  if (type !== 'order.completed' && type !== 'order.returned') return undefined;
  if (valueMinor === null || currency === null) return undefined;
  const { recordId, occurredAt, id, source, channel, campaign } = touchpoint;
  const kind = type === 'order.completed' ? 'ORDER' : 'RETURN';
  const beside = { properties: touchpoint.properties ?? {}, currency };
  const { orderId, store, cost } = reservedProperties[type];
  return {
    ...{ recordId, occurredAt, id, kind, source, channel, campaign, currency, valueMinor },
    orderId: readProperty(orderId, beside.properties.orderId, beside),
    store: readProperty(store, beside.properties.store, beside),
    costMinor: readProperty(cost, beside.properties.cost, beside),
    itemsMicro: itemsOf(touchpoint, kind),
  };
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
