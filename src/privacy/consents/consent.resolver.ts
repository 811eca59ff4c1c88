import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { findCustomerByUuid } from '../../identity/customer.service.ts';
import { Customer } from '../../identity/customer.type.ts';
import { sightOf } from '../../identity/masking.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import type { Channel } from '../../touchpoints/touchpoint.ts';
import { ChannelEnum } from '../../touchpoints/touchpoint.type.ts';
import { ConfirmConsentInput, DefineConsentPurposeInput, SetConsentInput } from './consent.input.ts';
import type { ConsentService, SaidOfCustomer } from './consent.service.ts';
import {
  Consent,
  ConsentPayload,
  ConsentPurpose,
  ConsentPurposeConnection,
  ConsentStatement,
  ConsentStatementConnection,
  DefineConsentPurposePayload,
} from './consent.type.ts';
import { definePurpose, pageOfPurposes } from './consent-purposes.service.ts';
import { confirmationToken, consentsOf, historyOf, joinRecords, purposeOf, wordsOf } from './consent-reader.service.ts';

/** What consents add to a customer. */
@Resolver(() => Customer)
export class CustomerConsentsResolver {
  @FieldResolver(() => [Consent], {
    description:
      'What counts as their consent, by purpose and channel. Of a purpose that is not here, nothing is known.',
  })
  async consents(@Root() { uuid }: Customer, @Ctx() ctx: Context): Promise<Consent[]> {
    const now = ctx.clock.now();
    return (await consentsOf(ctx, uuid)).map((row) => new Consent(row, now));
  }

  @FieldResolver(() => ConsentStatementConnection, {
    description: 'All that was said about consents of the records that they have now, the latest first.',
  })
  consentHistory(
    @Root() { uuid }: Customer,
    @Ctx() ctx: Context,
    @Arg('purpose', () => String, { nullable: true, description: 'Only about this purpose.' }) purpose: string | null,
    @Arg('channel', () => ChannelEnum, { nullable: true, description: 'Only about this channel alone.' })
    channel: Channel | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<ConsentStatementConnection> {
    const sight = sightOf(ctx);
    const filter = { purpose: purpose ?? null, channel: channel ?? null };
    return historyOf(ctx, uuid, { args: { first, after }, filter, node: (row) => new ConsentStatement(row, sight) });
  }
}

/** What is known of one consent. */
@Resolver(() => Consent)
export class ConsentFieldsResolver {
  @FieldResolver(() => [ConsentStatement], {
    description: 'What each record says of it at the moment: the provenance, and where they differ, the conflict.',
  })
  async statements(@Root() { row }: Consent, @Ctx() ctx: Context): Promise<ConsentStatement[]> {
    const sight = sightOf(ctx);
    return (await wordsOf(ctx, row)).map((said) => new ConsentStatement(said, sight));
  }

  @FieldResolver(() => ConsentPurpose, { nullable: true, description: 'What the purpose is.' })
  async definition(@Root() { row }: Consent, @Ctx() ctx: Context): Promise<ConsentPurpose | null> {
    const purpose = await purposeOf(ctx, row.purpose);
    return purpose && new ConsentPurpose(purpose);
  }
}

@Resolver(() => ConsentStatement)
export class ConsentStatementResolver {
  readonly #idSecret: string;

  constructor(idSecret: string) {
    this.#idSecret = idSecret;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Of a consent that was asked for: put it into the link that the customer is sent, and give it to `confirmConsent` when ' +
      'they follow it. Null for all others, and without the scope `consent:manage`.',
  })
  confirmationToken(@Root() { row }: ConsentStatement, @Ctx() ctx: Context): string | null {
    return confirmationToken(ctx, row, this.#idSecret);
  }
}

@Resolver()
export class ConsentResolver {
  readonly #consents: ConsentService;

  constructor(consents: ConsentService) {
    this.#consents = consents;
  }

  @Query(() => ConsentPurposeConnection, {
    description:
      'What consent is asked for, by name. Needs the scope `customers:read`. Codes: `BAD_USER_INPUT`, `CURSOR_INVALID`.',
  })
  consentPurposes(
    @Ctx() ctx: Context,
    @Arg('reviewed', () => Boolean, {
      nullable: true,
      description: 'True: those that somebody has defined. False: those that wait to be looked at. Left out: all.',
    })
    reviewed: boolean | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<ConsentPurposeConnection> {
    return pageOfPurposes(ctx, { reviewed, first, after }, (row) => new ConsentPurpose(row));
  }

  @Mutation(() => DefineConsentPurposePayload, {
    description:
      'Says what a purpose is, and replaces what was said before. A repeat changes nothing. Needs the scope `consent:manage`. ' +
      'Codes: `BAD_USER_INPUT`.',
  })
  async defineConsentPurpose(
    @Ctx() ctx: Context,
    @Arg('input', () => DefineConsentPurposeInput, { description: 'What it is.' }) input: DefineConsentPurposeInput,
  ): Promise<DefineConsentPurposePayload> {
    return { purpose: new ConsentPurpose(await definePurpose(ctx, input)) };
  }

  @Mutation(() => ConsentPayload, {
    description:
      "Says something about a customer's consent, for all source records that they have now: it settles a conflict, and an " +
      'unmerge takes exactly it apart. Needs the scope `consent:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  async setConsent(
    @Ctx() ctx: Context,
    @Arg('input', () => SetConsentInput, { description: 'What, and of whom.' }) input: SetConsentInput,
  ): Promise<ConsentPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    return toPayload(ctx, await this.#consents.setConsent(ctx, { ...input, customerId }));
  }

  @Mutation(() => ConsentPayload, {
    description:
      'The second half of a double opt-in: makes a consent that was asked for GRANTED, for all source records that the ' +
      'customer has now. A repeat changes nothing. Needs the scope `consent:manage`. Codes: `NOT_FOUND`, ' +
      '`CONSENT_REQUEST_ENDED` where its time is over or it was refused meanwhile, `BAD_USER_INPUT`.',
  })
  async confirmConsent(
    @Ctx() ctx: Context,
    @Arg('input', () => ConfirmConsentInput, { description: 'What is confirmed.' }) input: ConfirmConsentInput,
  ): Promise<ConsentPayload> {
    return toPayload(ctx, await this.#consents.confirmConsent(ctx, input));
  }
}

@Resolver(() => ConsentPayload)
export class ConsentPayloadResolver {
  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'The customer, with what counts now. Null only where they have been erased since.',
  })
  customer(@Root() { customerId }: ConsentPayload, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, customerId);
  }
}

function toPayload(ctx: Context, { customerId, statements }: SaidOfCustomer): ConsentPayload {
  const [statement] = joinRecords(statements);
  return new ConsentPayload(customerId, new ConsentStatement(statement!, sightOf(ctx)));
}
