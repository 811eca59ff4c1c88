import type { Tx } from '../../kernel/database.ts';
import type { Period } from './membership.ts';

export interface NewAccountMember {
  readonly id: string;
  readonly accountId: string;
  readonly recordId: string;
  readonly role: string;
  readonly period: Period;
  readonly statementId: string;
}

export async function insertAccountMember(tx: Tx, member: NewAccountMember): Promise<void> {
  const { id, accountId, recordId, role, period, statementId } = member;
  await tx`
    insert into account_members (id, record_id, account_id, role, valid_from, valid_to, statement_id)
    values (${id}, ${recordId}, ${accountId}, ${role}, ${period.from}, ${period.to}, ${statementId})`;
}

export interface AccountMembershipsToEnd {
  readonly accountId: string;
  readonly customerId: string;
  /** Null: in every role. */
  readonly role: string | null;
  readonly at: Date;
  readonly statementId: string;
}

/** One that has not begun by then never does: an empty period. Answers how many. */
export async function endAccountMembers(tx: Tx, ending: AccountMembershipsToEnd): Promise<number> {
  const { accountId, customerId, role, at, statementId } = ending;
  const result = await tx`
    update account_members m
    set valid_to = greatest(m.valid_from, ${at}), end_statement_id = ${statementId}
    from records r
    where r.id = m.record_id and r.customer_id = ${customerId} and m.account_id = ${accountId}
      and (${role}::text is null or m.role = ${role})
      and (m.valid_to is null or m.valid_to > greatest(m.valid_from, ${at}))`;
  return result.count;
}
