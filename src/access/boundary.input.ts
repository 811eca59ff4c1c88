import type { GraphQLSchema } from 'graphql';
import { Field, ID, InputType } from 'type-graphql';
import type { Boundary } from '../kernel/boundary.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { checkCoordinates } from './field-limits.ts';

@InputType({ description: 'A consent that a customer must have given for the key to see them.' })
export class BoundaryConsentInput {
  @Field(() => String, { description: 'What for, such as `marketing`.' })
  readonly purpose!: string;

  @Field(() => String, {
    nullable: true,
    description: 'By which channel, such as `EMAIL`; left out: by every channel.',
  })
  readonly channel?: string | null;
}

@InputType({
  description: 'What a key is to be kept to. Left out: not limited. Each list has 1 to 100 entries.',
})
export class KeyBoundaryInput {
  @Field(() => [ID], { nullable: true, description: 'Only customers who are in one of these segments, `seg_…`.' })
  readonly segments?: string[] | null;

  @Field(() => [BoundaryConsentInput], { nullable: true, description: 'Only customers who have given all of these.' })
  readonly consents?: BoundaryConsentInput[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only touchpoints of these types: `order.completed`, or `order.*` for all that begin with `order.`.',
  })
  readonly touchpointTypes?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Only touchpoints and records of these sources, and customers who have such a record.',
  })
  readonly sources?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Only touchpoints with one of these as the property `store`.' })
  readonly stores?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Only these root fields, and of the types named here only these fields: `Query.customer`, `Customer.id`, `Trait.*`. ' +
      'Types that are not named are open as far as an allowed field leads there.',
  })
  readonly allowedFields?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Never these fields: `Customer.identifiers`.' })
  readonly deniedFields?: string[] | null;
}

/** As the API and the command line say it → as it is kept. */
export function readBoundary(
  given: KeyBoundaryInput | null | undefined,
  schema: GraphQLSchema,
): Boundary | null | undefined {
  if (given === null || given === undefined) return given;
  const { segments, consents, touchpointTypes, sources, stores, allowedFields, deniedFields } = given;
  const boundary = {
    segments: segments?.map((id, index) => fromPublicId('seg', id, `input.boundary.segments[${index}]`)),
    consents: consents?.map(({ purpose, channel }) => (channel ? { purpose, channel } : { purpose })),
    touchpointTypes: touchpointTypes ?? undefined,
    sources: sources ?? undefined,
    stores: stores ?? undefined,
    fields: { allow: allowedFields ?? undefined, deny: deniedFields ?? undefined },
  } as Boundary;
  checkCoordinates(schema, boundary);
  return boundary;
}
