import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import type { NodeFinder } from '../../kernel/node.resolver.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { toMetricQuery } from '../metrics/metric.input.ts';
import { DeleteMetricQueryInput, SaveMetricQueryInput } from './saved-query.input.ts';
import { findSaved, type SavedQueries } from './saved-query.service.ts';
import {
  DeleteMetricQueryPayload,
  SavedMetricQuery,
  SavedMetricQueryConnection,
  SaveMetricQueryPayload,
} from './saved-query.type.ts';

/** For `node(id)` with an `mqy_…`. */
export const findSavedQueryNode: NodeFinder = async (ctx, uuid) => {
  const saved = await findSaved(ctx, { id: uuid });
  return saved ? new SavedMetricQuery(saved) : null;
};

@Resolver()
export class SavedQueryResolver {
  readonly #saved: SavedQueries;

  constructor(saved: SavedQueries) {
    this.#saved = saved;
  }

  @Query(() => SavedMetricQuery, {
    nullable: true,
    description:
      'A saved metric query by `id` or `name`, not both; null: there is none. Needs the scope `metrics:read`.',
  })
  async metricQuery(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'Its id, `mqy_…`.' }) id: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Its name.' }) name: string | null,
  ): Promise<SavedMetricQuery | null> {
    const saved = await findSaved(ctx, { id: id == null ? null : fromPublicId('mqy', id), name });
    return saved ? new SavedMetricQuery(saved) : null;
  }

  @Query(() => SavedMetricQueryConnection, {
    description: 'Saved metric queries, by name. Needs the scope `metrics:read`.',
  })
  async metricQueries(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<SavedMetricQueryConnection> {
    return this.#saved.list(ctx, { first, after }, (saved) => new SavedMetricQuery(saved));
  }

  @Mutation(() => SaveMetricQueryPayload, {
    description:
      'Keeps a metric query under a name. What is saved already, exactly so, stays as it is. Needs the scopes `metrics:manage` ' +
      'and `metrics:read`, and those that the query itself needs. Codes: those of `metrics`, `VERSION_CONFLICT`, ' +
      '`IDEMPOTENCY_CONFLICT`.',
  })
  async saveMetricQuery(
    @Ctx() ctx: Context,
    @Arg('input', () => SaveMetricQueryInput, { description: 'Which.' }) input: SaveMetricQueryInput,
  ): Promise<SaveMetricQueryPayload> {
    return new SaveMetricQueryPayload(await this.#saved.save(ctx, { ...input, query: toMetricQuery(input.query) }));
  }

  @Mutation(() => DeleteMetricQueryPayload, {
    description:
      'Forgets a saved metric query. Needs the scopes `metrics:manage` and `metrics:read`. Codes: `NOT_FOUND`, ' +
      '`VERSION_CONFLICT`, `BAD_USER_INPUT`.',
  })
  async deleteMetricQuery(
    @Ctx() ctx: Context,
    @Arg('input', () => DeleteMetricQueryInput, { description: 'Which.' }) input: DeleteMetricQueryInput,
  ): Promise<DeleteMetricQueryPayload> {
    const id = input.id == null ? null : fromPublicId('mqy', input.id, 'input.id');
    return new DeleteMetricQueryPayload(await this.#saved.delete(ctx, { ...input, id }));
  }
}
