import { DomainError } from '../../kernel/errors.ts';

/** More was asked for than one answer holds: the same code as any other wrong input, and how much is too much. */
export function tooMuch(message: string, { field, limit }: { field: string; limit: number }): DomainError {
  return new DomainError('BAD_USER_INPUT', message, { field, reason: 'LIMIT_EXCEEDED', limit });
}
