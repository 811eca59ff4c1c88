import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime, Decimal } from '../../kernel/scalars.ts';
import type { Phase } from '../program.ts';
import { LoyaltyPhaseEnum } from './program.enum.ts';
import { LoyaltyProgramDefinitionInput } from './program-definition.input.ts';

const reasonField = { nullable: true, description: 'Why, for the history and the audit log.' } as const;
const programField = { description: 'The programme, `prg_…`.' } as const;
const expectedVersionField = {
  nullable: true,
  description: 'The `latestVersion` that you know: `VERSION_CONFLICT` if there is a later one.',
} as const;
const effectiveAtField = {
  nullable: true,
  description: 'From when on; now when left out. Never in the past: points were granted by what counted then.',
} as const;

@InputType({ description: 'The programme to create, with its first draft.' })
export class CreateLoyaltyProgramInput {
  @Field(() => String, { description: '1 to 200 characters; of no other programme, whatever the case.' })
  readonly name!: string;

  @Field(() => LoyaltyProgramDefinitionInput, { description: 'What its first version is to say.' })
  readonly definition!: LoyaltyProgramDefinitionInput;

  @Field(() => String, reasonField)
  readonly reason?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Up to 200 characters. The same key with the same input creates one programme; with another input, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  readonly idempotencyKey?: string | null;
}

@InputType({ description: 'How the draft of a programme is to change. What is left out stays.' })
export class UpdateLoyaltyProgramDraftInput {
  @Field(() => ID, programField)
  readonly programId!: string;

  @Field(() => String, { nullable: true, description: 'Another name. It counts at once, and belongs to no version.' })
  readonly name?: string | null;

  @Field(() => LoyaltyProgramDefinitionInput, {
    nullable: true,
    description: 'All that the next version is to say: it takes the place of what the draft says.',
  })
  readonly definition?: LoyaltyProgramDefinitionInput | null;

  @Field(() => Int, expectedVersionField)
  readonly expectedVersion?: number | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'The programme whose draft is to count.' })
export class PublishLoyaltyProgramInput {
  @Field(() => ID, programField)
  readonly programId!: string;

  @Field(() => Int, expectedVersionField)
  readonly expectedVersion?: number | null;

  @Field(() => DateTime, {
    ...effectiveAtField,
    description: `${effectiveAtField.description} Not before the version that was published last takes effect. The first version may begin in the past: what was bought since then is counted, in the background.`,
  })
  readonly effectiveAt?: Date | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'The phase that a programme is to enter.' })
export class SetLoyaltyProgramPhaseInput {
  @Field(() => ID, programField)
  readonly programId!: string;

  @Field(() => LoyaltyPhaseEnum, { description: 'Which. PILOT, LAUNCH and LIVE need a version that is in force then.' })
  readonly phase!: Phase;

  @Field(() => DateTime, {
    ...effectiveAtField,
    description: `${effectiveAtField.description} Phases that were planned for that instant or later fall away. The first phase in which something is earned may begin in the past, once its version did.`,
  })
  readonly effectiveAt?: Date | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}

@InputType({ description: 'How a lever is to be turned.' })
export class TurnLoyaltyLeverInput {
  @Field(() => ID, programField)
  readonly programId!: string;

  @Field(() => String, { description: 'Key of the lever, of the version that is in force then.' })
  readonly lever!: string;

  @Field(() => Decimal, { description: 'To what, within its bounds; whole where it holds whole points.' })
  readonly value!: string;

  @Field(() => DateTime, effectiveAtField)
  readonly effectiveAt?: Date | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Then it goes back to what it is without this turn, as after a promotion. Left out: for good.',
  })
  readonly until?: Date | null;

  @Field(() => String, reasonField)
  readonly reason?: string | null;
}
