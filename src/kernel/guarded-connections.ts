import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database, Pool, Tx } from './database.ts';
import { type Gate, GuardedStatement, isServers, type Statement } from './guarded-statement.ts';

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
 * Their answers: neither the library's statement nor a transaction's function is to hold on to them ({@link GuardedStatement}).
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

/** The library keeps the function for longer than the transaction (see {@link GuardedStatement}), but not what it does. */
function guard(work: Work, gate: TransactionGate): Work {
  let left: Work | undefined = work;
  return async (tx) => {
    const run = left!;
    left = undefined;
    try {
      const result = run(guardTx(tx, gate));
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
  const guarded = (...args: unknown[]) => guardStatement(make(...args.map(GuardedStatement.unwrap)), gate);
  return Object.assign(guarded, db, {
    unsafe: (...args: Parameters<Database['unsafe']>) => guardStatement(db.unsafe(...args), gate),
    file: (...args: Parameters<Database['file']>) => guardStatement(db.file(...args), gate),
  }) as unknown as T;
}

/** An identifier or a list of values, a part of statements, is left as it is. */
function guardStatement(made: unknown, gate: Gate): unknown {
  return made instanceof Promise ? new GuardedStatement(made as unknown as Statement, gate) : made;
}
