import { Field, ID, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import type { PoolMember } from './pool.queries.ts';
import type { PoolView } from './pool.service.ts';

@ObjectType({ simpleResolvers: true, description: 'Somebody who is in a pool.' })
export class LoyaltyPoolMember {
  @Field(() => ID, { description: 'By which record, `rec_…`.' })
  readonly recordId: string;

  @Field(() => Date, { description: 'Since when.' })
  readonly joinedAt: Date;

  constructor({ recordId, joinedAt }: PoolMember) {
    this.recordId = toPublicId('rec', recordId);
    this.joinedAt = joinedAt;
  }
}

@ObjectType({
  implements: Node,
  description:
    'Members who spend together, such as a household. Points stay on the accounts of whoever earned them: whoever leaves ' +
    'takes what is left of theirs.',
})
export class LoyaltyPool implements Node {
  @Field(() => ID, { description: '`pool_…`' })
  readonly id: string;

  @Field(() => ID, { description: 'The programme, `prg_…`.' })
  readonly programId: string;

  @Field(() => String, { nullable: true, description: 'What it is called.' })
  readonly name: string | null;

  @Field(() => Date, { description: 'When it was created.' })
  readonly createdAt: Date;

  @Field(() => [LoyaltyPoolMember], { description: 'Who is in it, the first ones first.' })
  readonly members: readonly LoyaltyPoolMember[];

  readonly of: PoolView;

  constructor(pool: PoolView) {
    this.id = toPublicId('pool', pool.id);
    this.programId = toPublicId('prg', pool.programId);
    this.name = pool.name;
    this.createdAt = pool.createdAt;
    this.members = pool.members.map((member) => new LoyaltyPoolMember(member));
    this.of = pool;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A pool as it is now.' })
export class LoyaltyPoolPayload {
  @Field(() => LoyaltyPool, { description: 'The pool.' })
  readonly pool: LoyaltyPool;

  constructor(pool: PoolView) {
    this.pool = new LoyaltyPool(pool);
  }
}
