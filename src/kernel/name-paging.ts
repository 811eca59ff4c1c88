import { cursorInvalid, type Page, type PageArguments, readSize } from './paging.ts';

/** One page of a list that is ordered by a unique name. Forwards only: such lists are short. */
export interface NamePageRequest {
  readonly list: string;
  readonly size: number;
  /** The name behind which it starts. */
  readonly after: string | null;
}

export function readNamePage(list: string, args: Pick<PageArguments, 'first' | 'after'>): NamePageRequest {
  const after = args.after == null ? null : decode(list, args.after);
  return { list, size: readSize(args.first, 'first'), after };
}

/** Makes the page of up to `size + 1` rows: the one too many only tells that there is more. */
export function toNamePage<R extends { readonly name: string }, N>(
  request: NamePageRequest,
  rows: readonly R[],
  node: (row: R) => N,
): Page<N> {
  const kept = rows.slice(0, request.size);
  const edges = kept.map((row) => ({ cursor: encode(request.list, row.name), node: node(row) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: rows.length > request.size,
      hasPreviousPage: request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function encode(list: string, name: string): string {
  return Buffer.from(`${list}/${name}`).toString('base64url');
}

function decode(list: string, cursor: string): string {
  const text = cursor.length > 2000 ? '' : Buffer.from(cursor, 'base64url').toString();
  const prefix = `${list}/`;
  if (!text.startsWith(prefix) || text.includes('\0')) throw cursorInvalid(`This is no cursor of ${list}.`, 'after');
  return text.slice(prefix.length);
}
