import { badInput, DomainError } from './errors.ts';

/** A place in a list that is ordered by an instant, with the id to break ties. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Page<N> {
  readonly edges: readonly { readonly cursor: string; readonly node: N }[];
  readonly nodes: readonly N[];
  readonly pageInfo: PageInfo;
}

/** The paging arguments of a field, as the client gave them. */
export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
  readonly last?: number | null;
  readonly before?: string | null;
}

/** The arguments, checked: `size` elements in list order after `after`, or (backwards) the last ones before `before`. */
export interface PageRequest {
  /** Names the list and its order, so that a cursor from another one is noticed. */
  readonly list: string;
  readonly size: number;
  readonly backward: boolean;
  readonly after: Position | null;
  readonly before: Position | null;
}

export const maximumPageSize = 200;
const defaultPageSize = 50;

export function readPageArguments(list: string, args: PageArguments): PageRequest {
  const backward = args.last != null;
  if (backward && args.first != null) throw badInput('Give `first` or `last`, not both.', 'last');
  return {
    list,
    size: backward ? readSize(args.last, 'last') : readSize(args.first, 'first'),
    backward,
    after: args.after == null ? null : decodeCursor(list, args.after, 'after'),
    before: args.before == null ? null : decodeCursor(list, args.before, 'before'),
  };
}

export function readSize(size: number | null | undefined, field: string): number {
  if (size == null) return defaultPageSize;
  if (size >= 1 && size <= maximumPageSize) return size;
  throw badInput(`Expected \`${field}\` from 1 to ${maximumPageSize}, got ${size}.`, field);
}

/**
 * Makes the page of up to `size + 1` rows, read in the direction of the request: the one too many only tells that
 * there is more.
 */
export function toPage<R, N>(
  request: PageRequest,
  rows: readonly R[],
  each: { position: (row: R) => Position; node: (row: R) => N },
): Page<N> {
  const more = rows.length > request.size;
  const kept = more ? rows.slice(0, request.size) : [...rows];
  if (request.backward) kept.reverse();
  const edges = kept.map((row) => new LazyEdge(request.list, each.position(row), each.node(row)));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: request.backward ? request.before !== null : more,
      hasPreviousPage: request.backward ? more : request.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

/** Most clients ask for `pageInfo` only: the cursor of every edge is made when it is read. */
class LazyEdge<N> {
  readonly #list: string;
  readonly #position: Position;
  readonly node: N;

  constructor(list: string, position: Position, node: N) {
    this.#list = list;
    this.#position = position;
    this.node = node;
  }

  get cursor(): string {
    return encodeCursor(this.#list, this.#position);
  }
}

export function encodeCursor(list: string, position: Position): string {
  return Buffer.from(`${list}/${position.at.getTime()}/${position.id}`).toString('base64url');
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const largestInstant = 8_640_000_000_000_000;

function decodeCursor(list: string, cursor: string, field: string): Position {
  const parts = cursor.length > 400 ? [] : Buffer.from(cursor, 'base64url').toString().split('/');
  const [madeFor, at = '', id = ''] = parts;
  if (
    parts.length !== 3 ||
    !/^-?\d{1,16}$/.test(at) ||
    !uuidPattern.test(id) ||
    Math.abs(Number(at)) > largestInstant
  ) {
    throw cursorInvalid('This is no cursor of this API.', field);
  }
  if (madeFor !== list) throw cursorInvalid(`This cursor belongs to ${madeFor}, not to ${list}.`, field);
  return { at: new Date(Number(at)), id };
}

export function cursorInvalid(message: string, field: string): DomainError {
  return new DomainError('CURSOR_INVALID', `${message} Give one that this list returned, or none to start over.`, {
    field,
  });
}
