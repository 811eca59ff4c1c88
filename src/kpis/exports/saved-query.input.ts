import { Field, ID, InputType, Int } from 'type-graphql';
import { MetricQueryInput } from '../metrics/metric.input.ts';

@InputType({ description: 'A metric query to keep under a name.' })
export class SaveMetricQueryInput {
  @Field(() => String, {
    description:
      '1 to 100 letters, digits, `.`, `-` and `_`, the first a letter or digit. Where there is one of that name already, this ' +
      'becomes its next version.',
  })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: 'What it is for. Up to 2,000 characters.' })
  readonly description?: string | null;

  @Field(() => MetricQueryInput, { description: 'The query. Without `after`: a saved query begins at its beginning.' })
  readonly query!: MetricQueryInput;

  @Field(() => String, {
    nullable: true,
    description: 'A repeat with the same key and input makes nothing a second time.',
  })
  readonly idempotencyKey?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The version that is to be replaced, 0: there is none yet. Another one is refused.',
  })
  readonly expectedVersion?: number | null;
}

@InputType({ description: 'Which saved metric query is to go: by `id` or `name`, not both.' })
export class DeleteMetricQueryInput {
  @Field(() => ID, { nullable: true, description: 'Its id, `mqy_…`.' })
  readonly id?: string | null;

  @Field(() => String, { nullable: true, description: 'Its name.' })
  readonly name?: string | null;

  @Field(() => Int, { nullable: true, description: 'The version as the caller knows it. Another one is refused.' })
  readonly expectedVersion?: number | null;
}
