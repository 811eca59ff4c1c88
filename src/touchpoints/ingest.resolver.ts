import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { TouchpointInput } from './ingest.input.ts';
import type { IngestService } from './ingest.service.ts';
import { IngestPayload } from './ingest.type.ts';

@Resolver()
export class IngestResolver {
  readonly #ingest: IngestService;

  constructor(ingest: IngestService) {
    this.#ingest = ingest;
  }

  @Mutation(() => IngestPayload, {
    description:
      'Records up to 1,000 touchpoints: the one way in for interactions and traits. The answer comes when everything that follows ' +
      'from them (customers, traits, sums) is committed. One bad event never costs the others: every event has its own result. ' +
      'Repeating a call is harmless. Needs the scope `ingest`. Throws `OVERLOADED` and `SERVICE_UNAVAILABLE` with `retryAfterMs`: ' +
      'send the same call again then.',
  })
  async ingest(
    @Ctx() ctx: Context,
    @Arg('events', () => [TouchpointInput], { description: 'In any order.' }) events: TouchpointInput[],
  ): Promise<IngestPayload> {
    return new IngestPayload(await this.#ingest.submit(ctx, events));
  }
}
