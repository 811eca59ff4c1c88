import { isKept, touchpointBoundary } from '../../access/boundary.ts';
import type { Context } from '../../kernel/context.ts';
import type { IdPrefix } from '../../kernel/ids.ts';
import type { NodeFinder } from '../../kernel/node.resolver.ts';
import type { FieldRule } from './field-rule.ts';

/** What `node(id)` may find for keys whose data are limited. Whatever is not here is nothing for them. */
export const nodeRules: Partial<Record<IdPrefix, FieldRule>> = {
  cus: 'CUT',
  rec: 'CUT',
  tp: 'CUT',
  seg: 'FREE',
  prg: 'FREE',
  rwd: 'FREE',
  off: 'FREE',
  mqy: 'FREE',
  // Of people, without a statement that cuts them.
  ldc: 'OTHERS',
  vch: 'OTHERS',
  prs: 'OTHERS',
  pool: 'OTHERS',
  hh: 'OTHERS',
  acc: 'OTHERS',
  dec: 'OTHERS',
  mrg: 'OTHERS',
  mc: 'OTHERS',
  mdl: 'OTHERS',
  dsr: 'OTHERS',
  ret: 'OTHERS',
  key: 'OTHERS',
  aud: 'OTHERS',
};

/** The same answer as for an id that nobody has: whether it is somebody's is nothing for the key. */
export function boundedFinders(finders: ReadonlyMap<IdPrefix, NodeFinder>): ReadonlyMap<IdPrefix, NodeFinder> {
  return new Map(
    [...finders].map(([prefix, find]) => [
      prefix,
      async (ctx, uuid) => (isHidden(ctx, prefix) ? null : find(ctx, uuid)),
    ]),
  );
}

function isHidden(ctx: Context, prefix: IdPrefix): boolean {
  if (!isKept(ctx)) return false;
  const rule = nodeRules[prefix];
  return rule === undefined || rule === 'OTHERS' || (rule === 'WHOLE' && touchpointBoundary(ctx) !== undefined);
}
