import { Field, ID, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import type { GivenTier } from './tier-override.service.ts';

@ObjectType({ simpleResolvers: true, description: 'The tier that somebody gave a member, as it is now.' })
export class GivenTierPayload {
  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The membership, `mem_…`; null where an automatic programme has them without one.',
  })
  readonly membershipId: string | null;

  @Field(() => String, { nullable: true, description: 'Key of the tier. Null: none is given, what was earned counts.' })
  readonly tier: string | null;

  @Field(() => Date, { nullable: true, description: 'The first instant at which it does not hold any more.' })
  readonly until: Date | null;

  constructor({ programId, membershipId, override }: GivenTier) {
    this.programId = toPublicId('prg', programId);
    this.membershipId = membershipId === null ? null : toPublicId('mem', membershipId);
    this.tier = override?.tier ?? null;
    this.until = override?.validTo ?? null;
  }
}
