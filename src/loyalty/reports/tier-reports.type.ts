import { Field, Float, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { TierMoveCount } from './tier-reports.queries.ts';
import type { TierDistribution, TierMigration, TierShare } from './tier-reports.service.ts';

@ObjectType({ simpleResolvers: true, description: 'How many members have a tier.' })
export class LoyaltyTierShare {
  @Field(() => String, { description: 'Key of the tier.' })
  readonly tier: string;

  @Field(() => String, { description: 'Its name.' })
  readonly name: string;

  @Field(() => Int, { description: 'Members who have it.' })
  readonly members: number;

  @Field(() => Float, { description: 'The same as a part of all members with a tier, from 0 to 1.' })
  readonly share: number;

  constructor({ tier, name, members, share }: TierShare) {
    this.tier = tier;
    this.name = name;
    this.members = members;
    this.share = share;
  }
}

@ObjectType({ simpleResolvers: true, description: 'How members are spread over the tiers at an instant.' })
export class LoyaltyTierDistribution {
  @Field(() => DateTime, { description: 'The instant.' })
  readonly at: Date;

  @Field(() => Int, { description: 'All members with a tier.' })
  readonly members: number;

  @Field(() => [LoyaltyTierShare], { description: 'From the lowest tier up.' })
  readonly tiers: readonly LoyaltyTierShare[];

  constructor({ at, members, tiers }: TierDistribution) {
    this.at = at;
    this.members = members;
    this.tiers = tiers.map((one) => new LoyaltyTierShare(one));
  }
}

@ObjectType({
  simpleResolvers: true,
  description: 'Members who had one tier at an instant and another one, or the same, later.',
})
export class LoyaltyTierMigrationCell {
  @Field(() => String, { nullable: true, description: 'Key of the tier they had. Null: they were no members yet.' })
  readonly from: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Key of the tier that they have. Null: they have left, or have been merged into another customer.',
  })
  readonly to: string | null;

  @Field(() => Int, { description: 'How many members.' })
  readonly members: number;

  constructor({ from, to, members }: TierMoveCount) {
    this.from = from;
    this.to = to;
    this.members = members;
  }
}

@ObjectType({ simpleResolvers: true, description: 'From which tiers to which members went between two instants.' })
export class LoyaltyTierMigration {
  @Field(() => DateTime, { description: 'The earlier instant.' })
  readonly from: Date;

  @Field(() => DateTime, { description: 'The later instant.' })
  readonly to: Date;

  @Field(() => [LoyaltyTierMigrationCell], { description: 'The cells of the matrix that are not empty.' })
  readonly moves: readonly LoyaltyTierMigrationCell[];

  constructor({ from, to, moves }: TierMigration) {
    this.from = from;
    this.to = to;
    this.moves = moves.map((one) => new LoyaltyTierMigrationCell(one));
  }
}
