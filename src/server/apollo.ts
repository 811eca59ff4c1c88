import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
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

type Gateway = NonNullable<ApolloServerOptions<Context>['gateway']>;

/**
 * GraphQL over HTTP. Apollo Server reads requests, refuses what a browser could be tricked into sending, and writes
 * answers. What happens between is {@link Operations}, in the place where Apollo has its gateway's executor: validation
 * has to come after our limits, which Apollo's own order doesn't allow, and websockets must get the very same.
 */
export async function startApollo(options: ApolloOptions): Promise<ApolloServer<Context>> {
  const { schema, operations, errors, documents, log, onErrors } = options;
  // Apollo doesn't tell `formatError` whose error it is.
  const requestIds = new WeakMap<object, string>();
  const apollo = new ApolloServer<Context>({
    gateway: executorOf(schema, async (request) => {
      const result = withStatus(await operations.execute(request));
      if (result.errors?.length) onErrors(request.context);
      for (const error of result.errors ?? []) requestIds.set(error, request.context.requestId);
      return result;
    }),
    dangerouslyDisableValidation: true,
    parseOptions: { maxTokens: maximumTokens },
    introspection: true,
    documentStore: documentStore(),
    persistedQueries: documents.available ? { cache: persistedQueries(documents) } : false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    formatError: (_formatted, error) => errors.format(error, requestIds.get(error as object)),
    stopOnTerminationSignals: false,
    logger: log,
    nodeEnv: 'production',
    plugins: withoutReports(),
  });
  await apollo.start();
  return apollo;
}

function executorOf(schema: GraphQLSchema, execute: Operations['execute']): Gateway {
  return {
    onSchemaLoadOrUpdate(callback) {
      callback({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => {};
    },
    async load() {
      return {
        executor: ({ document, request, context }) =>
          execute({
            document,
            operationName: request.operationName,
            variables: request.variables,
            context: { ...(context as Context), costAsked: asksForCost(request) },
          }),
      };
    },
    async stop() {},
  };
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
function withStatus(result: ExecutionResult): ExecutionResult {
  const cause = result.data === undefined ? result.errors?.[0]?.originalError : undefined;
  const status = cause instanceof DomainError ? statuses[cause.code] : undefined;
  if (!cause || status === undefined) return result;
  const headers = new HeaderMap();
  const { retryAfterMs } = (cause as DomainError).details;
  if (typeof retryAfterMs === 'number') headers.set('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
  const extensions = { http: { status, headers } };
  return { errors: [new GraphQLError(cause.message, { originalError: cause, extensions })] };
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
