import { Field, InputType } from 'type-graphql';
import { CalendarDate } from '../../kernel/scalars.ts';
import type { ModelKind } from './fit-models.ts';
import { KpiModelKindEnum } from './model.enum.ts';

@InputType({ description: 'Which models to fit, on which purchases.' })
export class FitKpiModelsInput {
  @Field(() => [KpiModelKindEnum], { nullable: true, description: 'One after the other; BG_NBD when left out.' })
  readonly kinds?: readonly ModelKind[] | null;

  @Field(() => CalendarDate, {
    nullable: true,
    description: 'The last day whose purchases count; today when left out. Never one to come.',
  })
  readonly cutOff?: string | Date | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether a BG_NBD that converges is used from now on; it is, when left out.',
  })
  readonly activate?: boolean | null;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  readonly reason?: string | null;
}
