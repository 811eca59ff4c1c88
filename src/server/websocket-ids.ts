/** What the library knows of one connection's operations. */
export interface OperationIdsOptions {
  /** Deals with a message; of a `subscribe` it resolves when the operation is over. */
  readonly handle: (text: string) => Promise<void>;
  /** The id of the operation that the message just handed over has begun, if it has. */
  readonly begun: () => string | undefined;
  /** Whether the peer has an operation of this id that it has not completed. */
  readonly isActive: (id: string) => boolean;
}

/**
 * Lets a peer use the id of an operation again as soon as it has completed it.
 *
 * graphql-ws goes by the id alone. An operation that the peer has completed takes a moment until it is over (it may still
 * be opening its subscription); if another has begun under its id by then, it sends its results under that id, completes it,
 * and leaves behind a subscription that nothing ever ends. So what is for such an id waits until the former is over.
 */
export class OperationIds {
  readonly #options: OperationIdsOptions;
  /** Operations that are not over, by id. */
  readonly #busy = new Set<string>();
  /** Messages that wait for one of them. */
  readonly #waiting = new Map<string, string[]>();

  constructor(options: OperationIdsOptions) {
    this.#options = options;
  }

  /** How many messages wait. */
  get waiting(): number {
    let count = 0;
    for (const texts of this.#waiting.values()) count += texts.length;
    return count;
  }

  async take(text: string): Promise<void> {
    if (this.#busy.size === 0) return this.#start(text);
    const id = idOf(text);
    if (id === undefined || !this.#mustWait(id, text)) return this.#start(text);
    const texts = this.#waiting.get(id) ?? [];
    texts.push(text);
    this.#waiting.set(id, texts);
  }

  /** The connection has closed. */
  close(): void {
    this.#waiting.clear();
  }

  #mustWait(id: string, text: string): boolean {
    if (this.#waiting.has(id)) return true;
    return this.#busy.has(id) && !this.#options.isActive(id) && typeOf(text) === 'subscribe';
  }

  async #start(text: string): Promise<void> {
    const done = this.#options.handle(text);
    const id = this.#options.begun();
    if (id === undefined) return done;
    this.#busy.add(id);
    try {
      await done;
    } finally {
      this.#busy.delete(id);
      await this.#goOn(id);
    }
  }

  /** Hands over what waits, up to the next that has to wait. */
  async #goOn(id: string): Promise<void> {
    const texts = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    await Promise.all(texts.map((text) => this.take(text)));
  }
}

/** Most clients begin with it; then a large message need not be read twice. */
function idOf(text: string): string | undefined {
  const [, simple] = /^\{"id":"([\w-]*)"/.exec(text) ?? [];
  return simple ?? memberOf(text, 'id');
}

function typeOf(text: string): string | undefined {
  const [, simple] = /^\{"id":"[\w-]*","type":"(\w+)"/.exec(text) ?? [];
  return simple ?? memberOf(text, 'type');
}

function memberOf(text: string, name: 'id' | 'type'): string | undefined {
  try {
    const value = (JSON.parse(text) as Record<string, unknown> | null)?.[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    // For the library to refuse.
    return undefined;
  }
}
