import { Rejection, shown } from './rejection.ts';

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})$/;
const earliest = Date.UTC(1990, 0, 1);
const oneDay = 86_400_000;
/** Differences up to this are the way through the network, not a wrong clock. */
const toleratedSkew = 10_000;

/**
 * When it happened, by our clock. Where the sender says when it sent, a clock that is wrong by more than ten seconds
 * is corrected by its error.
 */
export function acceptTime(occurredAt: string, sentAt: string | null | undefined, receivedAt: Date): Date {
  const given = parseInstant(occurredAt, 'OCCURRED_AT_INVALID', 'occurredAt');
  const instant = given + clockError(sentAt, receivedAt);
  if (instant > receivedAt.getTime() + oneDay) {
    throw new Rejection(
      'OCCURRED_AT_IN_FUTURE',
      `occurredAt ${shown(occurredAt)} is more than 24 hours ahead of ${receivedAt.toISOString()}.`,
    );
  }
  if (instant < earliest) {
    throw new Rejection('OCCURRED_AT_TOO_OLD', `occurredAt ${shown(occurredAt)} is before 1990-01-01.`);
  }
  return new Date(instant);
}

function clockError(sentAt: string | null | undefined, receivedAt: Date): number {
  if (sentAt === null || sentAt === undefined) return 0;
  const error = receivedAt.getTime() - parseInstant(sentAt, 'SENT_AT_INVALID', 'sentAt');
  return Math.abs(error) > toleratedSkew ? error : 0;
}

function parseInstant(text: unknown, code: string, field: string): number {
  const instant = typeof text === 'string' && rfc3339.test(text) && hasDayOfMonth(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(instant)) {
    throw new Rejection(
      code,
      `${field} must be an RFC 3339 timestamp with an offset such as 2026-03-01T09:30:00Z, got ${shown(text)}.`,
    );
  }
  return instant;
}

/** Of a text that begins with YYYY-MM-DD. `Date.parse` takes the 30th of February for a day in March. */
function hasDayOfMonth(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
}
