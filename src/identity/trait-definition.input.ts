import { Field, InputType, Int } from 'type-graphql';
import type { Json } from '../kernel/json.ts';
import { JsonValue } from '../kernel/scalars.ts';
import type { Strategy } from './survivorship.ts';
import { SurvivorshipStrategy } from './survivorship.type.ts';
import type { TraitUpdate } from './trait-catalog.service.ts';
import type { GivenSurvivorship } from './trait-definition.ts';
import { TraitType } from './trait-definition.type.ts';
import type { TraitType as Type } from './trait-value.ts';

@InputType({ description: 'Which of several values of a trait is to be the golden one.' })
export class TraitSurvivorshipInput implements GivenSurvivorship {
  @Field(() => SurvivorshipStrategy, {
    description:
      'LONGEST needs the type TEXT, SUM needs NUMBER, SET_UNION needs LIST, MIN and MAX need NUMBER, DATE or DATE_TIME.',
  })
  readonly strategy!: Strategy;

  @Field(() => [String], {
    nullable: true,
    description: 'For SOURCE_PRIORITY only, which needs it: up to 100 sources, the most trusted first.',
  })
  readonly sources?: string[] | null;

  @Field(() => [JsonValue], {
    nullable: true,
    description:
      'For MOST_RESTRICTIVE only: up to 100 values from the most to the least restrictive, such as `["denied", ' +
      '"granted"]`. A BOOLEAN does without: false comes before true.',
  })
  readonly ranking?: Json[] | null;
}

@InputType({ description: 'A change of a definition. What is left out stays as it is.' })
export class UpdateTraitDefinitionInput implements TraitUpdate {
  @Field(() => String, { description: 'Which trait, such as `firstName`.' })
  readonly name!: string;

  @Field(() => TraitType, { nullable: true, description: 'What its values are.' })
  readonly type?: Type | null;

  @Field(() => String, { nullable: true, description: 'Of a number, such as `kg`; null takes it away.' })
  readonly unit?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Whether only keys with `pii:read` see its values. To say false of one that was true needs `pii:read`, too. Holds ' +
      'on all servers within about a second.',
  })
  readonly personal?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Up to 1,000 characters; null takes it away.' })
  readonly description?: string | null;

  @Field(() => TraitSurvivorshipInput, {
    nullable: true,
    description:
      'Holds for what comes from now on; what is there is brought up to it in the background (`refold`). The former ' +
      'strategy, given again, restores the former values.',
  })
  readonly survivorship?: TraitSurvivorshipInput | null;

  @Field(() => String, { description: 'Why, in up to 1,000 characters. Kept with the version.' })
  readonly reason!: string;

  @Field(() => Int, {
    description:
      'The `version` that you have looked at; 0 to define a trait that no event has brought yet. `VERSION_CONFLICT` if it ' +
      'is not the latest.',
  })
  readonly expectedVersion!: number;
}
