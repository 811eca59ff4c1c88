import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * What this process counts, for Prometheus. One per process; whoever counts is given it.
 * Labels come from small closed sets: a label value that a caller can invent would grow memory without bound.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly httpDuration = new Histogram({
    name: 'rundum_http_request_duration_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: seconds,
    registers: [this.registry],
  });

  readonly operationDuration = new Histogram({
    name: 'rundum_graphql_operation_duration_seconds',
    help: 'Execution time of GraphQL operations; of subscriptions, the time until the stream stands.',
    labelNames: ['type', 'operation', 'outcome'] as const,
    buckets: seconds,
    registers: [this.registry],
  });

  readonly graphqlErrors = new Counter({
    name: 'rundum_graphql_errors_total',
    help: 'GraphQL errors sent to callers, by code.',
    labelNames: ['code'] as const,
    registers: [this.registry],
  });

  readonly websocketConnections = new Gauge({
    name: 'rundum_websocket_connections',
    help: 'Open websockets.',
    registers: [this.registry],
  });

  readonly eventStreams = new Gauge({
    name: 'rundum_event_streams',
    help: 'Open event streams (server-sent events).',
    registers: [this.registry],
  });

  readonly subscriptions = new Gauge({
    name: 'rundum_subscriptions',
    help: 'Open GraphQL subscriptions.',
    registers: [this.registry],
  });

  readonly ingestedTouchpoints = new Counter({
    name: 'rundum_ingest_touchpoints_total',
    help: 'Touchpoints received, by what became of them.',
    labelNames: ['status'] as const,
    registers: [this.registry],
  });

  readonly ingestBatchSize = new Histogram({
    name: 'rundum_ingest_batch_touchpoints',
    help: 'Touchpoints written in one transaction.',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000],
    registers: [this.registry],
  });

  readonly ingestBatchDuration = new Histogram({
    name: 'rundum_ingest_batch_duration_seconds',
    help: 'Time of one ingest transaction.',
    buckets: seconds,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A value that is read when Prometheus asks, such as how far a reader is behind. */
  observe(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      async collect() {
        this.set(await read());
      },
    });
  }
}
