import { DomainError } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';

/** Current and future members by hand that one household may have. */
export const mostMembersOfHousehold = 100;
/** Accounts from the top of a hierarchy to its bottom. */
export const mostLevelsOfAccounts = 20;

export function householdFull(householdId: string): DomainError {
  return new DomainError(
    'HOUSEHOLD_FULL',
    `The household ${toPublicId('hh', householdId)} has ${mostMembersOfHousehold} members, and can't have more. Is it an account?`,
    { maximum: mostMembersOfHousehold },
  );
}

export function accountCycle(accountId: string, parentId: string): DomainError {
  return new DomainError(
    'ACCOUNT_CYCLE',
    `${toPublicId('acc', parentId)} can't be above ${toPublicId('acc', accountId)}: it is the same account, or below it.`,
    { field: 'input.parentId' },
  );
}

export function accountTooDeep(levels: number): DomainError {
  return new DomainError(
    'ACCOUNT_TOO_DEEP',
    `This would make a hierarchy of ${levels} levels; it can have ${mostLevelsOfAccounts}.`,
    { field: 'input.parentId', maximum: mostLevelsOfAccounts },
  );
}

export function accountKeyTaken(ownerId: string): DomainError {
  return new DomainError(
    'ACCOUNT_KEY_TAKEN',
    `This external key is that of another account, ${toPublicId('acc', ownerId)}.`,
    { field: 'input.externalKey', accountId: toPublicId('acc', ownerId) },
  );
}

/** `since` and `until`: of the membership that is there already. */
export function membershipOverlaps(role: string, since: Date | null, until: Date | null): DomainError {
  const from = since ? `from ${since.toISOString()}` : 'from ever';
  const to = until ? `to ${until.toISOString()}` : 'with an open end';
  return new DomainError(
    'MEMBERSHIP_OVERLAPS',
    `The customer is a member as ${role} ${from} ${to} already. End that first, or give a period that does not overlap.`,
    { role, since: since?.toISOString() ?? null, until: until?.toISOString() ?? null },
  );
}
