import type { SubscribeResolverData } from 'type-graphql';
import { Arg, Ctx, Int, Query, Resolver, Root, Subscription } from 'type-graphql';
import { requireScope } from '../../access/scopes.ts';
import type { ChangeFeed } from '../../kernel/change-feed.ts';
import type { Context } from '../../kernel/context.ts';
import { MetricQueryInput, toMetricQuery } from './metric.input.ts';
import { MetricCatalog, MetricTable } from './metric.type.ts';
import type { MetricEngine } from './metric-engine.service.ts';
import { subscribeToMetrics } from './metric-subscription.service.ts';
import type { MetricTable as Table } from './metric-table.ts';

const codes =
  'Codes: `BAD_USER_INPUT` with the `field`, and where amounts of several currencies, variants of a survey or programmes would ' +
  'be mixed with the `reason` AMBIGUOUS_CURRENCY, AMBIGUOUS_SURVEY_VARIANT or AMBIGUOUS_PROGRAM and their `values`; ' +
  '`NOT_FOUND` for a segment, `FORBIDDEN`, `CURSOR_INVALID`, `STATEMENT_TOO_SLOW`.';

/**
 * Subscriptions are opened by a function that knows the context only, without an instance of the resolver: this tells which engine
 * belongs to it. By feed, as each server in a process has its own.
 */
const engines = new WeakMap<ChangeFeed, MetricEngine>();

type Arguments = { query: MetricQueryInput; every?: number | null };

@Resolver(() => MetricTable)
export class MetricResolver {
  readonly #engine: MetricEngine;

  constructor(engine: MetricEngine, feed: ChangeFeed) {
    this.#engine = engine;
    engines.set(feed, engine);
  }

  @Query(() => MetricCatalog, {
    description: 'Everything that `metrics` can be asked for. Needs the scope `metrics:read`.',
  })
  metricCatalog(@Ctx() ctx: Context): MetricCatalog {
    return new MetricCatalog(this.#engine.catalog(ctx), this.#engine.limits);
  }

  @Query(() => MetricTable, {
    description:
      'Numbers, as a table: measures by dimensions and time. Without the scope `pii:read` numbers about fewer than five ' +
      `customers are left out. Needs the scope \`metrics:read\`. ${codes}`,
  })
  async metrics(
    @Ctx() ctx: Context,
    @Arg('query', () => MetricQueryInput, { description: 'What is asked.' }) query: MetricQueryInput,
  ): Promise<MetricTable> {
    return new MetricTable(await this.#engine.query(ctx, toMetricQuery(query)));
  }

  @Subscription(() => MetricTable, {
    description:
      'The answer to a query, at once, and again whenever its numbers have changed. Whoever reads slowly gets fewer answers, ' +
      `never an old one last; there is nothing to resume. Needs the scope \`metrics:read\`. ${codes}`,
    subscribe: ({ args: { query, every }, context }: SubscribeResolverData<unknown, Arguments, Context>) =>
      subscribeToMetrics(context, engines.get(context.feed)!, { query: toMetricQuery(query), every }),
  })
  metricChanged(
    @Root() table: Table,
    @Ctx() ctx: Context,
    @Arg('query', () => MetricQueryInput, { description: 'What is asked.' }) _query: MetricQueryInput,
    @Arg('every', () => Int, {
      nullable: true,
      description: 'Seconds between two answers at least, from 1 to 3,600. Left out: 1.',
    })
    _every: number | null,
  ): MetricTable {
    requireScope(ctx, 'metrics:read');
    return new MetricTable(table);
  }
}
