import type { ExecutionArgs, GraphQLError, GraphQLSchema } from 'graphql';
import { CloseCode, type Context as ConnectionState, type ServerOptions, type SubscribePayload } from 'graphql-ws';
import { authorizationFrom } from '../access/bearer.ts';
import type { AddressSource } from '../access/entrance.ts';
import { whyNotFrom } from '../access/origins.ts';
import type { Context, Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { AddressOf } from './client-address.ts';
import type { ContextFactory } from './context.ts';
import type { ErrorFormatter } from './format-error.ts';
import { openSubscription } from './open-subscription.ts';
import type { OperationRequest, Operations } from './operations.ts';
import { prepareOperation, refusal } from './prepare-operation.ts';
import type { StreamTimings } from './stream-timings.ts';
import type { Wiring } from './wiring.ts';

/** Operations that one connection may have open at once. */
export const maximumOpen = 200;
/** RFC 6455: a passing condition; clients try again. */
const tryAgainLater = 1013;
/** The same, and says that there is nothing wrong: clients come back, and subscribe anew. */
const comeBack = 1012;

export interface WebsocketOptions {
  readonly wiring: Wiring;
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly errors: ErrorFormatter;
  readonly createContext: ContextFactory;
  readonly addressOf: AddressOf;
  readonly timings: StreamTimings;
}

/** What we know of one connection. */
export interface Connection {
  readonly requestId: string;
  /** Where it comes from. */
  readonly address: AddressSource;
  /** The web page that opened it, as its browser says. */
  readonly page: { readonly origin: string | undefined; readonly host: string | undefined };
  close(code: number, reason: string): void;
  viewer: Viewer | undefined;
  closed: boolean;
  /** What is to be done when it has closed. */
  readonly held: (() => void)[];
  /** What the peer has open, as the library knows it, by id. */
  operations: Readonly<Record<string, unknown>> | undefined;
  /** The operation that the message has begun that the library is just looking at. */
  begun: string | undefined;
}

type State = ConnectionState<Record<string, unknown>, Connection>;

/** The same operations, limits and errors as over HTTP, behind the messages of graphql-transport-ws. */
export function protocolOptions(options: WebsocketOptions): ServerOptions<Record<string, unknown>, Connection> {
  const { operations, errors, wiring } = options;
  const explain = ({ viewer, requestId }: Connection, list: readonly GraphQLError[]) => {
    if (viewer) wiring.authenticator.meter.countError(viewer.keyId);
    return list.map((error) => errors.format(error, requestId));
  };
  return {
    connectionInitWaitTimeout: options.timings.initialisation,
    onConnect: (state) => admit(state, options),
    onSubscribe(state, id, payload) {
      state.extra.operations = state.subscriptions;
      state.extra.begun = id;
      return prepare(state, payload, options);
    },
    execute: (args) => operations.execute(requestOf(args)),
    subscribe: (args) =>
      openSubscription(requestOf(args), { operations, streams: wiring.streams, metrics: wiring.metrics }),
    onError: ({ extra }, _id, _payload, list) => explain(extra, list),
    onNext({ extra }, _id, _payload, _args, { errors: list, ...result }) {
      if (list) return { ...result, errors: explain(extra, list) };
    },
    onClose({ extra }) {
      extra.closed = true;
      for (const release of extra.held.splice(0)) release();
    },
  };
}

/** Lets a connection in by the key in its `connection_init`, and ends it when that key ends. */
async function admit({ extra, connectionParams }: State, { wiring }: WebsocketOptions): Promise<boolean> {
  const { authenticator, platform, streams } = wiring;
  const end = (why: DomainError) => extra.close(closeCodeOf(why), why.message);
  try {
    extra.viewer = await authenticator.authenticate(authorizationFrom(connectionParams), extra.address);
    const foreign = whyNotFrom(extra.viewer, { ...extra.page, listed: false });
    if (foreign) throw foreign;
    // It may have closed while its key was looked up: nobody would give back then what it holds.
    if (extra.closed) return false;
    extra.held.push(streams.connect(extra.viewer, end));
  } catch (err) {
    if (err instanceof DomainError) end(err);
    else {
      platform.log.error({ err, requestId: extra.requestId }, 'a websocket could not be let in');
      extra.close(tryAgainLater, 'Try again later');
    }
    return false;
  }
  extra.held.push(authenticator.onEnd(extra.viewer, end, extra.address));
  return true;
}

/** Whoever would be let in again, now or later, is told by the code to come back. */
function closeCodeOf({ code, details }: DomainError): number {
  if (code === 'RATE_LIMITED') return tryAgainLater;
  return details.reason === 'CHANGED' ? comeBack : CloseCode.Forbidden;
}

function prepare(state: State, payload: SubscribePayload, options: WebsocketOptions) {
  const { viewer, requestId } = state.extra;
  if (!viewer) throw new Error('An operation came before the connection was let in.');
  if (Object.keys(state.subscriptions).length > maximumOpen)
    return [refusal(`A connection may have ${maximumOpen} operations open.`)];
  const prepared = prepareOperation(payload, { viewer, requestId }, options);
  return 'document' in prepared ? argumentsOf(prepared, options.schema) : prepared;
}

function argumentsOf({ document, operationName, variables, context }: OperationRequest, schema: GraphQLSchema) {
  return { schema, document, operationName, variableValues: variables, contextValue: context } satisfies ExecutionArgs;
}

function requestOf({ document, operationName, variableValues, contextValue }: ExecutionArgs): OperationRequest {
  return {
    document,
    operationName: operationName ?? undefined,
    variables: variableValues ?? undefined,
    context: contextValue as Context,
  };
}
