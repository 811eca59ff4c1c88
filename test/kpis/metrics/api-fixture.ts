import 'reflect-metadata';
import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe, validate } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { coreDimensions } from '../../../src/kpis/metrics/catalogue/core-dimensions.ts';
import { MetricResolver } from '../../../src/kpis/metrics/metric.resolver.ts';
import { MetricCatalog } from '../../../src/kpis/metrics/metric-catalog.ts';
import { segmentDimensions } from '../../../src/segments/segment-metrics.enum.ts';
import { segmentScope } from '../../../src/segments/segment-metrics.service.ts';
import { applyOneOf } from '../../../src/server/one-of.ts';
import { as, type MetricsFixture, openMetrics } from './fixture.ts';

export interface MetricsApi extends MetricsFixture {
  readonly schema: GraphQLSchema;
  graphql(source: string, variables?: Record<string, unknown>, scopes?: readonly string[]): Promise<ExecutionResult>;
  follow(
    source: string,
    variables?: Record<string, unknown>,
    scopes?: readonly string[],
  ): Promise<AsyncIterableIterator<ExecutionResult>>;
}

const noPubSub = { publish: () => {}, subscribe: () => ({}) as never };

/** The resolvers of metrics, in a schema of their own. */
export async function openMetricsApi(): Promise<MetricsApi> {
  const catalog = new MetricCatalog({ dimensions: [...coreDimensions, ...segmentDimensions] });
  const metrics = await openMetrics({ catalog, segments: segmentScope });
  await metrics.ctx.feed.start();
  const resolver = new MetricResolver(metrics.engine, metrics.ctx.feed);
  const schema = buildSchemaSync({
    resolvers: [MetricResolver],
    container: { get: () => resolver },
    validate: false,
    pubSub: noPubSub,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  applyOneOf(schema);
  const argumentsOf = (source: string, variableValues: Record<string, unknown> = {}, scopes?: readonly string[]) => {
    const document = parse(source);
    const errors = validate(schema, document);
    if (errors.length > 0) throw new Error(errors.join('\n'));
    return { schema, document, variableValues, contextValue: as(metrics.ctx, scopes) };
  };
  return {
    ...metrics,
    schema,
    graphql: async (...given) => execute(argumentsOf(...given)),
    async follow(...given) {
      const result = await subscribe(argumentsOf(...given));
      if (Symbol.asyncIterator in result) return result;
      throw result.errors![0]!.originalError ?? result.errors![0];
    },
    async close() {
      await metrics.ctx.feed.stop();
      await metrics.close();
    },
  };
}
