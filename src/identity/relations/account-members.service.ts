import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { DomainError } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { type AccountView, lockAccount } from './account.queries.ts';
import { accountChange, getAccount, noAccount } from './account.service.ts';
import { endAccountMembers, insertAccountMember } from './account-members.queries.ts';
import { getCustomer } from './members.service.ts';
import { findOverlapping } from './membership.queries.ts';
import { checkPeriod, checkRole } from './membership.ts';
import { membershipOverlaps } from './relation-errors.ts';
import { carryOut, type Said } from './relation-statement.service.ts';

export interface AddAccountMember extends Said {
  readonly accountId: string;
  /** UUID of any id that the customer ever had. */
  readonly customerId: string;
  readonly role: string;
  readonly validFrom?: Date | null;
  readonly validTo?: Date | null;
}

/** One customer can have several roles at once, but each only once. */
export async function addAccountMember(ctx: Context, input: AddAccountMember): Promise<AccountView> {
  requireScope(ctx, 'identity:manage');
  const { accountId } = input;
  const role = checkRole(input.role);
  const period = checkPeriod(input.validFrom, input.validTo, ctx.clock.now());
  const saying = { operation: 'addAccountMember', input, subjectId: accountId } as const;
  await carryOut(ctx, saying, async (tx, { statementId }) => {
    if (!(await lockAccount(tx, accountId))) throw noAccount(accountId);
    const customerId = await getCustomer(tx, input.customerId);
    const other = await findOverlapping(tx, 'account', { groupId: accountId, customerId, role, period });
    if (other) throw membershipOverlaps(other.role, other.since, other.until);
    await insertAccountMember(tx, { id: ctx.ids.uuid(), accountId, recordId: customerId, role, period, statementId });
    return [accountChange(accountId, 'MEMBER_ADDED', customerId)];
  });
  return getAccount(ctx, accountId);
}

export interface EndAccountMembership extends Said {
  readonly accountId: string;
  readonly customerId: string;
  /** Every role, if left out. */
  readonly role?: string | null;
  /** The first instant at which it does not hold any more; now, if left out. */
  readonly at?: Date | null;
}

export async function endAccountMembership(ctx: Context, input: EndAccountMembership): Promise<AccountView> {
  requireScope(ctx, 'identity:manage');
  const { accountId } = input;
  const role = input.role == null ? null : checkRole(input.role);
  const saying = { operation: 'endAccountMembership', input, subjectId: accountId } as const;
  await carryOut(ctx, saying, async (tx, { statementId, now }) => {
    if (!(await lockAccount(tx, accountId))) throw noAccount(accountId);
    const customerId = await getCustomer(tx, input.customerId);
    const ended = await endAccountMembers(tx, { accountId, customerId, role, at: input.at ?? now, statementId });
    if (ended === 0) throw noMembership(accountId, customerId, role);
    return [accountChange(accountId, 'MEMBER_REMOVED', customerId)];
  });
  return getAccount(ctx, accountId);
}

function noMembership(accountId: string, customerId: string, role: string | null): DomainError {
  return new DomainError(
    'NOT_FOUND',
    `${toPublicId('cus', customerId)} is no member of the account ${toPublicId('acc', accountId)}${role ? ` as ${role}` : ''}.`,
  );
}
