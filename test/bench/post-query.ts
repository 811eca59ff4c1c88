import { once } from 'node:events';
import { type Agent, request } from 'node:http';
import type { ServerProcess } from './server-process.ts';

/** One operation over HTTP; answers the whole result, errors included. */
export async function postQuery<T>(
  { url, key }: Pick<ServerProcess, 'url' | 'key'>,
  agent: Agent,
  operation: { readonly query: string; readonly variables: Record<string, unknown> },
): Promise<T> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const outgoing = request(`${url}/graphql`, { method: 'POST', agent, headers });
  outgoing.end(JSON.stringify(operation));
  const [response] = await once(outgoing, 'response');
  return JSON.parse(Buffer.concat(await response.toArray()).toString()) as T;
}
