import { Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../../kernel/scalars.ts';
import type { ScoringRun } from './scoring.service.ts';

@ObjectType({ simpleResolvers: true, description: 'What scoring all customers came to.' })
export class ScoreCustomersPayload {
  @Field(() => DateTime, { description: 'What the scores are as of.' })
  readonly scoredAt: Date;

  @Field(() => Int, { description: 'Customers who were scored: all with an order.' })
  readonly customers: number;

  @Field(() => Int, {
    description: 'Of them, those whose RFM scores, RFM segment or ABC class are others than before.',
  })
  readonly moved: number;

  @Field(() => Int, { description: 'Customers of whom the model in use says something else than before.' })
  readonly forecast: number;

  constructor({ scoredAt, customers, moved, forecast }: ScoringRun) {
    this.scoredAt = scoredAt;
    this.customers = customers;
    this.moved = moved;
    this.forecast = forecast;
  }
}
