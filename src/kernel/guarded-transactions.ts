import type { Pool, Tx } from './database.ts';

/**
 * Makes the transactions of a pool safe against the loss of their connection.
 *
 * postgres.js 3.4.9 sends whatever a transaction says next (another statement, its own `rollback` or `commit`) to the
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
 */
export function guardTransactions(pool: Pool): Pool {
  const begin = pool.begin.bind(pool) as Begin;
  const guarded = async (...args: [string, Work] | [Work]) => {
    const [options, work] = args.length === 1 ? ['', args[0]] : args;
    const link: Link = { loss: undefined };
    try {
      return await begin(options, guard(work, link));
    } catch (error) {
      // Also how a transaction hears of it that was between two statements.
      link.loss ??= error;
      throw error;
    }
  };
  return Object.assign(pool, { begin: guarded });
}

type Work = (tx: Tx) => unknown;
type Begin = (options: string, work: Work) => Promise<unknown>;

/** One transaction's connection. */
interface Link {
  /** The error that told of its end. */
  loss: unknown;
}

function guard(work: Work, link: Link): Work {
  return async (tx) => {
    try {
      const result = work(guardTx(tx, link));
      const settled = await (Array.isArray(result) ? Promise.all(result) : result);
      if (link.loss === undefined) return settled;
    } catch (error) {
      if (link.loss === undefined) throw error;
    }
    return new Promise(() => {});
  };
}

function guardTx(tx: Tx, link: Link): Tx {
  const run = tx as unknown as (...args: unknown[]) => unknown;
  const guarded = (...args: unknown[]) => guardStatement(run(...args), link);
  const statement = guarded as unknown as Tx;
  return Object.assign(guarded, tx, {
    unsafe: (...args: Parameters<Tx['unsafe']>) => guardStatement(tx.unsafe(...args), link),
    file: (...args: Parameters<Tx['file']>) => guardStatement(tx.file(...args), link),
    notify: (channel: string, payload: string) => statement`select pg_notify(${channel}, ${payload})`,
    savepoint: (...args: [string, Work] | [Work]) =>
      args.length === 1 ? tx.savepoint(guard(args[0], link)) : tx.savepoint(args[0], guard(args[1], link)),
  }) as unknown as Tx;
}

/** What postgres.js calls on its statements: `handler` to send one, `reject` when it failed. */
interface Statement extends Promise<unknown> {
  handler: (statement: Statement) => void;
  reject: (error: unknown) => void;
}

function guardStatement<T>(made: T, link: Link): T {
  // An identifier or a list of values, a part of statements.
  if (!(made instanceof Promise)) return made;
  const statement = made as unknown as Statement;
  const { handler, reject } = statement;
  statement.handler = () => {
    if (link.loss === undefined) return handler(statement);
    statement.catch(() => {});
    reject(link.loss);
  };
  // Not a `catch`: that would run the statement, and it may be a mere part of another.
  statement.reject = (error) => {
    if (isLoss(error)) link.loss ??= error;
    reject(error);
  };
  return made;
}

/** The socket's own errors (Node's, with the system call that failed, or of TLS), and postgres.js's word for its end. */
function isLoss(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return code === 'CONNECTION_CLOSED' || syscall !== undefined || String(code).startsWith('ERR_SSL_');
}
