import { Field, Int, ObjectType } from 'type-graphql';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Sight } from '../masking.ts';
import type { KnownIdentifierRow } from './steward.queries.ts';

@ObjectType({
  simpleResolvers: true,
  description: 'An identifier on its own, whoever carries it, in the form in which spellings are compared.',
})
export class KnownIdentifier {
  @Field(() => String, { description: '`email`, `phone`, `userId`, … or a custom kind.' })
  readonly kind: string;

  @Field(() => String, { description: 'Normalised. Masked without the scope `pii:read`.' })
  readonly value: string;

  @Field(() => Int, {
    description: 'Records of anyone that carry it, counted no further than one past the limit of its rule.',
  })
  readonly recordCount: number;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Since when more records carry it than its rule allows, so that it joins nobody. Null: they do not.',
  })
  readonly overusedSince: Date | null;

  @Field(() => Boolean, { description: 'A rule says that the value identifies nobody.' })
  readonly blocked: boolean;

  constructor(row: KnownIdentifierRow, sight: Sight) {
    this.kind = row.kind;
    this.value = sight.identifier(row.value);
    this.recordCount = row.records;
    this.overusedSince = row.cutAt;
    this.blocked = row.blocked;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of identifiers.' })
export class KnownIdentifierConnection extends connectionType(KnownIdentifier, 'KnownIdentifier') {}

@ObjectType({
  simpleResolvers: true,
  description:
    'What says that records are one person: an identifier that both carry, or a decision. `identifier` or `decision` is ' +
    'there, never both; neither with the refusal `TOO_MANY_VALUES`, which is about all values of the kind.',
})
export class IdentityEvidence {
  /** UUID of the identifier or the decision. */
  readonly uuid: string;

  @Field(() => String, { description: 'The kind of the identifier, such as `email`; or `decision`.' })
  readonly kind: string;

  constructor({ evidenceId, kind }: { readonly evidenceId: string; readonly kind: string }) {
    this.uuid = evidenceId;
    this.kind = kind;
  }
}
