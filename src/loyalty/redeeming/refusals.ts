import { DomainError } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';

/** Why a till or a service desk was refused something. Stable, as all codes are. */
export const loyaltyRefusals = [
  'INSUFFICIENT_POINTS',
  'NOT_A_MEMBER',
  'PROGRAM_NOT_OPEN',
  'REWARD_UNAVAILABLE',
  'OUT_OF_STOCK',
  'RESERVATION_ENDED',
  'VOUCHER_EXPIRED',
  'VOUCHER_USED_UP',
  'VOUCHER_NOT_YET_VALID',
  'VOUCHER_OF_ANOTHER_MEMBER',
  'VOUCHER_CANCELLED',
  'VOUCHER_CODE_TAKEN',
  'REFERRAL_REFUSED',
] as const;
export type LoyaltyRefusal = (typeof loyaltyRefusals)[number];

export function refused(code: LoyaltyRefusal, message: string, details: Record<string, unknown> = {}): DomainError {
  return new DomainError(code, message, details);
}

/** What is there and what was asked for. Nothing has been written. */
export function insufficientPoints(asked: {
  readonly wallet: string;
  readonly available: bigint;
  readonly requested: bigint;
}): DomainError {
  const { wallet, available, requested } = asked;
  return refused('INSUFFICIENT_POINTS', `${requested} ${wallet} were asked for, ${available} are available.`, {
    wallet,
    available: Number(available),
    requested: Number(requested),
  });
}

export function notAMember(field: string, programId: string): DomainError {
  return refused('NOT_A_MEMBER', `The customer is no member of ${toPublicId('prg', programId)}.`, { field });
}

export function programNotOpen(name: string, phase: string): DomainError {
  return refused(
    'PROGRAM_NOT_OPEN',
    `The programme ${JSON.stringify(name)} is in the phase ${phase}: points don't move.`,
    {
      phase,
    },
  );
}

export function reservationEnded(status: string): DomainError {
  return refused('RESERVATION_ENDED', `The reservation is ${status}: it can't be confirmed any more.`, { status });
}

export function idempotencyConflict(): DomainError {
  return new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used for another request. A new one needs a new key.',
    { field: 'input.idempotencyKey' },
  );
}

export function restless(): DomainError {
  return new DomainError('SERVICE_UNAVAILABLE', 'The customers are being merged and split at the moment. Try again.');
}
