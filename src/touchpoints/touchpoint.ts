import type { JsonObject } from '../kernel/json.ts';

export const channels = [
  'WEB', 'APP', 'POS', 'EMAIL', 'NEWSLETTER', 'SMS', 'PUSH', 'PHONE', 'CHAT', 'SOCIAL', 'LETTER', 'MAGAZINE',
  'COMMUNITY', 'VISIT', 'EVENT', 'SERVICE', 'PARTNER', 'OTHER',
] as const;
export type Channel = (typeof channels)[number];

export const directions = ['INBOUND', 'OUTBOUND'] as const;
export type Direction = (typeof directions)[number];

/** A touchpoint as a sender gives it, before anything has been checked. The same shape on every way in. */
export interface TouchpointDraft {
  /** The sender's own id of this message, unique within `source`: what makes a retry harmless. */
  messageId: string;
  /** The system that saw it: `web`, `pos`, `crm`. */
  source: string;
  /** How that system names the person (customer number, card). Left out: the strongest identifier names the record. */
  key?: string | null;
  identifiers?: { kind: string; value: string }[] | null;
  type: string;
  channel?: Channel | null;
  direction?: Direction | null;
  /** RFC 3339. */
  occurredAt: string;
  /** The sender's clock when it sent, RFC 3339: with it a wrong clock can be corrected. */
  sentAt?: string | null;
  traits?: JsonObject | null;
  properties?: JsonObject | null;
  /** Decimal text such as "12.50", and an ISO 4217 currency. Never negative for orders and returns. */
  value?: { amount: string | number; currency: string } | null;
  lines?: LineDraft[] | null;
  campaign?: string | null;
  context?: JsonObject | null;
}

export interface LineDraft {
  sku: string;
  name?: string | null;
  category?: string | null;
  quantity: number;
  /** Unit price in the currency of the touchpoint's value. */
  price: string | number;
}

export type IngestStatus = 'STORED' | 'DUPLICATE' | 'CONFLICT' | 'REJECTED' | 'QUARANTINED';

/** What became of one draft; one for each, in the order given. */
export interface IngestResult {
  messageId: string;
  status: IngestStatus;
  /** Why, for everything but STORED and DUPLICATE: stable, such as `OCCURRED_AT_IN_FUTURE`. */
  code: string | null;
  message: string | null;
  touchpointId: string | null;
  customerId: string | null;
}
