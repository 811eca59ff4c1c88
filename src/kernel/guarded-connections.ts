import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Pool, Tx } from './database.ts';

/**
 * Makes a pool safe against the loss of its connections.
 *
 * Transactions: postgres.js 3.4.9 sends whatever a transaction says next (another statement, its own `rollback` or `commit`) to the
 * connection object even when the socket behind it is gone. That ends the process with a TypeError that nobody can
 * catch (porsager/postgres#1066, #1154, #1208) or, once the object has connected again, runs the statement outside any
 * transaction (#1155). So from the moment at which a connection is lost:
 *
 * - statements of its transaction are refused here and never reach the library;
 * - the function given to `begin` seems never to settle, so that the library has nothing to commit or to roll back. It
 *   rejects the call by itself when the socket closes, which Node always does after an error; PostgreSQL rolls back.
 *
 * Between the end of the function and the moment at which the library hands over its `commit` there are only
 * microtasks: no socket can report anything there.
 *
 * Cursors: whoever has a page of rows when the connection is lost, and then asks for the next one or leaves, makes the library write
 * to a socket that is gone, another such TypeError. So from then on nobody is heard. That holds for cursors with a function; the
 * library's iterator takes the statement's failures for itself, and would take the loss for the end of the rows.
 *
 * Single statements: between a socket's error and its end, the library still sends statements to it. They are never
 * answered, and the connection is stuck for good. So while that lasts, a turn of the event loop, new ones wait.
 *
 * Statements that are cancelled: the library asks PostgreSQL by a connection of its own and waits for nothing; a statement that
 * ends by itself just then lets the request hit whatever its connection does next, for whoever that is. So a transaction does not
 * end before its requests are through, and single statements can't be cancelled.
 *
 * What statements remember: for each template the library keeps the error with which it tells later where the statement came from, for
 * good. Such an error holds whatever the first transaction held that sent it, until it has been put into words; so that is done.
 *
 * The first statement after a loss: where the database said farewell in the middle of a statement, the library keeps that
 * error and gives it to whoever uses the connection first when it has been made again. What wasn't sent has done nothing: such
 * a statement is sent, and a transaction begun, once more.
 */
export function guardConnections(pool: Pool, gate = new PoolGate()): Pool {
  const begin = pool.begin.bind(pool) as Begin;
  const attempt = async (options: string, work: Work) => {
    const link = new TransactionGate(gate);
    while (gate.opening) await gate.opening;
    try {
      return await begin(options, guard(work, link));
    } catch (error) {
      // Also how a transaction hears of it that was between two statements.
      link.loss ??= error;
      throw error;
    }
  };
  const guarded = async (...args: [string, Work] | [Work]) => {
    const [options, work] = args.length === 1 ? ['', args[0]] : args;
    let hasBegun = false;
    const mark: Work = (tx) => {
      hasBegun = true;
      return work(tx);
    };
    return attempt(options, mark).catch((error: unknown) => {
      if (hasBegun || !isServers(error)) throw error;
      return attempt(options, mark);
    });
  };
  return Object.assign(guardStatements(pool, gate), { begin: guarded });
}

type Work = (tx: Tx) => unknown;
type Begin = (options: string, work: Work) => Promise<unknown>;

type ReadPage = (rows: unknown) => unknown;

/** What postgres.js calls on its statements: `handler` to send one, `reject` when it failed. */
interface Statement extends Promise<unknown> {
  cursor: (size: number, read: ReadPage) => unknown;
  readonly strings: readonly string[] & { readonly raw?: unknown };
  /** Puts it into words when it is read. Not to be read of what is no template: it would be kept, too. */
  readonly origin: string;
  /** Of the connection that it was sent to; null until then. */
  state: unknown;
  /** Whether PostgreSQL has got to it, as far as can be told. */
  active: boolean;
  /** What `cancel` calls; settles when the request is through. */
  canceller: (statement: Statement) => Promise<unknown>;
  handler: (statement: Statement) => void;
  reject: (error: unknown) => void;
}

/** Where statements pass before the library gets them. */
interface Gate {
  pass(statement: Statement, send: () => void): void;
  /** A statement failed with its connection; its caller doesn't know yet. */
  lost(error: unknown): void;
  /** A statement is to be cancelled. */
  cancel(request: () => Promise<unknown>): void;
}

/** Lets statements wait while a socket is about to end. */
export class PoolGate implements Gate {
  /** Undefined while it is open. */
  opening: Promise<void> | undefined;

