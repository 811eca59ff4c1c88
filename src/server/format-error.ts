import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { DomainError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Metrics } from '../kernel/metrics.ts';

/** Refusals of the request itself, by Apollo Server and by ours, in words that the caller may read. */
const requestCodes = new Set([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_FOUND',
]);

/** What PostgreSQL says to text that it cannot store: U+0000. GraphQL and JSON allow it, so any text may contain it. */
const unstorableText = new Set(['22021', '22P05']);

/** Of Node.js, postgres.js and PostgreSQL: the database is away or has no room, which says nothing about the request. */
const databaseAway = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  '08001',
  '08004',
  '08006',
  '25006',
  '25P03',
  '3D000',
  '53100',
  '53200',
  '53300',
  '53400',
  '58030',
  '57P01',
  '57P02',
  '57P03',
]);

export interface ErrorEdge {
  readonly log: Logger;
  readonly ids: Ids;
  readonly metrics: Metrics;
}

/** The one place where errors leave: what the caller may know goes out, the rest is masked, named and logged. */
export class ErrorFormatter {
  readonly #edge: ErrorEdge;

  constructor(edge: ErrorEdge) {
    this.#edge = edge;
  }

  format(error: unknown, requestId?: string): GraphQLFormattedError {
    const { message, extensions } = this.#explain(error, requestId);
    this.#edge.metrics.graphqlErrors.inc({ code: extensions.code });
    return { message, ...placeOf(error), extensions };
  }

  #explain(error: unknown, requestId: string | undefined): Explained {
    const refusal = refusalIn(error);
    if (refusal) return refusal;
    const cause = causeOf(error);
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (unstorableText.has(code))
      return explained('BAD_USER_INPUT', 'A text contains the character U+0000, which cannot be stored.');
    const errorId = this.#edge.ids.uuid();
    this.#edge.log.error({ err: cause, errorId, requestId, path: placeOf(error).path }, 'an operation failed');
    if (databaseAway.has(code)) {
      return explained('SERVICE_UNAVAILABLE', 'The database cannot be reached at the moment. Try again shortly.', {
        errorId,
      });
    }
    return explained(
      'INTERNAL_SERVER_ERROR',
      `Something went wrong here. If you report it, give the error id ${errorId}.`,
      { errorId },
    );
  }
}

/** Something that was said to be refused, wherever it is in the chain of wrappings. */
function refusalIn(error: unknown): Explained | undefined {
  for (let link = error; link; link = link instanceof GraphQLError ? link.originalError : undefined) {
    if (link instanceof DomainError) return explained(link.code, link.message, link.details);
    if (!(link instanceof GraphQLError)) return undefined;
    const code = String(link.extensions?.code ?? '');
    if (requestCodes.has(code)) return explained(code, messageOf(link));
    // The only errors of graphql-js itself, during execution, that a caller can cause.
    if (!link.originalError && link.message.startsWith('Argument "')) return explained('BAD_USER_INPUT', link.message);
  }
  return undefined;
}

/** graphql-js parses by recursion, and meets the end of the stack in documents that are all brackets. */
function messageOf(error: GraphQLError): string {
  return error.originalError instanceof RangeError ? 'The document is nested too deeply.' : error.message;
}

interface Explained {
  readonly message: string;
  readonly extensions: { readonly code: string; readonly [detail: string]: unknown };
}

function explained(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): Explained {
  return { message, extensions: { ...details, code } };
}

/** graphql-js wraps what a resolver throws, sometimes twice. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

function placeOf(error: unknown): Pick<GraphQLFormattedError, 'locations' | 'path'> {
  if (!(error instanceof GraphQLError)) return {};
  const { locations, path } = error;
  return { ...(locations?.length ? { locations } : {}), ...(path ? { path } : {}) };
}
