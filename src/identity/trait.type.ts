import { Field, ID, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { DateTime, JsonValue } from '../kernel/scalars.ts';
import type { Sight } from './masking.ts';
import type { RecordTraitView } from './record.queries.ts';
import type { Loser, LosingReason } from './survivorship.ts';
import { TraitLosingReason } from './survivorship.type.ts';

@ObjectType({ simpleResolvers: true, description: 'A fact about a person, such as `firstName` or `language`.' })
export class Trait {
  /** UUID, for the resolvers of further fields. */
  readonly customerId: string;
  /** False: the caller wants to know nothing of where the value comes from. */
  readonly withProvenance: boolean;

  @Field(() => String, { description: 'Such as `firstName`.' })
  readonly name: string;

  @Field(() => JsonValue, {
    nullable: true,
    description:
      'The value that counts, by the survivorship strategy of the trait: the latest, unless the catalogue of traits says ' +
      'otherwise. Masked where `masked` says so.',
  })
  readonly value: Json;

  @Field(() => Boolean, {
    description: 'Personal data by the catalogue of traits; a trait it does not know is personal.',
  })
  readonly personal: boolean;

  @Field(() => Boolean, {
    description: 'The value is hidden from this key: it is personal, and the scope `pii:read` is missing.',
  })
  readonly masked: boolean;

  constructor(trait: { customerId: string; name: string; value: Json; withProvenance: boolean }, sight: Sight) {
    this.customerId = trait.customerId;
    this.withProvenance = trait.withProvenance;
    this.name = trait.name;
    this.value = sight.trait(trait.name, trait.value);
    this.personal = sight.isPersonalTrait(trait.name);
    this.masked = sight.hidesTrait(trait.name);
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'The value that one source record holds of a trait: the latest it was given.',
})
export class RecordTrait {
  /** UUID, for the resolvers of further fields. */
  readonly recordId: string;

  @Field(() => String, { description: 'Such as `firstName`.' })
  readonly name: string;

  @Field(() => String, { description: 'The source of the record, such as `crm`.' })
  readonly source: string;

  @Field(() => JsonValue, {
    nullable: true,
    description: 'Null: the source said that there is none. Masked where `masked` says so.',
  })
  readonly value: Json;

  @Field(() => Boolean, { description: 'The value is hidden from this key.' })
  readonly masked: boolean;

  @Field(() => DateTime, { description: 'Time of the touchpoint that set it.' })
  readonly setAt: Date;

  @Field(() => ID, { description: 'The touchpoint that set it; fetch it with `node(id)`.' })
  readonly touchpointId: string;

  constructor(row: RecordTraitView, sight: Sight) {
    this.recordId = row.recordId;
    this.name = row.name;
    this.source = row.source;
    this.value = sight.trait(row.name, row.value);
    this.masked = sight.hidesTrait(row.name);
    this.setAt = row.setAt;
    this.touchpointId = toPublicId('tp', row.touchpointId);
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'What one source record says about a trait and is not the golden value, nor part of it.',
})
export class TraitLoser extends RecordTrait {
  @Field(() => TraitLosingReason, { description: 'Why it does not count.' })
  readonly reason: LosingReason;

  constructor({ statement, reason }: Loser<RecordTraitView>, sight: Sight) {
    super(statement, sight);
    this.reason = reason;
  }
}
