import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import { findCustomerByUuid } from '../customer.service.ts';
import { Customer } from '../customer.type.ts';
import {
  AccountKeyInput,
  AddAccountMemberInput,
  EndAccountMembershipInput,
  SetAccountParentInput,
  UpsertAccountInput,
} from './account.input.ts';
import type { AccountView } from './account.queries.ts';
import { findAccount, listAllAccounts, upsertAccount } from './account.service.ts';
import {
  Account,
  AccountConnection,
  AccountMember,
  AccountMemberConnection,
  AccountPayload,
  UpsertAccountPayload,
} from './account.type.ts';
import { childrenOfAccount, pathOfAccount, setAccountParent } from './account-hierarchy.service.ts';
import { addAccountMember, endAccountMembership } from './account-members.service.ts';
import { countMembersOf, membersOf } from './members.service.ts';
import type { MembershipView } from './membership.queries.ts';

/** For `node(id)` with an `acc_…`. */
export async function findAccountNode(ctx: Context, uuid: string): Promise<Account | null> {
  const row = await findAccount(ctx, { id: uuid });
  return row && new Account(row);
}

@Resolver(() => Account)
export class AccountResolver {
  @Query(() => Account, {
    nullable: true,
    description:
      'A company account, by id or by external key: exactly one of them. Needs the scope `identity:read`. Codes: ' +
      '`BAD_USER_INPUT`.',
  })
  async account(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'Its id, `acc_…`.' }) id: string | null,
    @Arg('externalKey', () => AccountKeyInput, { nullable: true, description: 'What another system calls it.' })
    externalKey: AccountKeyInput | null,
  ): Promise<Account | null> {
    const row = await findAccount(ctx, { id: id == null ? null : fromPublicId('acc', id), externalKey });
    return row && new Account(row);
  }

  @Query(() => AccountConnection, { description: 'Company accounts, newest first. Needs the scope `identity:read`.' })
  accounts(
    @Ctx() ctx: Context,
    @Arg('domain', () => String, { nullable: true, description: 'Only those with this internet domain.' })
    domain: string | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<AccountConnection> {
    return listAllAccounts(ctx, { domain, first, after }, (row) => new Account(row));
  }

  @FieldResolver(() => Account, {
    nullable: true,
    description: 'The account above it; null at the top. Needs the scope `identity:read`.',
  })
  async parent(@Root() account: Account, @Ctx() ctx: Context): Promise<Account | null> {
    return account.parentId === null ? null : findAccountNode(ctx, account.parentId);
  }

  @FieldResolver(() => [Account], {
    description:
      'From the top of the hierarchy down to this account, itself included. Needs the scope `identity:read`.',
  })
  async path(@Root() account: Account, @Ctx() ctx: Context): Promise<Account[]> {
    const rows = await pathOfAccount(ctx, account.uuid);
    return rows.map((row) => new Account(row));
  }

  @FieldResolver(() => AccountConnection, {
    description: 'The accounts directly below it, oldest first. Needs the scope `identity:read`.',
  })
  children(
    @Root() account: Account,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<AccountConnection> {
    const node = (row: AccountView) => new Account(row);
    return childrenOfAccount(ctx, account.uuid, { args: { first, after }, node });
  }

  @FieldResolver(() => AccountMemberConnection, {
    description:
      'Who acts for it, each customer once in each role, the longest first. Needs the scope `identity:read`; `customer` ' +
      'of a member needs `customers:read` too.',
  })
  members(
    @Root() account: Account,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('at', () => DateTime, {
      nullable: true,
      description: 'As it was, or will be, at this instant; now, if left out.',
    })
    at: Date | null,
    @Arg('includeEnded', () => Boolean, {
      defaultValue: false,
      description: 'The history instead: every membership there ever was, ended and future ones too, as it was said.',
    })
    includeEnded: boolean,
  ): Promise<AccountMemberConnection> {
    const args = { first, after, at, includeEnded };
    const node = (row: MembershipView) => new AccountMember(row);
    return membersOf(ctx, { kind: 'account', id: account.uuid }, { args, node });
  }

  @FieldResolver(() => Int, {
    description: 'Customers who act for it now; those of the accounts below do not count. Needs `identity:read`.',
  })
  memberCount(@Root() account: Account, @Ctx() ctx: Context): Promise<number> {
    return countMembersOf(ctx, { kind: 'account', id: account.uuid });
  }

  @Mutation(() => UpsertAccountPayload, {
    description:
      'Creates a company account or changes one. The same external key always means the same account, also when two ' +
      'calls come at once. A call that changes nothing leaves no trace. Needs the scope `identity:manage`. Codes: ' +
      '`NOT_FOUND`, `ACCOUNT_KEY_TAKEN`.',
  })
  async upsertAccount(
    @Ctx() ctx: Context,
    @Arg('input', () => UpsertAccountInput, { description: 'Which, and how it is to be.' }) input: UpsertAccountInput,
  ): Promise<UpsertAccountPayload> {
    const accountId = input.accountId == null ? null : fromPublicId('acc', input.accountId, 'input.accountId');
    return new UpsertAccountPayload(await upsertAccount(ctx, { ...input, accountId }));
  }

  @Mutation(() => AccountPayload, {
    description:
      'Moves an account, with all that is below it, under another one or to the top. Needs the scope `identity:manage`. ' +
      'Codes: `NOT_FOUND`, `ACCOUNT_CYCLE` for one that would stand above itself, `ACCOUNT_TOO_DEEP` beyond 20 levels.',
  })
  async setAccountParent(
    @Ctx() ctx: Context,
    @Arg('input', () => SetAccountParentInput, { description: 'Which, and where to.' }) input: SetAccountParentInput,
  ): Promise<AccountPayload> {
    const accountId = fromPublicId('acc', input.accountId, 'input.accountId');
    const parentId = input.parentId == null ? null : fromPublicId('acc', input.parentId, 'input.parentId');
    return new AccountPayload(await setAccountParent(ctx, { ...input, accountId, parentId }));
  }

  @Mutation(() => AccountPayload, {
    description:
      'Says that a customer acts for an account. Needs the scope `identity:manage`. Codes: `NOT_FOUND`, ' +
      '`MEMBERSHIP_OVERLAPS` for one who has this role at that time already.',
  })
  async addAccountMember(
    @Ctx() ctx: Context,
    @Arg('input', () => AddAccountMemberInput, { description: 'Who, how and when.' }) input: AddAccountMemberInput,
  ): Promise<AccountPayload> {
    return new AccountPayload(await addAccountMember(ctx, withIds(input)));
  }

  @Mutation(() => AccountPayload, {
    description:
      'Ends what a customer does for an account; the history keeps it. Needs the scope `identity:manage`. Codes: ' +
      '`NOT_FOUND`.',
  })
  async endAccountMembership(
    @Ctx() ctx: Context,
    @Arg('input', () => EndAccountMembershipInput, { description: 'Who, and when.' }) input: EndAccountMembershipInput,
  ): Promise<AccountPayload> {
    return new AccountPayload(await endAccountMembership(ctx, withIds(input)));
  }
}

@Resolver(() => AccountMember)
export class AccountMemberResolver {
  @FieldResolver(() => Customer, { description: 'The member. Needs the scope `customers:read`.' })
  customer(@Root() member: AccountMember, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, member.row.customerId);
  }
}

function withIds<I extends { readonly accountId: string; readonly customerId: string }>(input: I): I {
  return {
    ...input,
    accountId: fromPublicId('acc', input.accountId, 'input.accountId'),
    customerId: fromPublicId('cus', input.customerId, 'input.customerId'),
  };
}
