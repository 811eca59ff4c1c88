import { Field, Float, ID, InputType, Int } from 'type-graphql';
import { DateTime, Decimal } from '../../kernel/scalars.ts';

@InputType({ description: 'A lever, and what it is supposed to have been.' })
export class SupposedLeverInput {
  @Field(() => String, { description: 'Key of the lever.' })
  readonly lever!: string;

  @Field(() => Decimal, { description: 'Its value in the whole period, within its bounds.' })
  readonly value!: string;
}

@InputType({ description: 'What to replay, and what to suppose.' })
export class SimulateLeversInput {
  @Field(() => ID, { description: 'The programme, `prg_…`. It has to be published.' })
  readonly programId!: string;

  @Field(() => DateTime, { description: 'From when on the change is supposed to have been in force.' })
  readonly from!: Date;

  @Field(() => DateTime, {
    description: 'Until when, at most until now. This instant no longer belongs to the period.',
  })
  readonly to!: Date;

  @Field(() => [SupposedLeverInput], {
    nullable: true,
    description: 'Levers that are supposed to have had another value. All others keep the values that they had.',
  })
  readonly levers?: SupposedLeverInput[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'A version, such as the draft, that is supposed to have been in force in the whole period.',
  })
  readonly draftVersion?: number | null;

  @Field(() => Float, {
    nullable: true,
    description:
      'Which part of all customers to look at, above 0 and up to 1: always the same ones, drawn by a hash of their ids. Left ' +
      'out: everybody, and the answer is exact.',
  })
  readonly sample?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Who fulfils the condition of a rule is judged when something happens, never afterwards. True: rules of `draftVersion` with a ' +
      'condition that nobody was judged by count for everybody. Otherwise they grant nothing.',
  })
  readonly segmentless?: boolean | null;
}
