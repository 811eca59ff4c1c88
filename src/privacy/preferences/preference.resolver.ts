import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { findCustomerByUuid } from '../../identity/customer.service.ts';
import { Customer } from '../../identity/customer.type.ts';
import { sightOf } from '../../identity/masking.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import {
  CreatePreferenceLinkInput,
  DefinePreferenceInput,
  RevokePreferenceLinksInput,
  SetPreferenceInput,
} from './preference.input.ts';
import { definePreference, listDefinitions, type PreferenceService, preferencesOf } from './preference.service.ts';
import {
  DefinePreferencePayload,
  Preference,
  PreferenceDefinition,
  PreferenceLinkPayload,
  PreferencePayload,
  RevokePreferenceLinksPayload,
} from './preference.type.ts';
import type { PreferenceLinks } from './preference-links.service.ts';

/** What preferences add to a customer. */
@Resolver(() => Customer)
export class CustomerPreferencesResolver {
  @FieldResolver(() => [Preference], {
    description:
      'What they prefer, by name: the latest of what they declared, or else the latest of what was concluded.',
  })
  async preferences(@Root() { uuid }: Customer, @Ctx() ctx: Context): Promise<Preference[]> {
    const sight = sightOf(ctx);
    return (await preferencesOf(ctx, uuid)).map((row) => new Preference(row, sight));
  }
}

@Resolver(() => PreferencePayload)
export class PreferencePayloadResolver {
  @FieldResolver(() => Customer, {
    nullable: true,
    description: 'The customer, with what they prefer now. Null only where they have been erased since.',
  })
  customer(@Root() { customerId }: PreferencePayload, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, customerId);
  }
}

@Resolver()
export class PreferenceResolver {
  readonly #preferences: PreferenceService;
  readonly #links: PreferenceLinks;

  constructor(preferences: PreferenceService, links: PreferenceLinks) {
    this.#preferences = preferences;
    this.#links = links;
  }

  @Query(() => [PreferenceDefinition], {
    description: 'What customers are asked in the preference centre, by name. Needs the scope `customers:read`.',
  })
  async preferenceDefinitions(@Ctx() ctx: Context): Promise<PreferenceDefinition[]> {
    return (await listDefinitions(ctx)).map((row) => new PreferenceDefinition(row));
  }

  @Mutation(() => DefinePreferencePayload, {
    description:
      'Says what customers are asked, and replaces what was said before. A repeat changes nothing. Needs the scope ' +
      '`consent:manage`. Codes: `BAD_USER_INPUT`.',
  })
  async definePreference(
    @Ctx() ctx: Context,
    @Arg('input', () => DefinePreferenceInput, { description: 'What they are asked.' }) input: DefinePreferenceInput,
  ): Promise<DefinePreferencePayload> {
    return { definition: new PreferenceDefinition(await definePreference(ctx, input)) };
  }

  @Mutation(() => PreferencePayload, {
    description:
      'Says what a customer prefers, for all source records that they have now. Needs the scope `consent:manage`. Codes: ' +
      '`BAD_USER_INPUT`, `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`.',
  })
  async setPreference(
    @Ctx() ctx: Context,
    @Arg('input', () => SetPreferenceInput, { description: 'What, and who.' }) input: SetPreferenceInput,
  ): Promise<PreferencePayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    const owner = await this.#preferences.setPreference(ctx, { ...input, customerId, value: input.value ?? null });
    return new PreferencePayload(owner, input.name);
  }

  @Mutation(() => PreferenceLinkPayload, {
    description:
      'Makes a link to the preference centre, for a message to this one customer. Whoever has it needs no key. Needs the scope ' +
      '`consent:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  createPreferenceLink(
    @Ctx() ctx: Context,
    @Arg('input', () => CreatePreferenceLinkInput, { description: 'Whom it is for.' }) input: CreatePreferenceLinkInput,
  ): Promise<PreferenceLinkPayload> {
    const customerId = fromPublicId('cus', input.customerId, 'input.customerId');
    return this.#links.createLink(ctx, { ...input, customerId });
  }

  @Mutation(() => RevokePreferenceLinksPayload, {
    description:
      'Takes links to the preference centre back: they open nothing from now on. Needs the scope `consent:manage`. Codes: ' +
      '`BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  async revokePreferenceLinks(
    @Ctx() ctx: Context,
    @Arg('input', () => RevokePreferenceLinksInput, { description: 'Which ones.' }) input: RevokePreferenceLinksInput,
  ): Promise<RevokePreferenceLinksPayload> {
    const { token, customerId } = input;
    const uuid = customerId == null ? null : fromPublicId('cus', customerId, 'input.customerId');
    return { revoked: await this.#links.revokeLinks(ctx, { token: token ?? null, customerId: uuid }) };
  }
}
