import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
  type GraphQLResponse,
  HeaderMap,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult, GraphQLSchema } from 'graphql';
import type { Context } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { maximumTokens } from './document-limits.ts';
import type { ErrorFormatter } from './format-error.ts';
import { asksForCost } from './operation-costs.ts';
import { maximumDocuments, type Operations } from './operations.ts';
import type { TrustedDocuments } from './persisted-documents.ts';
import { RecentMap } from './recent-map.ts';

export interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly operations: Operations;
  readonly errors: ErrorFormatter;
  readonly documents: TrustedDocuments;
  readonly log: Logger;
  /** An operation was answered with errors. */
  readonly onErrors: (context: Context) => void;
}

/**
 * GraphQL over HTTP. Apollo Server reads requests, refuses what a browser could be tricked into sending, and writes
 * answers. What happens between is {@link Operations}: validation has to come after our limits, which Apollo's own order
 * doesn't allow, and websockets must get the very same.
 */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<Context>> {
  const { schema, errors, documents, log } = options;
  const apollo = new ApolloServer<Context>({
    schema,
    dangerouslyDisableValidation: true,
    parseOptions: { maxTokens: maximumTokens },
    introspection: true,
    documentStore: documentStore(),
    persistedQueries: documents.available ? { cache: persistedQueries(documents) } : false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    // What it finds wrong by itself.
    formatError: (_formatted, error) => errors.format(error),
    stopOnTerminationSignals: false,
    logger: log,
    nodeEnv: 'production',
    plugins: [answering(options), ...withoutReports()],
  });
  await apollo.start();
  return apollo;
}

/**
 * Answers operations in the place of Apollo's own executor. (Not a gateway's executor: what Apollo gives that one survives
 * many collections of garbage, and with it everything that was read: see docs/decisions/0025.)
 */
function answering({ operations, errors, onErrors }: ApolloOptions): ApolloServerPlugin<Context> {
  const listener: GraphQLRequestListener<Context> = {
    async responseForOperation({ document, request, contextValue }) {
      const context = { ...contextValue, costAsked: asksForCost(request) };
      const { operationName, variables } = request;
      const result = await operations.execute({ document: document!, operationName, variables, context });
      if (!result.errors?.length)
        return { http: { status: undefined, headers: new HeaderMap() }, body: bodyOf(result) };
      onErrors(context);
      const formatted = result.errors.map((error) => errors.format(error, context.requestId));
      return { http: headOf(result), body: bodyOf({ ...result, errors: formatted }) };
    },
  };
  return { requestDidStart: async () => listener };
}

function bodyOf(singleResult: FormattedExecutionResult): GraphQLResponse['body'] {
  return { kind: 'single', singleResult: { ...singleResult } };
}

/** Apollo asks it for the text of an operation that came by its id. What a caller would have it keep, it does not. */
function persistedQueries(documents: TrustedDocuments) {
  return {
    get: async (key: string) => documents.find(key.replace(/^apq:/, '')),
    set: async () => {},
    delete: async () => false,
  };
}

const statuses: Partial<Record<DomainError['code'], number>> = {
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  OPERATION_TOO_EXPENSIVE: 400,
};

/** What was refused before anything ran is an error of HTTP, too. */
function headOf({ data, errors }: ExecutionResult): GraphQLResponse['http'] {
  const headers = new HeaderMap();
  if (data !== undefined) return { status: undefined, headers };
  const cause = errors?.[0]?.originalError;
  if (!(cause instanceof DomainError)) return { status: 400, headers };
  const { retryAfterMs } = cause.details;
  const status = statuses[cause.code] ?? 400;
  if (typeof retryAfterMs === 'number') headers.set('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  return { status, headers };
}

/** Apollo's own store is bounded by the length of the documents, and what hangs on them is larger than they are. */
function documentStore(): NonNullable<ApolloServerOptions<Context>['documentStore']> {
  const documents = new RecentMap<string, DocumentNode>(maximumDocuments);
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => documents.set(key, document),
    delete: async (key) => documents.delete(key),
  };
}

function withoutReports(): ApolloServerPlugin<Context>[] {
  return [
    ApolloServerPluginLandingPageDisabled(),
    ApolloServerPluginUsageReportingDisabled(),
    ApolloServerPluginSchemaReportingDisabled(),
    ApolloServerPluginCacheControlDisabled(),
  ];
}
