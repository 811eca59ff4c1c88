import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { DateTime } from '../kernel/scalars.ts';
import { findCustomerByUuid, findRecordByUuid } from './customer.service.ts';
import { Customer } from './customer.type.ts';
import {
  contributionsOfTrait,
  identifiersOfRecord,
  losersOfTrait,
  provenanceOfTrait,
  traitsOfRecord,
} from './customer-parts.service.ts';
import { Identifier } from './identifier.type.ts';
import { SourceRecord } from './record.type.ts';
import type { Strategy } from './survivorship.ts';
import { SurvivorshipStrategy } from './survivorship.type.ts';
import { RecordTrait, Trait, TraitLoser } from './trait.type.ts';

@Resolver(() => SourceRecord)
export class SourceRecordResolver {
  @FieldResolver(() => Customer, {
    nullable: true,
    description: "To whom it belongs now. Null for an unidentified receipt, which is nobody's.",
  })
  customer(@Root() record: SourceRecord, @Ctx() ctx: Context): Promise<Customer | null> {
    return findCustomerByUuid(ctx, record.uuid);
  }

  @FieldResolver(() => [Identifier], {
    description: 'What this record carries, in the order in which it was first seen.',
  })
  identifiers(@Root() record: SourceRecord, @Ctx() ctx: Context): Promise<Identifier[]> {
    return identifiersOfRecord(ctx, record.uuid);
  }

  @FieldResolver(() => [RecordTrait], { description: 'Traits as this source gave them, by name.' })
  traits(@Root() record: SourceRecord, @Ctx() ctx: Context): Promise<RecordTrait[]> {
    return traitsOfRecord(ctx, record.uuid);
  }
}

/** Where golden values come from: one statement for all traits of all customers of an answer. */
@Resolver(() => Trait)
export class TraitResolver {
  @FieldResolver(() => SurvivorshipStrategy, {
    nullable: true,
    description: 'How the value was chosen or put together. Null with `withProvenance: false`.',
  })
  async strategy(@Root() trait: Trait, @Ctx() ctx: Context): Promise<Strategy | null> {
    return (await provenanceOfTrait(ctx, trait))?.strategy ?? null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The source whose value it is, such as `crm`; of several that it is made of, the latest.',
  })
  async source(@Root() trait: Trait, @Ctx() ctx: Context): Promise<string | null> {
    return (await latestContribution(ctx, trait))?.source ?? null;
  }

  @FieldResolver(() => SourceRecord, {
    nullable: true,
    description: 'The record whose value it is; of several that it is made of, the latest.',
  })
  async record(@Root() trait: Trait, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    const latest = await latestContribution(ctx, trait);
    return latest && findRecordByUuid(ctx, latest.recordId);
  }

  @FieldResolver(() => DateTime, { nullable: true, description: 'Time of the touchpoint that set it, or set it last.' })
  async setAt(@Root() trait: Trait, @Ctx() ctx: Context): Promise<Date | null> {
    return (await latestContribution(ctx, trait))?.setAt ?? null;
  }

  @FieldResolver(() => RecordTrait, {
    nullable: true,
    description: 'What the record says whose value it is; of several that it is made of, the latest.',
  })
  provenance(@Root() trait: Trait, @Ctx() ctx: Context): Promise<RecordTrait | null> {
    return latestContribution(ctx, trait);
  }

  @FieldResolver(() => [RecordTrait], {
    nullable: true,
    description:
      'All that the value is made of, the latest first: one, or several with SUM and SET_UNION. Null with ' +
      '`withProvenance: false`.',
  })
  contributions(@Root() trait: Trait, @Ctx() ctx: Context): Promise<RecordTrait[] | null> {
    return contributionsOfTrait(ctx, trait);
  }

  @FieldResolver(() => [TraitLoser], {
    nullable: true,
    description:
      'What other records say and why it does not count, the latest first. Null with `withProvenance: false`.',
  })
  losers(@Root() trait: Trait, @Ctx() ctx: Context): Promise<TraitLoser[] | null> {
    return losersOfTrait(ctx, trait);
  }

  @FieldResolver(() => [RecordTrait], {
    nullable: true,
    description: 'The same as `losers`, without the reasons.',
  })
  otherValues(@Root() trait: Trait, @Ctx() ctx: Context): Promise<RecordTrait[] | null> {
    return losersOfTrait(ctx, trait);
  }
}

async function latestContribution(ctx: Context, trait: Trait): Promise<RecordTrait | null> {
  const contributions = await contributionsOfTrait(ctx, trait);
  return contributions?.[0] ?? null;
}

@Resolver(() => RecordTrait)
export class RecordTraitResolver {
  @FieldResolver(() => SourceRecord, { description: 'The record that holds it, and with it the source.' })
  async record(@Root() trait: RecordTrait, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findRecordByUuid(ctx, trait.recordId);
  }
}
