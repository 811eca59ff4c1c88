import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { printCondition } from '../../conditions/condition-text.ts';
import { givenCondition } from '../../conditions/given-condition.ts';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId, toPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import type { RuleConditions } from '../programs/rule-conditions.ts';
import { OfferStatusEnum } from './offer.enum.ts';
import { CreateOfferInput, type OfferDefinitionInput, SetOfferStatusInput, UpdateOfferInput } from './offer.input.ts';
import type { GivenDefinition, OfferService } from './offer.service.ts';
import type { OfferStatus } from './offer.ts';
import { Offer, OfferAnswers, OfferBudget, OfferConnection, OfferPayload } from './offer.type.ts';
import { findAnswers, findBudget, findOffer, listAllOffers } from './offer-reader.service.ts';
import { amountsIn } from './offer-terms.ts';

/** For `node(id)` with an `off_…`. */
export async function findOfferNode(ctx: Context, uuid: string): Promise<Offer | null> {
  const row = await findOffer(ctx, uuid);
  return row && new Offer(row);
}

@Resolver(() => Offer)
export class OfferResolver {
  readonly #offers: OfferService;
  readonly #conditions: Pick<RuleConditions, 'isHidden'>;

  constructor(offers: OfferService, conditions: Pick<RuleConditions, 'isHidden'>) {
    this.#offers = offers;
    this.#conditions = conditions;
  }

  @Query(() => Offer, {
    nullable: true,
    description: 'An offer. Null when there is none. Needs the scope `loyalty:read`.',
  })
  offer(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Its id, `off_…`.' }) id: string,
  ): Promise<Offer | null> {
    return findOfferNode(ctx, fromPublicId('off', id));
  }

  @Query(() => OfferConnection, { description: 'Offers, the newest first. Needs the scope `loyalty:read`.' })
  offers(
    @Ctx() ctx: Context,
    @Arg('statuses', () => [OfferStatusEnum], {
      defaultValue: ['DRAFT', 'LIVE', 'PAUSED'],
      description: 'Only those of these statuses.',
    })
    statuses: OfferStatus[],
    @Arg('programId', () => ID, { nullable: true, description: 'Only those of this programme, `prg_…`.' })
    programId: string | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
  ): Promise<OfferConnection> {
    const program = programId == null ? null : fromPublicId('prg', programId, 'programId');
    const asked = { statuses, programId: program, first, after, last, before };
    return listAllOffers(ctx, asked, (row) => new Offer(row));
  }

  @FieldResolver(() => ID, { nullable: true, description: 'The programme whose tiers and points it uses, `prg_…`.' })
  programId(@Root() { row }: Offer): string | null {
    return row.programId && toPublicId('prg', row.programId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      'Which customers, in words. Null: everybody; and without the scope `pii:read` where it tests values that are masked ' +
      'for you.',
  })
  eligibility(@Root() { row }: Offer, @Ctx() ctx: Context): string | null {
    const { eligibility } = row.definition;
    return eligibility === null || this.#conditions.isHidden(ctx, eligibility.given)
      ? null
      : printCondition(eligibility.given);
  }

  @FieldResolver(() => OfferBudget, {
    nullable: true,
    description: 'What it may cost and has cost. Needs the scope `loyalty:read`.',
  })
  async budget(@Root() { row }: Offer, @Ctx() ctx: Context): Promise<OfferBudget | null> {
    const budget = await findBudget(ctx, row.id);
    return budget && new OfferBudget(budget, amountsIn(row.definition)[0]?.currency ?? null);
  }

  @FieldResolver(() => OfferAnswers, { description: 'What came of it lately. Needs the scope `loyalty:read`.' })
  async answers(@Root() { row }: Offer, @Ctx() ctx: Context): Promise<OfferAnswers> {
    return new OfferAnswers(await findAnswers(ctx, row.id));
  }

  @Mutation(() => OfferPayload, {
    description:
      'Creates an offer, as a draft. Needs the scope `loyalty:manage`, and `pii:read` for a condition on masked values. ' +
      'Codes: `BAD_USER_INPUT` with the path of the fault in `field`, or `line` and `column` of the text; ' +
      '`SEGMENT_TOO_EXPENSIVE`, `FORBIDDEN`, `IDEMPOTENCY_CONFLICT`.',
  })
  async createOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateOfferInput, { description: 'Which.' }) input: CreateOfferInput,
  ): Promise<OfferPayload> {
    const programId = input.programId == null ? null : fromPublicId('prg', input.programId, 'input.programId');
    const definition = toDefinition(input.definition);
    return new OfferPayload(await this.#offers.create(ctx, { ...input, programId, definition }));
  }

  @Mutation(() => OfferPayload, {
    description:
      'Changes what an offer says, from now on. Needs the scope `loyalty:manage`. Codes: as `createOffer`, and `NOT_FOUND`, ' +
      '`VERSION_CONFLICT` with `currentVersion`.',
  })
  async updateOffer(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateOfferInput, { description: 'Which, and how.' }) input: UpdateOfferInput,
  ): Promise<OfferPayload> {
    const offerId = fromPublicId('off', input.offerId, 'input.offerId');
    const definition = input.definition == null ? null : toDefinition(input.definition);
    return new OfferPayload(await this.#offers.update(ctx, { ...input, offerId, definition }));
  }

  @Mutation(() => OfferPayload, {
    description:
      'Makes an offer live, pauses or ends it. Needs the scope `loyalty:manage`. Codes: `NOT_FOUND`, `BAD_USER_INPUT`.',
  })
  async setOfferStatus(
    @Ctx() ctx: Context,
    @Arg('input', () => SetOfferStatusInput, { description: 'Which, and what.' }) input: SetOfferStatusInput,
  ): Promise<OfferPayload> {
    const offerId = fromPublicId('off', input.offerId, 'input.offerId');
    return new OfferPayload(await this.#offers.setStatus(ctx, { ...input, offerId }));
  }
}

function toDefinition({ eligibility, ...given }: OfferDefinitionInput): GivenDefinition {
  const condition = eligibility == null ? null : givenCondition(eligibility, 'input.definition.eligibility');
  return { ...given, eligibility: condition };
}
