import { GraphQLError } from 'graphql';
import { DomainError } from '../kernel/errors.ts';

/** What may stand in a request instead of, or beside, the text of an operation. */
export interface GivenDocument {
  readonly query?: string | null | undefined;
  /** Persisted documents of GraphQL over HTTP: `sha256:…`, or an id of the frontend's own. */
  readonly documentId?: unknown;
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * The operations of the organisation's own frontends, which their build writes down: by the id under which a frontend asks for
 * them, and by their text. A key that is kept to them can run nothing else, whatever it says.
 */
export class TrustedDocuments {
  readonly #byId: ReadonlyMap<string, string> | undefined;
  readonly #texts: ReadonlySet<string>;
  readonly #only: boolean;

  /** By id; `undefined`: there are none here. `only`: nobody runs anything else. */
  constructor(documents: ReadonlyMap<string, string> | undefined, { only = false } = {}) {
    this.#byId = documents;
    this.#texts = new Set(documents?.values());
    this.#only = only;
  }

  /** Whether the server was given any, so that ids can be sent. */
  get available(): boolean {
    return this.#byId !== undefined;
  }

  find(id: string): string | undefined {
    return this.#byId?.get(id.replace(/^sha256:/, ''));
  }

  /** The text of an operation that came by its text or by its id. Throws a `GraphQLError`. */
  sourceOf(given: GivenDocument): string {
    if (given.query) return given.query;
    const id = idIn(given);
    if (id === undefined) return given.query ?? '';
    if (!this.available) throw refusal('PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED');
    const source = this.find(id);
    // The words and the code are those of Apollo's protocol: clients know them, and send the text.
    if (source === undefined) throw refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND');
    return source;
  }

  /** Throws `FORBIDDEN` when this text is none of them, and has to be. By its text, so that it doesn't matter how it came. */
  check(source: string | undefined, { only }: { only: boolean }): void {
    if (!only && !this.#only) return;
    if (source !== undefined && this.#texts.has(source)) return;
    throw new DomainError(
      'FORBIDDEN',
      'Only trusted documents can be run here: the operations of a frontend of its own that the server was given.',
      { reason: 'UNTRUSTED_DOCUMENT' },
    );
  }
}

export function idIn({ documentId, extensions }: GivenDocument): string | undefined {
  const { persistedQuery, documentId: extended } = extensions ?? {};
  const hash = (persistedQuery as { sha256Hash?: unknown } | null | undefined)?.sha256Hash;
  return [documentId, extended, hash].find((id) => typeof id === 'string' && id !== '') as string | undefined;
}

function refusal(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}
