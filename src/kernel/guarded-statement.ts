/** What postgres.js calls on its statements: `handler` to send one, `resolve` and `reject` when it is through. */
export interface Statement extends Promise<unknown> {
  readonly strings: readonly string[] & { readonly raw?: unknown };
  /** Puts it into words when it is read. Not to be read of what is no template: it would be kept, too. */
  readonly origin: string;
  options: object;
  /** Of the connection that it was sent to; null until then. */
  state: unknown;
  /** Whether PostgreSQL has got to it, as far as can be told. */
  active: boolean;
  /** Its answer is a stream of what COPY sends or takes. */
  streaming?: boolean;
  /** Takes a page of rows; of cursors alone. */
  readonly cursorFn?: ReadPage;
  readonly [guardOf]?: Guard;
  /** Takes every row. */
  forEachFn?: (row: unknown, answer: unknown) => void;
  /** Settles when the request is through. */
  canceller: ((statement: Statement) => Promise<unknown>) | null;
  handler: (statement: Statement) => void;
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
  execute(): unknown;
  cursor(size: number, read: ReadPage): unknown;
  simple(): unknown;
  describe(): unknown;
  values(): unknown;
  raw(): unknown;
}

export type ReadPage = (rows: unknown) => unknown;

/** Where statements pass before the library gets them. */
export interface Gate {
  pass(statement: Statement, send: () => void): void;
  /** A statement failed with its connection; its caller doesn't know yet. */
  lost(error: unknown): void;
  /** A statement is to be cancelled. */
  cancel(request: () => Promise<unknown>): void;
}

/**
 * A statement as callers have it, in the place of the library's: guarded as {@link guardConnections} says, and all that holds its
 * rows.
 *
 * postgres.js 3.4.9 makes `resolve` and `reject` of a statement by assigning a function to a property. V8 puts such functions
 * among the old objects from the start, on the guess that they are methods; and what an old object refers to, dead or not, survives
 * until the old ones are collected, too: the statement, its parameters and every row of its answer. So the library's
 * statement never gets to know its answer, and forgets what it was made of when it is through.
 */
export class GuardedStatement extends Promise<unknown> {
  /** What `then` makes is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The library's statement, or several, which is what it knows as a part of another one; anything else as it is. */
  static unwrap(value: unknown): unknown {
    if (Array.isArray(value) && value[0] instanceof GuardedStatement) return value.map(GuardedStatement.unwrap);
    return value instanceof GuardedStatement ? value.#statement : value;
  }

  readonly #statement: Statement;
  readonly #gate: Gate;
  readonly #caller: Caller;
  #isGuarded = false;

  constructor(statement: Statement, gate: Gate) {
    let caller: Caller | undefined;
    super((resolve, reject) => {
      caller = { resolve, reject };
    });
    this.#statement = statement;
    this.#gate = gate;
    this.#caller = caller!;
    putOriginIntoWords(statement);
  }

  set options(options: object) {
    this.#statement.options = options;
  }

  // biome-ignore lint/suspicious/noThenProperty: a statement is sent when somebody waits for it.
  override then<A = unknown, B = never>(
    onAnswer?: ((answer: unknown) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.execute();
    return super.then(onAnswer, onError);
  }

  execute(): this {
    this.#guard();
    this.#statement.execute();
    return this;
  }

  cancel(): void {
    const statement = this.#statement;
    const { canceller } = statement;
    // Not while it waits behind others on its connection: the library would forget it.
    if (!canceller || (statement.state && !statement.active)) return;
    this.#guard();
    statement.canceller = null;
    this.#gate.cancel(() => canceller(statement));
  }

  /** Not from the start: a mere part of another one is never sent. */
  #guard(): void {
    if (this.#isGuarded) return;
    this.#isGuarded = true;
    guard(this.#statement, this.#gate, this.#caller);
  }

  simple(): this {
    this.#statement.simple();
    return this;
  }

  describe(): this {
    this.#statement.describe();
    return this;
  }

  values(): this {
    this.#statement.values();
    return this;
  }

  raw(): this {
    this.#statement.raw();
    return this;
  }

  /** Hands over rows as they come. */
  forEach(read: (row: unknown, answer: unknown) => void): this {
    this.#statement.forEachFn = read;
    return this.execute();
  }

  /** Hands over a page of rows at a time, and waits for what is done with it. */
  cursor(size: number, read: ReadPage): this {
    if (!read) throw new TypeError('A cursor takes a function for its pages: see guardConnections().');
    const statement = this.#statement;
    statement.cursor(size, async (rows) => {
      try {
        return await read(rows);
      } finally {
        if (statement[guardOf]?.hasFailed) await new Promise(() => {});
      }
    });
    return this;
  }

  /** What COPY sends. */
  readable(): Promise<unknown> {
    return this.#stream();
  }

  /** Where COPY's rows go. */
  writable(): Promise<unknown> {
    return this.#stream();
  }

  #stream(): Promise<unknown> {
    this.#statement.simple();
    this.#statement.streaming = true;
    return this.then((stream) => stream);
  }
}

interface Caller {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const guardOf = Symbol('guard');

interface Guard {
  readonly gate: Gate;
  readonly handler: Statement['handler'];
  readonly reject: Statement['reject'];
  /** Until it knows what became of the statement. */
  caller: Caller | undefined;
  isFirst: boolean;
  hasFailed: boolean;
}

function guard(statement: Statement, gate: Gate, caller: Caller): void {
  const { handler, reject } = statement;
  Object.assign(statement, guarded, {
    [guardOf]: { gate, handler, reject, caller, isFirst: true, hasFailed: false } satisfies Guard,
  });
}

/** Methods of every statement that is sent: functions of its own would survive with it. */
const guarded = {
  handler(this: Statement): void {
    const { gate, handler } = this[guardOf]!;
    gate.pass(this, () => handler(this));
  },

  resolve(this: Statement, answer: unknown): void {
    this.active = false;
    settle(this)?.resolve(answer);
  },

  reject(this: Statement, error: unknown): void {
    const state = this[guardOf]!;
    if (state.isFirst && !this.state && isServers(error)) {
      state.isFirst = false;
      this.handler(this);
      return;
    }
    state.hasFailed = true;
    if (isLoss(error)) state.gate.lost(error);
    // The library looks at what became of a transaction's statements; at others nobody does.
    Promise.prototype.then.call(this, undefined, () => {});
    state.reject(error);
    settle(this)?.reject(error);
  },
};

/** Whoever waits for it, the first time. */
function settle(statement: Statement): Caller | undefined {
  const state = statement[guardOf]!;
  const { caller } = state;
  state.caller = undefined;
  // A cursor that is left may be spoken to once more.
  if (!statement.cursorFn) Object.assign(statement, forgotten);
  return caller;
}

/** What a statement is made of, and what was sent. */
const forgotten = { args: [], parameters: [], string: '', signature: '' };

const withOrigin = new WeakSet<readonly string[]>();

function putOriginIntoWords(statement: Statement): void {
  const { strings } = statement;
  if (!strings.raw || withOrigin.has(strings)) return;
  withOrigin.add(strings);
  void statement.origin;
}

/** The socket's own errors (Node's, with the system call that failed, or of TLS), and postgres.js's word for its end. */
function isLoss(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return code === 'CONNECTION_CLOSED' || syscall !== undefined || String(code).startsWith('ERR_SSL_');
}

/** PostgreSQL's own words. */
export function isServers(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}
