import { Arg, Ctx, FieldResolver, ID, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { findCustomerByUuid } from '../customer.service.ts';
import { Customer } from '../customer.type.ts';
import { SourceRecord } from '../record.type.ts';
import { IdentityDecision } from './decision.type.ts';
import type { IdentityExplainer } from './explanation.service.ts';
import { IdentityExplanation, IdentityPath, IdentityStep, UnusedIdentifier } from './explanation.type.ts';
import { findDecision, findStewardsRecord, findStewardsRecords } from './steward.service.ts';

@Resolver(() => IdentityExplanation)
export class IdentityExplanationResolver {
  readonly #explainer: IdentityExplainer;

  constructor(explainer: IdentityExplainer) {
    this.#explainer = explainer;
  }

  @Query(() => IdentityExplanation, {
    description:
      'Why the records of a customer are one person: the evidence from record to record, the rules that were applied, what ' +
      'was refused and why, every decision and every merge in time. Decided anew for the answer, from what is stored. ' +
      'Needs the scope `identity:read`. Codes: `NOT_FOUND`, `BAD_USER_INPUT` for a record of somebody else.',
  })
  async explainIdentity(
    @Ctx() ctx: Context,
    @Arg('customerId', () => ID, { description: 'Any id (`cus_…`) that the customer ever had.' }) customerId: string,
    @Arg('from', () => ID, {
      nullable: true,
      description: 'Where paths begin: a record (`rec_…`) of theirs; the founding one when left out.',
    })
    from: string | null,
    @Arg('to', () => ID, {
      nullable: true,
      description: 'Where the path ends: a record (`rec_…`) of theirs. Left out: a path to each of them.',
    })
    to: string | null,
  ): Promise<IdentityExplanation> {
    const explanation = await this.#explainer.explain(ctx, {
      customerId: fromPublicId('cus', customerId, 'customerId'),
      from: from == null ? null : fromPublicId('rec', from, 'from'),
      to: to == null ? null : fromPublicId('rec', to, 'to'),
    });
    return new IdentityExplanation(explanation);
  }

  @FieldResolver(() => Customer, { nullable: true, description: 'The customer. Needs the scope `customers:read`.' })
  customer(@Root() { customerUuid }: IdentityExplanation, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, customerUuid);
  }

  @FieldResolver(() => [SourceRecord], {
    description: 'Their records, the oldest first: that one founds the customer, and gives the id.',
  })
  records(@Root() { recordIds }: IdentityExplanation, @Ctx() ctx: Context): Promise<SourceRecord[]> {
    return findStewardsRecords(ctx, recordIds, recordIds.length);
  }
}

@Resolver(() => IdentityPath)
export class IdentityPathResolver {
  @FieldResolver(() => SourceRecord, { description: 'Where it begins.' })
  from(@Root() { ends }: IdentityPath, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, ends.from);
  }

  @FieldResolver(() => SourceRecord, { description: 'Where it ends.' })
  to(@Root() { ends }: IdentityPath, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, ends.to);
  }
}

@Resolver(() => IdentityStep)
export class IdentityStepResolver {
  @FieldResolver(() => SourceRecord, { description: 'The record from which the step leads.' })
  record(@Root() { step }: IdentityStep, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, step.recordId);
  }

  @FieldResolver(() => SourceRecord, { description: 'The record to which it leads.' })
  otherRecord(@Root() { step }: IdentityStep, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, step.otherRecordId);
  }
}

@Resolver(() => UnusedIdentifier)
export class UnusedIdentifierResolver {
  @FieldResolver(() => SourceRecord, { description: 'The record that carries it.' })
  record(@Root() { recordId }: UnusedIdentifier, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findStewardsRecord(ctx, recordId);
  }

  @FieldResolver(() => IdentityDecision, { nullable: true, description: 'With REMOVED: the decision that did it.' })
  async decision(@Root() { removedBy }: UnusedIdentifier, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const row = removedBy === null ? null : await findDecision(ctx, removedBy);
    return row && new IdentityDecision(row);
  }
}
