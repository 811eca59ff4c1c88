import type { JsonObject } from '../kernel/json.ts';

export const channels = [
  'WEB',
  'APP',
  'POS',
  'EMAIL',
  'NEWSLETTER',
  'SMS',
  'PUSH',
  'PHONE',
  'CHAT',
  'SOCIAL',
  'LETTER',
  'MAGAZINE',
  'COMMUNITY',
  'VISIT',
  'EVENT',
  'SERVICE',
  'PARTNER',
  'OTHER',
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

/** A touchpoint that passed every check, with the ids that follow from it. */
export interface AcceptedTouchpoint {
  /** Derived from (source, message id). */
  readonly id: string;
  /** 128 bits over the canonical body: tells a repeat from a conflict. */
  readonly fingerprint: string;
  /** Derived from (source, key). */
  readonly recordId: string;
  readonly source: string;
  readonly key: string;
  /** Nobody's: neither key nor usable identifier was given. */
  readonly unidentified: boolean;
  readonly identifiers: readonly AcceptedIdentifier[];
  readonly messageId: string;
  readonly type: string;
  readonly channel: Channel;
  readonly direction: Direction;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
  readonly campaign: string | null;
  readonly traits: JsonObject | null;
  readonly properties: JsonObject | null;
  readonly lines: readonly AcceptedLine[] | null;
  readonly context: JsonObject | null;
  readonly warnings: readonly IngestWarning[];
  /** As it was given, for quarantine. */
  readonly draft: TouchpointDraft;
}

export interface AcceptedIdentifier {
  readonly id: string;
  readonly kind: string;
  readonly value: string;
  readonly given: string | null;
  readonly namesPerson: boolean;
  /** The organisation's rules say that the value identifies nobody: it is kept, and joins nobody. */
  readonly blocked: boolean;
}

export interface AcceptedLine {
  readonly sku: string;
  readonly name: string | null;
  readonly category: string | null;
  readonly quantity: number;
  /** Decimal text, per unit. */
  readonly price: string;
}

export type IngestStatus = 'STORED' | 'DUPLICATE' | 'CONFLICT' | 'REJECTED' | 'QUARANTINED' | 'VALID' | 'ACCEPTED';

/** Something in a stored touchpoint that could not be used, such as an identifier that is no e-mail address. */
export interface IngestWarning {
  readonly code: string;
  readonly message: string;
}

/** What became of one draft; one for each, in the order given. */
export interface IngestResult {
  messageId: string;
  status: IngestStatus;
  /** Why, for everything but STORED and DUPLICATE: stable, such as `OCCURRED_AT_IN_FUTURE`. */
  code: string | null;
  message: string | null;
  /** Public id (`tp_…`) of the stored touchpoint. */
  readonly touchpointId: string | null;
  /** Public id (`cus_…`) of its customer as of this call; null for an unidentified receipt. */
  readonly customerId: string | null;
  warnings: readonly IngestWarning[];
}
