import type { Context } from '../../kernel/context.ts';
import { type ListKey, readLists } from '../../kernel/lists.ts';
import { listPresentations, type OwnedPresentation } from './presentations.queries.ts';

/** The latest so many of a customer's. */
export interface LatestPresentations extends ListKey {
  readonly first: number;
}

export const nameOfPresentations = ({ ownerId, first }: LatestPresentations): string => `${ownerId} ${first}`;

export function loadPresentations(ctx: Context, keys: readonly LatestPresentations[]): Promise<OwnedPresentation[][]> {
  return readLists(keys, {
    argumentsOf: ({ first }) => `${first}`,
    read: (ids, { first }) => listPresentations(ctx.pool, ids, first),
    ownerOf: ({ ownerId }) => ownerId,
  });
}
