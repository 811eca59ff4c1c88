import type { Viewer } from '../kernel/context.ts';

/**
 * All that a key allows, as a text that is the same as long as that is. Only the name says nothing about rights; whatever
 * else a viewer will have some day counts.
 */
export function rightsOf({ name: _name, ...rights }: Viewer): string {
  return JSON.stringify(rights, (_member, value: unknown) => (value instanceof Set ? [...value].sort() : value));
}