  /** A connection that nobody uses just now may be lost, too. */
  watch(socket: Socket): void {
    socket.once('error', () => this.#shutUntil(once(socket, 'close').then(nextTurn)));
  }

  pass(statement: Statement, send: () => void): void {
    if (this.opening) void this.opening.then(() => this.pass(statement, send));
    else send();
  }

  lost(): void {
    this.#shutUntil(twoTurns());
  }

  cancel(): void {
    throw new TypeError('Only a statement of a transaction can be cancelled: see guardConnections().');
  }

  #shutUntil(moment: Promise<unknown>): void {
    const opening: Promise<void> = Promise.allSettled([this.opening, moment]).then(() => {
      if (this.opening === opening) this.opening = undefined;
    });
    this.opening = opening;
  }
}

/** The first may be the rest of the present one. */
async function twoTurns(): Promise<void> {
  await nextTurn();
  await nextTurn();
}

/** Refuses the statements of a transaction whose connection is lost. */
class TransactionGate implements Gate {
  readonly #pool: PoolGate;
  readonly #requests: Promise<unknown>[] = [];
  /** The error that told of it. */
  loss: unknown;

  constructor(pool: PoolGate) {
    this.#pool = pool;
  }

  pass(statement: Statement, send: () => void): void {
    if (this.loss === undefined) {
      send();
    } else {
      // Perhaps nobody waits for it.
      statement.catch(() => {});
      statement.reject(this.loss);
    }
  }

  lost(error: unknown): void {
    this.loss ??= error;
    this.#pool.lost();
  }

  cancel(request: () => Promise<unknown>): void {
    this.#requests.push(request());
  }

  /** Whether they came through or not, none comes later. */
  async cancelled(): Promise<void> {
    await Promise.allSettled(this.#requests);
  }
}

function guard(work: Work, gate: TransactionGate): Work {
  return async (tx) => {
    try {
      const result = work(guardTx(tx, gate));
      const settled = await (Array.isArray(result) ? Promise.all(result) : result);
      await gate.cancelled();
      if (gate.loss === undefined) return settled;
    } catch (error) {
      await gate.cancelled();
      if (gate.loss === undefined) throw error;
    }
    return new Promise(() => {});
  };
}

function guardTx(tx: Tx, gate: TransactionGate): Tx {
  const guarded = guardStatements(tx, gate);
  return Object.assign(guarded, {
    notify: (channel: string, payload: string) => guarded`select pg_notify(${channel}, ${payload})`,
    savepoint: (...args: [string, Work] | [Work]) =>
      args.length === 1 ? tx.savepoint(guard(args[0], gate)) : tx.savepoint(args[0], guard(args[1], gate)),
  });
}

function guardStatements<T extends Database>(db: T, gate: Gate): T {
  const make = db as unknown as (...args: unknown[]) => unknown;
  const guarded = (...args: unknown[]) => guardStatement(make(...args), gate);
  return Object.assign(guarded, db, {
    unsafe: (...args: Parameters<Database['unsafe']>) => guardStatement(db.unsafe(...args), gate),
    file: (...args: Parameters<Database['file']>) => guardStatement(db.file(...args), gate),
  }) as unknown as T;
}

function guardStatement<T>(made: T, gate: Gate): T {
  // An identifier or a list of values, a part of statements.
  if (!(made instanceof Promise)) return made;
  const statement = made as unknown as Statement;
  const { handler, reject, canceller } = statement;
  putOriginIntoWords(statement);
  const cursor = statement.cursor.bind(statement);
  let hasFailed = false;
  statement.cursor = (size, read) => {
    if (!read) throw new TypeError('A cursor takes a function for its pages: see guardConnections().');
    return cursor(size, async (rows) => {
      try {
        return await read(rows);
      } finally {
        if (hasFailed) await new Promise(() => {});
      }
    });
  };
  // Not while it waits behind others on its connection: the library would forget it.
  statement.canceller = () => {
    if (!statement.state || statement.active) gate.cancel(() => canceller(statement));
    return Promise.resolve();
  };
  statement.handler = () => gate.pass(statement, () => handler(statement));
  // Not a `catch`: that would run the statement, and it may be a mere part of another.
  let isFirst = true;
  statement.reject = (error) => {
    if (isFirst && !statement.state && isServers(error)) {
      isFirst = false;
      gate.pass(statement, () => handler(statement));
      return;
    }
    hasFailed = true;
    if (isLoss(error)) gate.lost(error);
    reject(error);
  };
  return made;
}

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
function isServers(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}
