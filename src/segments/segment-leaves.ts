import type { LeafKind } from '../conditions/leaf-kind.ts';
import { badInput } from '../kernel/errors.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * In another segment. It never reaches an evaluation: before, the condition of that segment is written in its place, see
 * `expand`.
 */
export const segmentLeaf: LeafKind<'segment'> = {
  name: 'segment',
  check: ({ id }, field) => ({ id: checkId(id, field) }),
  needs: ({ id }) => ({ segments: new Set([id]) }),
  cost: () => 1,
  judge: ({ id }) => {
    throw notExpanded(id);
  },
};

export function notExpanded(id: string): Error {
  return new Error(`The condition of segment ${id} was not written out.`);
}

/** On a list. */
export const listLeaf: LeafKind<'list'> = {
  name: 'list',
  check: ({ id }, field) => ({ id: checkId(id, field) }),
  needs: ({ id }) => ({ segments: new Set([id]), identity: true }),
  cost: () => 1,
  judge: ({ id }, facts) => {
    const lists = facts.further.get('list');
    const verdict = Array.isArray(lists) && lists.includes(id);
    return { verdict, found: verdict };
  },
};

function checkId(id: string, field: string): string {
  if (typeof id === 'string' && uuid.test(id)) return id;
  throw badInput('Expected the id of a segment.', `${field}.id`);
}
