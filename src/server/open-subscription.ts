import { type ExecutionResult, GraphQLError } from 'graphql';
import { DomainError } from '../kernel/errors.ts';
import type { Metrics } from '../kernel/metrics.ts';
import { EndableStream } from './endable-stream.ts';
import type { OpenStreams } from './open-streams.ts';
import type { OperationRequest, Operations, ResultStream } from './operations.ts';

export interface SubscriptionParts {
  readonly operations: Pick<Operations, 'subscribe'>;
  readonly streams: OpenStreams;
  readonly metrics: Pick<Metrics, 'subscriptions'>;
}

/** Opens a subscription in a place of its key's, which it gives back when it ends, whoever ends it. */
export async function openSubscription(
  request: OperationRequest,
  { operations, streams, metrics }: SubscriptionParts,
): Promise<ExecutionResult | ResultStream> {
  let stream: EndableStream<ExecutionResult> | undefined;
  let ended: DomainError | undefined;
  const end = (why: DomainError) => {
    ended = why;
    stream?.fail(why);
  };
  // Before it is opened, which costs the database something.
  const place = takePlace(streams, request, end);
  if (typeof place !== 'function') return place;
  metrics.subscriptions.inc();
  const leave = () => {
    metrics.subscriptions.dec();
    place();
  };
  try {
    const opened = await operations.subscribe(request);
    if (!(Symbol.asyncIterator in opened)) {
      leave();
      return opened;
    }
    stream = new EndableStream(opened, leave);
    if (ended) stream.fail(ended);
    return stream;
  } catch (error) {
    leave();
    throw error;
  }
}

function takePlace(
  streams: OpenStreams,
  { context }: OperationRequest,
  end: (why: DomainError) => void,
): (() => void) | ExecutionResult {
  try {
    return streams.subscribe(context.viewer, end);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { errors: [new GraphQLError(error.message, { originalError: error })] };
  }
}
