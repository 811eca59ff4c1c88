import type { FastifyReply } from 'fastify';

/** What is wrong with the operation in a request, not with the request. */
const operationCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
]);

/**
 * GraphQL over HTTP, 6.4: as `application/json` an operation that is refused is answered with status 200, as
 * `application/graphql-response+json` with 400. (Clients of old took every other status for a failure of the network.)
 * Apollo Server answers both with 400.
 */
export function setStatusByMediaType(reply: FastifyReply, payload: unknown): void {
  if (reply.statusCode !== 400 || typeof payload !== 'string') return;
  if (!String(reply.getHeader('content-type')).startsWith('application/json')) return;
  const { errors } = JSON.parse(payload) as { errors?: { extensions?: { code?: string } }[] };
  if (errors?.every(({ extensions }) => operationCodes.has(extensions?.code ?? ''))) reply.code(200);
}
