import type { Context, Platform, Viewer } from '../kernel/context.ts';
import { Loaders } from '../kernel/loaders.ts';

/** Whoever runs a command on the server's machine: holds the database's password, so may do everything, without a key. */
const operator: Viewer = {
  keyId: '00000000-0000-0000-0000-000000000000',
  name: 'operator',
  scopes: new Set(['admin']),
};

/** The context of one command. Commands pass through the same services, and their checks, as the API. */
export function operatorContext(platform: Platform): Context {
  return { ...platform, viewer: operator, requestId: platform.ids.uuid(), loaders: new Loaders() };
}
