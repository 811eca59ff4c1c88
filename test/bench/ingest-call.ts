import { once } from 'node:events';
import { type Agent, request } from 'node:http';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import type { ServerProcess } from './server-process.ts';

const mutation = `mutation ($events: [TouchpointInput!]!) {
  ingest(events: $events) { results { status customerId } }
}`;

export interface Result {
  readonly status: string;
  readonly customerId: string;
}

/** One call; throws unless everything was stored. */
export async function ingest(
  server: ServerProcess,
  agent: Agent,
  events: readonly TouchpointDraft[],
): Promise<Result[]> {
  const body = JSON.stringify({ query: mutation, variables: { events } });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${server.key}` };
  const outgoing = request(`${server.url}/graphql`, { method: 'POST', agent, headers });
  outgoing.end(body);
  const [response] = await once(outgoing, 'response');
  const answer = JSON.parse(Buffer.concat(await response.toArray()).toString());
  const results: Result[] = answer.data?.ingest.results ?? [];
  if (results.length === 0 || results.some(({ status }) => status !== 'STORED')) {
    throw new Error(`Not stored: ${JSON.stringify(answer).slice(0, 500)}`);
  }
  return results;
}
