import { Arg, Ctx, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import type { Page } from '../kernel/paging.ts';
import { Cursor } from '../kernel/scalars.ts';
import { CustomerFilterInput, CustomerOrderInput } from './customer.input.ts';
import type { CustomerService } from './customer.service.ts';
import { Customer, CustomerConnection } from './customer.type.ts';
import type { CustomerFilter } from './customer-filter.ts';
import { identifiersOfCustomer, recordsOfCustomer, traitsOfCustomer } from './customer-parts.service.ts';
import { IdentifierInput } from './identifier.input.ts';
import { Identifier } from './identifier.type.ts';
import { SourceRecord } from './record.type.ts';
import { Trait } from './trait.type.ts';

@Resolver(() => Customer)
export class CustomerResolver {
  readonly #customers: CustomerService;

  constructor(customers: CustomerService) {
    this.#customers = customers;
  }

  @Query(() => Customer, {
    nullable: true,
    description:
      'The single customer view, by id or by identifier: exactly one of them. Null when nobody has it. Needs the scope ' +
      '`customers:read`; personal values are masked without `pii:read`.',
  })
  customer(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, {
      nullable: true,
      description: 'Any id (`cus_…`) that this customer ever had: ids survive merges.',
    })
    id: string | null,
    @Arg('identifier', () => IdentifierInput, {
      nullable: true,
      description:
        'An identifier of theirs. When several customers share it, the one who was seen with it first; ' +
        '`customers(filter: { identifier })` lists them all.',
    })
    identifier: IdentifierInput | null,
  ): Promise<Customer | null> {
    return this.#customers.findCustomer(ctx, { id, identifier });
  }

  @Query(() => CustomerConnection, {
    description:
      'Customers in a stable order: paging neither skips nor repeats one whose place does not change. Needs the scope ' +
      '`customers:read`. Codes: `BAD_USER_INPUT`, `CURSOR_INVALID`, `FORBIDDEN` for a filter on masked values.',
  })
  async customers(
    @Ctx() ctx: Context,
    @Arg('filter', () => CustomerFilterInput, { nullable: true, description: 'Which ones; everyone when left out.' })
    filter: CustomerFilterInput | null,
    @Arg('orderBy', () => CustomerOrderInput, { nullable: true, description: 'LAST_SEEN DESC when left out.' })
    orderBy: CustomerOrderInput | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
  ): Promise<CustomerConnection> {
    const page = await this.#customers.listCustomers(ctx, { filter, orderBy, first, after, last, before });
    return Object.assign(page, { filter });
  }

  @FieldResolver(() => [SourceRecord], {
    description: 'The source records that belong to this customer now, the oldest first.',
  })
  records(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200. `recordCount` tells how many there are.' })
    first: number,
  ): Promise<SourceRecord[]> {
    return recordsOfCustomer(ctx, customer.uuid, first);
  }

  @FieldResolver(() => [Identifier], {
    description: 'What this customer is known by, each once, in the order in which it was first seen.',
  })
  identifiers(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 50, description: '1 to 200.' }) first: number,
  ): Promise<Identifier[]> {
    return identifiersOfCustomer(ctx, customer.uuid, first);
  }

  @FieldResolver(() => [Trait], { description: 'Golden traits, by name: of each the value that counts.' })
  traits(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('names', () => [String], { nullable: true, description: 'Only these; all when left out.' })
    names: string[] | null,
    @Arg('withProvenance', () => Boolean, {
      nullable: true,
      description:
        'False: the fields that say where a value comes from are null, whatever the document selects, and cost nothing. ' +
        'Left out or true: they are answered where they are selected.',
    })
    withProvenance: boolean | null,
  ): Trait[] {
    return traitsOfCustomer(ctx, customer, { names, withProvenance });
  }
}

@Resolver(() => CustomerConnection)
export class CustomerConnectionResolver {
  readonly #customers: CustomerService;

  constructor(customers: CustomerService) {
    this.#customers = customers;
  }

  @FieldResolver(() => Int, {
    description:
      'How many there are in all. Counted only when asked for, customer by customer: fine for thousands, seconds for ' +
      'millions. Leave it out of lists that page.',
  })
  totalCount(
    @Root() connection: Page<Customer> & { filter?: CustomerFilter | null },
    @Ctx() ctx: Context,
  ): Promise<number> {
    return this.#customers.countCustomers(ctx, connection.filter);
  }
}
