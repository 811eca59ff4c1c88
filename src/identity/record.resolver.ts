import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { findCustomerByUuid, findRecordByUuid } from './customer.service.ts';
import { Customer } from './customer.type.ts';
import { identifiersOfRecord, traitsOfRecord, valuesOfTrait } from './customer-parts.service.ts';
import { Identifier } from './identifier.type.ts';
import { SourceRecord } from './record.type.ts';
import { RecordTrait, Trait } from './trait.type.ts';

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

@Resolver(() => Trait)
export class TraitResolver {
  @FieldResolver(() => RecordTrait, {
    nullable: true,
    description: 'Where the value comes from: record, source and time.',
  })
  async provenance(@Root() trait: Trait, @Ctx() ctx: Context): Promise<RecordTrait | null> {
    const [winner] = await valuesOfTrait(ctx, trait.customerId, trait.name);
    return winner ?? null;
  }

  @FieldResolver(() => [RecordTrait], {
    description: 'What other records hold of this trait and does not count, the latest first.',
  })
  async otherValues(@Root() trait: Trait, @Ctx() ctx: Context): Promise<RecordTrait[]> {
    const [, ...others] = await valuesOfTrait(ctx, trait.customerId, trait.name);
    return others;
  }
}

@Resolver(() => RecordTrait)
export class RecordTraitResolver {
  @FieldResolver(() => SourceRecord, { description: 'The record that holds it, and with it the source.' })
  async record(@Root() trait: RecordTrait, @Ctx() ctx: Context): Promise<SourceRecord | null> {
    return findRecordByUuid(ctx, trait.recordId);
  }
}
