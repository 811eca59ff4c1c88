import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { KpiJobRow } from './kpi-jobs.queries.ts';

@ObjectType({ simpleResolvers: true, description: 'Work on the KPIs of everybody that comes again, by night.' })
export class KpiJob {
  @Field(() => String, { description: '`fit`: fits the models; `score`: compares customers with all others.' })
  readonly name: string;

  @Field(() => DateTime, { description: 'When it is to run next; a failed one is tried again then.' })
  readonly dueAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it last began; null: never.' })
  readonly startedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it last succeeded; null: never.' })
  readonly finishedAt: Date | null;

  @Field(() => Int, { description: 'Attempts in a row that failed; 0 when the last one succeeded.' })
  readonly failures: number;

  @Field(() => String, { nullable: true, description: 'Of the last attempt, if it failed.' })
  readonly error: string | null;

  constructor({ name, dueAt, startedAt, finishedAt, failures, error }: KpiJobRow) {
    this.name = name;
    this.dueAt = dueAt;
    this.startedAt = startedAt;
    this.finishedAt = finishedAt;
    this.failures = failures;
    this.error = error;
  }
}
