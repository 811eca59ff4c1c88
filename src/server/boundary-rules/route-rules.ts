import type { FastifyInstance } from 'fastify';
import { outside } from '../../access/boundary.ts';
import type { Viewer } from '../../kernel/context.ts';

/**
 * What routes are for keys with a boundary, and for those that only send. DOCUMENT: operations, which are looked at field by
 * field. LIST: rows that are cut; a list of fields does not say which of their columns it leaves out. Every other route
 * that needs a key is refused to them, new ones too.
 */
const routeRules: ReadonlyMap<string, 'DOCUMENT' | 'LIST'> = new Map([
  ['/graphql', 'DOCUMENT'],
  ['/graphql/stream', 'DOCUMENT'],
  ['/exports', 'LIST'],
  ['/exports/metrics', 'LIST'],
  ['/exports/metrics/:name', 'LIST'],
  ['/exports/:list', 'LIST'],
]);

export function keepRoutes(app: FastifyInstance): void {
  // Behind every route's own look at the key, in front of the body.
  app.addHook('preParsing', async ({ viewer, routeOptions: { url } }) => {
    if (viewer) refuseRoute(viewer, routeRules.get(url ?? ''));
  });
}

function refuseRoute({ boundary, writeOnly }: Viewer, rule: 'DOCUMENT' | 'LIST' | undefined): void {
  if (rule === 'DOCUMENT') return;
  if (writeOnly) throw outside('This key only sends, and reads nothing.');
  if (boundary && !rule) throw outside('What is here is about more than this key may see.');
  if (boundary?.fields) throw outside('This key may ask for some fields of the GraphQL schema; downloads have none.');
}
