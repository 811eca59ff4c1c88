import { badInput, DomainError } from '../../kernel/errors.ts';
import { maximumPageSize, type Page } from '../../kernel/paging.ts';
import type { CandidateStatus } from './match-candidate.ts';
import type { CandidatePosition } from './match-candidates.queries.ts';

/** Candidates are listed by weight, which the cursors of other lists, made of instants, have no place for. */

export interface CandidatePageRequest {
  readonly status: CandidateStatus;
  readonly size: number;
  readonly after: CandidatePosition | null;
}

export interface CandidatePageArguments {
  readonly status: CandidateStatus;
  readonly first?: number | null;
  readonly after?: string | null;
}

export function readCandidatePage({ status, first, after }: CandidatePageArguments): CandidatePageRequest {
  const size = first ?? 50;
  if (size < 1 || size > maximumPageSize) {
    throw badInput(`Expected \`first\` from 1 to ${maximumPageSize}, got ${size}.`, 'first');
  }
  return { status, size, after: after == null ? null : decode(status, after) };
}

/** Makes the page of up to `size + 1` rows. */
export function toCandidatePage<R extends CandidatePosition, N>(
  { status, size, after }: CandidatePageRequest,
  rows: readonly R[],
  node: (row: R) => N,
): Page<N> {
  const edges = rows.slice(0, size).map((row) => ({ cursor: encode(status, row), node: node(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: rows.length > size,
      hasPreviousPage: after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function encode(status: CandidateStatus, { weight, id }: CandidatePosition): string {
  return Buffer.from(`matchCandidates.${status}/${weight}/${id}`).toString('base64url');
}

const cursorPattern = /^matchCandidates\.([A-Z]+)\/(-?[\d.e+-]{1,30})\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function decode(status: CandidateStatus, cursor: string): CandidatePosition {
  const text = cursor.length > 400 ? '' : Buffer.from(cursor, 'base64url').toString();
  const [, madeFor, weight, id] = cursorPattern.exec(text) ?? [];
  if (madeFor === status && id !== undefined && Number.isFinite(Number(weight))) return { weight: Number(weight), id };
  throw new DomainError(
    'CURSOR_INVALID',
    'This is no cursor of this list. Give one that it returned for the same status, or none to start over.',
    { field: 'after' },
  );
}
