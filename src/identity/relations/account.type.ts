import { Field, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { AccountView, ExternalKey } from './account.queries.ts';
import { Membership } from './membership.type.ts';

@ObjectType({ simpleResolvers: true, description: 'What another system calls an account.' })
export class AccountKey implements ExternalKey {
  @Field(() => String, { description: 'The system, such as `crm` or `erp`.' })
  readonly source!: string;

  @Field(() => String, { description: 'Its key of the account. Within a source no two accounts have the same.' })
  readonly key!: string;
}

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'A company, or a part of one. Customers act for it in roles; accounts stand below each other.',
})
export class Account implements Node {
  readonly id: string;
  /** UUIDs, for the resolvers of further fields. */
  readonly uuid: string;
  readonly parentId: string | null;

  @Field(() => String, { description: 'What it is called.' })
  readonly name: string;

  @Field(() => [String], { description: 'Its internet domains, such as `example.com`, sorted.' })
  readonly domains: readonly string[];

  @Field(() => [AccountKey], { description: 'What other systems call it.' })
  readonly externalKeys: readonly AccountKey[];

  @Field(() => DateTime, { description: 'When it was created here.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When its name, domains, keys or place in the hierarchy were last changed.' })
  readonly updatedAt: Date;

  constructor(row: AccountView) {
    this.id = toPublicId('acc', row.id);
    this.uuid = row.id;
    this.parentId = row.parentId;
    this.name = row.name;
    this.domains = row.domains;
    this.externalKeys = row.externalKeys;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of accounts.' })
export class AccountConnection extends connectionType(Account, 'Account') {}

@ObjectType({ simpleResolvers: true, description: 'A customer who acts for an account, in one role.' })
export class AccountMember extends Membership {}

@ObjectType({ simpleResolvers: true, description: 'A page of the members of an account.' })
export class AccountMemberConnection extends connectionType(AccountMember, 'AccountMember') {}

@ObjectType({ simpleResolvers: true, description: 'The account that was changed.' })
export class AccountPayload {
  @Field(() => Account, { description: 'As it is now.' })
  readonly account: Account;

  constructor(row: AccountView) {
    this.account = new Account(row);
  }
}

@ObjectType({ simpleResolvers: true, description: 'The account that was created or changed.' })
export class UpsertAccountPayload {
  @Field(() => Account, { description: 'As it is now.' })
  readonly account: Account;

  @Field(() => Boolean, { description: 'True if this call created it.' })
  readonly created: boolean;

  constructor({ account, created }: { account: AccountView; created: boolean }) {
    this.account = new Account(account);
    this.created = created;
  }
}
