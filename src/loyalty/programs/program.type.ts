import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../../kernel/ids.ts';
import { Node } from '../../kernel/node.type.ts';
import { connectionType } from '../../kernel/paging.type.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { Phase } from '../program.ts';
import { LoyaltyPhaseEnum } from './program.enum.ts';
import type { PhaseView, ProgramView } from './programs.queries.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description:
    'A loyalty programme: rules by which customers earn points, and tiers that they reach. What it says is in versions; ' +
    'whatever counted when something was bought goes on counting for that purchase.',
})
export class LoyaltyProgram implements Node {
  readonly id: string;
  /** For the resolvers of further fields. */
  readonly row: ProgramView;

  @Field(() => String, { description: 'Unique, whatever its case.' })
  readonly name: string;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that was published last; it may be still to come. Null: none was.',
  })
  readonly publishedVersion: number | null;

  @Field(() => DateTime, { description: 'When it was created.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { description: 'When anything about it was last changed, drafts included.' })
  readonly updatedAt: Date;

  constructor(row: ProgramView) {
    this.id = toPublicId('prg', row.id);
    this.row = row;
    this.name = row.name;
    this.publishedVersion = row.publishedVersion;
    this.createdAt = row.createdAt;
    this.updatedAt = row.updatedAt;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A page of loyalty programmes.' })
export class LoyaltyProgramConnection extends connectionType(LoyaltyProgram, 'LoyaltyProgram') {}

@ObjectType({ simpleResolvers: true, description: 'That a programme entered a phase, or is going to.' })
export class LoyaltyPhaseChange {
  @Field(() => LoyaltyPhaseEnum, { description: 'Which phase.' })
  readonly phase: Phase;

  @Field(() => DateTime, { description: 'From when on.' })
  readonly effectiveAt: Date;

  @Field(() => String, { description: 'Name of the API key that decided it.' })
  readonly actor: string;

  @Field(() => String, { nullable: true, description: 'Why, in their words; null if they gave none.' })
  readonly reason: string | null;

  constructor({ phase, effectiveAt, actor, reason }: PhaseView) {
    this.phase = phase;
    this.effectiveAt = effectiveAt;
    this.actor = actor;
    this.reason = reason;
  }
}

@ObjectType({ simpleResolvers: true, description: 'The programme that was created or changed.' })
export class LoyaltyProgramPayload {
  @Field(() => LoyaltyProgram, { description: 'As it is now.' })
  readonly program: LoyaltyProgram;

  constructor(row: ProgramView) {
    this.program = new LoyaltyProgram(row);
  }
}
