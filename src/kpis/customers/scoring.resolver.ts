import { Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import type { Scoring } from './scoring.service.ts';
import { ScoreCustomersPayload } from './scoring.type.ts';

@Resolver()
export class ScoringResolver {
  readonly #scoring: Scoring;

  constructor(scoring: Scoring) {
    this.#scoring = scoring;
  }

  @Mutation(() => ScoreCustomersPayload, {
    description:
      'Compares all customers now: RFM scores, ABC classes, and what the model in use expects of them. It is done every ' +
      'night anyway. Answers when everybody is scored; of a million customers that takes a while. A repeat does no ' +
      'harm. Needs the scope `metrics:manage`.',
  })
  async scoreCustomers(@Ctx() ctx: Context): Promise<ScoreCustomersPayload> {
    return new ScoreCustomersPayload(await this.#scoring.scoreCustomers(ctx));
  }
}
