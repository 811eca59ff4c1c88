import { Field, Float, ObjectType } from 'type-graphql';
import type { Condition } from '../../conditions/condition.ts';
import { printCondition } from '../../conditions/condition-text.ts';
import { shownCondition } from '../../conditions/shown-condition.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { JsonObjectValue } from '../../kernel/scalars.ts';
import type { LeverGroup } from './kpi-settings.ts';
import { leverBounds } from './lever-bounds.ts';
import { leverGroupText } from './lever-words.ts';

@ObjectType({ simpleResolvers: true, description: 'A lever that is another one for the customers of a group.' })
export class KpiGroupLever {
  @Field(() => String, { description: 'Such as `lifecycle.overdueDays` or `churn.high`.' })
  readonly lever: string;

  @Field(() => Float, { description: 'What it is for them.' })
  readonly value: number;

  constructor(lever: string, value: number) {
    this.lever = lever;
    this.value = value;
  }
}

@ObjectType({ simpleResolvers: true, description: 'Customers for whom other thresholds count.' })
export class KpiLeverGroup {
  @Field(() => String, { description: leverGroupText.key })
  readonly key: string;

  @Field(() => String, { description: leverGroupText.name })
  readonly name: string;

  @Field(() => JsonObjectValue, {
    nullable: true,
    description:
      'Who is in it, as `ConditionInput` takes it. Null without the scope `pii:read` where it tests values that are masked for you.',
  })
  readonly condition: JsonObject | null;

  @Field(() => String, { nullable: true, description: 'The same in words. Null where `condition` is.' })
  readonly conditionText: string | null;

  @Field(() => [KpiGroupLever], { description: 'Levers that are others for them; all else is as for everybody.' })
  readonly levers: readonly KpiGroupLever[];

  constructor({ key, name, condition, lifecycle, churn }: LeverGroup, isHidden: (condition: Condition) => boolean) {
    this.key = key;
    this.name = name;
    const given = isHidden(condition.resolved) ? null : condition.given;
    this.condition = given && shownCondition(given);
    this.conditionText = given && printCondition(given);
    this.levers = [...leversOf('lifecycle', lifecycle), ...leversOf('churn', churn)];
  }
}

/** In the order in which everybody's are: the database keeps none. */
function leversOf(of: 'lifecycle' | 'churn', levers: Readonly<Record<string, number | undefined>>): KpiGroupLever[] {
  return Object.keys(leverBounds[of]).flatMap((lever) => {
    const value = levers[lever];
    return value === undefined ? [] : [new KpiGroupLever(`${of}.${lever}`, value)];
  });
}
