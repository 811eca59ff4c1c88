import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import type { Page } from '../kernel/paging.ts';
import { Cursor } from '../kernel/scalars.ts';
import type { IngestService } from './ingest.service.ts';
import { IngestPayload } from './ingest.type.ts';
import { countWaiting, listQuarantined, replayQuarantined } from './quarantine.service.ts';
import { QuarantineConnection, type QuarantineItem } from './quarantine.type.ts';

@Resolver(() => QuarantineConnection)
export class QuarantineResolver {
  readonly #ingest: IngestService;

  constructor(ingest: IngestService) {
    this.#ingest = ingest;
  }

  @Query(() => QuarantineConnection, {
    description: 'Touchpoints that were valid but could not be processed, oldest first. Needs the scope `admin`.',
  })
  async quarantine(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: 'Items of a page, 1 to 200; 50 where left out.' }) first:
      | number
      | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Cursor of the item behind which to go on.' }) after:
      | string
      | null,
  ): Promise<Page<QuarantineItem>> {
    return listQuarantined(ctx, { first, after });
  }

  @FieldResolver(() => Int, { description: 'How many wait in all.' })
  async totalCount(@Ctx() ctx: Context): Promise<number> {
    return countWaiting(ctx);
  }

  @Mutation(() => IngestPayload, {
    description:
      'Processes quarantined touchpoints again. What is stored now (or turns out to be a duplicate) leaves the quarantine; what fails ' +
      'again stays, with its new reason. Needs the scope `admin`.',
  })
  async replayQuarantined(
    @Ctx() ctx: Context,
    @Arg('ids', () => [ID], {
      nullable: true,
      description: 'Which (`qi_…`), at most 1,000. Left out: the thousand that wait longest.',
    })
    ids: string[] | null,
  ): Promise<IngestPayload> {
    return new IngestPayload(await replayQuarantined(ctx, this.#ingest, ids));
  }
}
