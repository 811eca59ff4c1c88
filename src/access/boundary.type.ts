import { Field, ID, ObjectType } from 'type-graphql';
import type { Boundary, BoundaryConsent } from '../kernel/boundary.ts';
import { toPublicId } from '../kernel/ids.ts';

@ObjectType('BoundaryConsent', {
  simpleResolvers: true,
  description: 'A consent that a customer must have given, and not withdrawn, for a key to see them.',
})
export class BoundaryConsentType implements BoundaryConsent {
  @Field(() => String, { description: 'What for, such as `marketing`.' })
  readonly purpose!: string;

  @Field(() => String, { nullable: true, description: 'By which channel, such as `EMAIL`; null: by every channel.' })
  readonly channel?: string;
}

@ObjectType({
  simpleResolvers: true,
  description:
    'What a key is kept to, whatever its scopes allow. What lies outside does not exist for it: it is in no list, no count and ' +
    'no sum, and asking for it by id answers as for an id that nobody has. Null: not limited.',
})
export class KeyBoundary {
  @Field(() => [ID], { nullable: true, description: 'Only customers who are in one of these segments now.' })
  readonly segments: string[] | null;

  @Field(() => [BoundaryConsentType], {
    nullable: true,
    description: 'Only customers who have given all of these consents.',
  })
  readonly consents: readonly BoundaryConsentType[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only touchpoints of these types: `order.completed`, or `order.*` for all that begin with `order.`.',
  })
  readonly touchpointTypes: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only touchpoints and records of these sources, and customers who have such a record.',
  })
  readonly sources: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only touchpoints with one of these as the property `store`.' })
  readonly stores: readonly string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Only these root fields, and of the types named here only these fields: `Query.customer`, `Customer.id`, `Trait.*`.',
  })
  readonly allowedFields: readonly string[] | null;

  @Field(() => [String], { nullable: true, description: 'Never these fields: `Customer.identifiers`.' })
  readonly deniedFields: readonly string[] | null;

  constructor(boundary: Boundary) {
    this.segments = boundary.segments?.map((id) => toPublicId('seg', id)) ?? null;
    this.consents = boundary.consents ?? null;
    this.touchpointTypes = boundary.touchpointTypes ?? null;
    this.sources = boundary.sources ?? null;
    this.stores = boundary.stores ?? null;
    this.allowedFields = boundary.fields?.allow ?? null;
    this.deniedFields = boundary.fields?.deny ?? null;
  }
}

export function toKeyBoundary(boundary: Boundary | null): KeyBoundary | null {
  return boundary && new KeyBoundary(boundary);
}
