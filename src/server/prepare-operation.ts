import { GraphQLError } from 'graphql';
import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { ContextFactory } from './context.ts';
import { asksForCost } from './operation-costs.ts';
import type { OperationRequest, Operations } from './operations.ts';
import type { GivenDocument } from './persisted-documents.ts';
import type { Wiring } from './wiring.ts';

/** An operation as it came over a websocket or for an event stream. */
export interface GivenOperation extends GivenDocument {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Who sent it. */
export interface Sender {
  readonly viewer: Viewer;
  readonly requestId: string;
}

export interface PreparationParts {
  readonly wiring: Pick<Wiring, 'authenticator'>;
  readonly operations: Operations;
  readonly createContext: ContextFactory;
}

/**
 * Counts the operation, reads its document and checks it. What is wrong comes back as errors, which every transport has
 * its own place for. (Over plain HTTP Apollo Server does the same by itself.)
 */
export function prepareOperation(
  given: GivenOperation,
  { viewer, requestId }: Sender,
  { wiring, operations, createContext }: PreparationParts,
): OperationRequest | readonly GraphQLError[] {
  try {
    wiring.authenticator.spend(viewer);
    const request: OperationRequest = {
      document: operations.parse(operations.sourceOf(given)),
      operationName: given.operationName ?? undefined,
      variables: given.variables ?? undefined,
      context: { ...createContext(viewer, requestId), costAsked: asksForCost(given) },
    };
    const errors = operations.check(request.document, request.operationName, viewer);
    return errors.length > 0 ? errors : request;
  } catch (error) {
    if (error instanceof DomainError) return [new GraphQLError(error.message, { originalError: error })];
    if (error instanceof GraphQLError) return [refusal(error.message, codeOf(error), error)];
    throw error;
  }
}

/** Errors of the parser have no code. */
function codeOf({ extensions }: GraphQLError): string {
  return typeof extensions.code === 'string' ? extensions.code : 'GRAPHQL_PARSE_FAILED';
}

export function refusal(
  message: string,
  code = 'BAD_USER_INPUT',
  { source, positions }: Partial<GraphQLError> = {},
): GraphQLError {
  return new GraphQLError(message, { source, positions, extensions: { code } });
}
