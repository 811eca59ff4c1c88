import { type ExecutionArgs, GraphQLError, type GraphQLSchema } from 'graphql';
import { CloseCode, type Context as ConnectionState, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { authorizationFrom } from '../access/bearer.ts';
import type { AddressSource } from '../access/entrance.ts';
import type { Context, Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { AddressOf } from './client-address.ts';
import type { ContextFactory } from './context.ts';
import type { ErrorFormatter } from './format-error.ts';
import type { OperationRequest, Operations } from './operations.ts';
import type { Wiring } from './wiring.ts';

/** Operations that one connection may have open at once. */
const maximumOpen = 200;
const initialisationMs = 10_000;
/** RFC 6455: a passing condition; clients try again. */
const tryAgainLater = 1013;

export interface WebsocketOptions {
  readonly wiring: Wiring;
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly errors: ErrorFormatter;
  readonly createContext: ContextFactory;
  readonly addressOf: AddressOf;
}

/** What we know of one connection. */
export interface Connection {
  readonly requestId: string;
  /** Where it comes from. */
  readonly address: AddressSource;
  /** Ids of its open subscriptions. */
  readonly streams: Set<string>;
  close(code: number, reason: string): void;
  viewer: Viewer | undefined;
  closed: boolean;
  /** Ends the watch over its key. */
  forget: (() => void) | undefined;
}

type State = ConnectionState<Record<string, unknown>, Connection>;

/** The same operations, limits and errors as over HTTP, behind the messages of graphql-transport-ws. */
export function protocolOptions(options: WebsocketOptions): ServerOptions<Record<string, unknown>, Connection> {
  const { operations, errors, wiring } = options;
  const { subscriptions } = wiring.metrics;
  const explain = ({ viewer, requestId }: Connection, list: readonly GraphQLError[]) => {
    if (viewer) wiring.authenticator.meter.countError(viewer.keyId);
    return list.map((error) => errors.format(error, requestId));
  };
  return {
    connectionInitWaitTimeout: initialisationMs,
    onConnect: (state) => admit(state, options),
    onSubscribe: (state, _id, payload) => prepare(state, payload, options),
    execute: (args) => operations.execute(requestOf(args)),
    subscribe: (args) => operations.subscribe(requestOf(args)),
    onOperation({ extra }, id, _payload, _args, result) {
      if (!(Symbol.asyncIterator in result)) return;
      extra.streams.add(id);
      subscriptions.inc();
    },
    onComplete({ extra }, id) {
      if (extra.streams.delete(id)) subscriptions.dec();
    },
    onError: ({ extra }, _id, _payload, list) => explain(extra, list),
    onNext({ extra }, _id, _payload, _args, { errors: list, ...result }) {
      if (list) return { ...result, errors: explain(extra, list) };
    },
    onClose({ extra }) {
      extra.closed = true;
      extra.forget?.();
    },
  };
}

/** Lets a connection in by the key in its `connection_init`, and ends it when that key ends. */
async function admit({ extra, connectionParams }: State, { wiring }: WebsocketOptions): Promise<boolean> {
  const { authenticator, platform } = wiring;
  try {
    extra.viewer = await authenticator.authenticate(authorizationFrom(connectionParams), extra.address);
  } catch (err) {
    if (err instanceof DomainError) extra.close(CloseCode.Forbidden, err.message);
    else {
      platform.log.error({ err, requestId: extra.requestId }, 'a websocket could not be let in');
      extra.close(tryAgainLater, 'Try again later');
    }
    return false;
  }
  // It may have closed while its key was looked up: nobody would end the watch then.
  if (extra.closed) return false;
  const end = (why: DomainError) => extra.close(CloseCode.Forbidden, why.message);
  extra.forget = authenticator.onEnd(extra.viewer, end, extra.address);
  return true;
}

function prepare(state: State, { query, operationName, variables }: SubscribePayload, options: WebsocketOptions) {
  const { schema, operations, createContext, wiring } = options;
  const { viewer, requestId } = state.extra;
  if (!viewer) throw new Error('An operation came before the connection was let in.');
  if (Object.keys(state.subscriptions).length > maximumOpen)
    return [refusal(`A connection may have ${maximumOpen} operations open.`)];
  try {
    wiring.authenticator.spend(viewer);
    const args: ExecutionArgs = {
      schema,
      document: operations.parse(query),
      operationName,
      variableValues: variables,
      contextValue: createContext(viewer, requestId),
    };
    const errors = operations.check(args.document, operationName ?? undefined);
    return errors.length > 0 ? errors : args;
  } catch (error) {
    if (error instanceof DomainError) return [new GraphQLError(error.message, { originalError: error })];
    if (error instanceof GraphQLError) return [refusal(error.message, 'GRAPHQL_PARSE_FAILED', error)];
    throw error;
  }
}

function refusal(
  message: string,
  code = 'BAD_USER_INPUT',
  { source, positions }: Partial<GraphQLError> = {},
): GraphQLError {
  return new GraphQLError(message, { source, positions, extensions: { code } });
}

function requestOf({ document, operationName, variableValues, contextValue }: ExecutionArgs): OperationRequest {
  return {
    document,
    operationName: operationName ?? undefined,
    variables: variableValues ?? undefined,
    context: contextValue as Context,
  };
}
