import type { IncomingHttpHeaders } from 'node:http';
import type { Context, Platform, Viewer } from '../kernel/context.ts';
import type { Ids } from '../kernel/ids.ts';
import { Loaders } from '../kernel/loaders.ts';

/** Makes the context of one operation. */
export type ContextFactory = (viewer: Viewer, requestId: string) => Context;

export function contextFactory(platform: Platform): ContextFactory {
  return (viewer, requestId) => ({ ...platform, viewer, requestId, loaders: new Loaders() });
}

/** The caller's own id for its request, if it is one that does no harm in a log; else a new one. */
export function requestIdFrom(headers: IncomingHttpHeaders, ids: Ids): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\w.:-]{1,100}$/.test(given) ? given : ids.uuid();
}
