/** Every code an API client can meet. They are promises: never renamed, never reused for another meaning. */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'IDEMPOTENCY_CONFLICT'
  | 'VERSION_CONFLICT'
  | 'IDENTITY_CONFLICT'
  | 'HOUSEHOLD_FULL'
  | 'ACCOUNT_CYCLE'
  | 'ACCOUNT_TOO_DEEP'
  | 'ACCOUNT_KEY_TAKEN'
  | 'MEMBERSHIP_OVERLAPS'
  | 'SEGMENT_CYCLE'
  | 'SEGMENT_IN_USE'
  | 'OFFER_REFUSED'
  | 'INSUFFICIENT_POINTS'
  | 'NOT_A_MEMBER'
  | 'PROGRAM_NOT_OPEN'
  | 'REWARD_UNAVAILABLE'
  | 'OUT_OF_STOCK'
  | 'RESERVATION_ENDED'
  | 'VOUCHER_EXPIRED'
  | 'VOUCHER_USED_UP'
  | 'VOUCHER_NOT_YET_VALID'
  | 'VOUCHER_OF_ANOTHER_MEMBER'
  | 'VOUCHER_CANCELLED'
  | 'VOUCHER_CODE_TAKEN'
  | 'REFERRAL_REFUSED'
  | 'CONSENT_REQUEST_ENDED'
  | 'SEGMENT_TOO_EXPENSIVE'
  | 'OPERATION_TOO_EXPENSIVE'
  | 'STATEMENT_TOO_SLOW'
  | 'CURSOR_INVALID'
  | 'CURSOR_EXPIRED'
  | 'SLOW_CONSUMER'
  | 'RATE_LIMITED'
  | 'OVERLOADED'
  | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR';

/** A refusal that the caller can understand and act on. Anything else that is thrown is a bug and gets masked. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** Machine-readable detail, for example the field to blame; sent to the caller as `extensions`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = 'DomainError';
    this.code = code;
    this.details = details;
  }
}

/** `field` is the input path to blame, such as `filter.types[2]`. */
export function badInput(message: string, field?: string): DomainError {
  return new DomainError('BAD_USER_INPUT', message, field === undefined ? {} : { field });
}

export function notFound(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `There is no ${what} ${id}.`);
}
