import { badInput } from '../../kernel/errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { checkIdempotencyKey, checkReason } from '../../kernel/request-input.ts';
import { type Channel, channels } from '../../touchpoints/touchpoint.ts';
import { isName } from '../reserved-property.ts';
import { everyChannel, type LegalBasis, legalBases, type StatedStatus, statedStatuses } from './consent.ts';

/** What a caller says about a customer's consent. */
export interface SetConsent {
  /** UUID. Any id that the customer ever had. */
  readonly customerId: string;
  readonly purpose: string;
  /** Left out: every channel. */
  readonly channel?: Channel | null;
  readonly status: StatedStatus;
  /** CONSENT when left out. */
  readonly legalBasis?: LegalBasis | null;
  /** Where it was said; `api` when left out. */
  readonly source?: string | null;
  readonly evidence?: JsonObject | null;
  /** Of what was said before today. */
  readonly statedAt?: Date | null;
  readonly expiresAt?: Date | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** Of evidence, as JSON. */
export const longestEvidence = 16_000;

/** The same, checked and complete but for the customer. Throws `BAD_USER_INPUT`. */
export function readSetConsent(input: SetConsent, now: Date) {
  const { status, statedAt = null, expiresAt = null } = input;
  checkAmong(statedStatuses, status, 'input.status');
  const legalBasis = input.legalBasis ?? 'CONSENT';
  checkAmong(legalBases, legalBasis, 'input.legalBasis');
  if (statedAt !== null && statedAt > now)
    throw badInput('Expected a time that is not in the future.', 'input.statedAt');
  checkEnd({ status, expiresAt, from: statedAt ?? now });
  return {
    purpose: readName(input.purpose, 'input.purpose'),
    channel: readChannel(input.channel, 'input.channel'),
    status,
    legalBasis,
    source: input.source == null ? 'api' : readName(input.source, 'input.source'),
    evidence: readEvidence(input.evidence),
    statedAt,
    expiresAt,
    reason: checkReason(input.reason),
    idempotencyKey: checkIdempotencyKey(input.idempotencyKey),
  };
}

export function readName(name: string, field: string): string {
  if (isName(name)) return name;
  throw badInput('Expected 1 to 128 printable characters without blanks around them.', field);
}

/** Empty text where it is left out: every channel. */
export function readChannel(channel: string | null | undefined, field: string): string {
  if (channel == null) return everyChannel;
  checkAmong(channels, channel, field);
  return channel;
}

export function readEvidence(evidence: JsonObject | null | undefined, field = 'input.evidence'): JsonObject | null {
  if (evidence == null) return null;
  const { length } = JSON.stringify(evidence);
  if (length <= longestEvidence) return evidence;
  throw badInput(`Expected at most ${longestEvidence} characters of JSON, got ${length}.`, field);
}

/** What is denied or withdrawn has no end. */
function checkEnd({ status, expiresAt, from }: { status: StatedStatus; expiresAt: Date | null; from: Date }): void {
  if (expiresAt === null) return;
  if (status !== 'GRANTED' && status !== 'PENDING') {
    throw badInput(`${status} has no end; only GRANTED and PENDING have.`, 'input.expiresAt');
  }
  if (expiresAt <= from) throw badInput('Expected a time after the statement itself.', 'input.expiresAt');
}

function checkAmong(known: readonly string[], given: string, field: string): void {
  if (known.includes(given)) return;
  throw badInput(`Expected ${known.join(', ')}; got ${JSON.stringify(given)}.`, field);
}
