import type postgres from 'postgres';
import { openAside } from '../../kernel/connect.ts';
import type { Database, Pool, Tx } from '../../kernel/database.ts';
import { PageExchange } from './page-exchange.ts';

type Rows<R> = postgres.PendingQuery<(R & object)[]> | postgres.PendingValuesQuery<(R & readonly unknown[])[]>;

export interface RowStream<R> {
  /** What is read first, in the same transaction. */
  readonly before?: (tx: Tx) => Promise<void>;
  /** The statement, made for the transaction that it runs in. */
  readonly query: (tx: Tx) => Rows<R>;
  /** Rows of a page. */
  readonly size: number;
  /** Seconds that it may take in all, reading included. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
}

/**
 * The rows of one statement, page by page, as of one instant. PostgreSQL makes the next page while the reader has this one,
 * and no further one: whatever the size, two pages are in memory. A reader who ends early, or aborts, ends the statement. It has
 * a connection of its own: readers who take their time keep nobody else waiting.
 */
export async function* streamRows<R>(pool: Pool, stream: RowStream<R>): AsyncGenerator<readonly R[], void, void> {
  const exchange = new PageExchange<readonly R[]>();
  const ended = run(pool, stream, exchange);
  const abort = () => exchange.leave(stream.signal?.reason);
  stream.signal?.addEventListener('abort', abort, { once: true });
  if (stream.signal?.aborted) abort();
  try {
    for (;;) {
      const page = await exchange.take();
      if (page === undefined) return;
      yield page;
    }
  } finally {
    stream.signal?.removeEventListener('abort', abort);
    exchange.leave();
    await ended;
  }
}

/** Never rejects: what went wrong is told to the reader. */
async function run<R>(pool: Pool, stream: RowStream<R>, exchange: PageExchange<readonly R[]>): Promise<void> {
  const own = openAside(pool);
  try {
    await own.begin('isolation level repeatable read read only', async (tx) => {
      const pid = await prepare(tx, stream.seconds);
      const cancelled = cancelOnLeave(pool, exchange, pid);
      await stream.before?.(tx);
      await readPages(pool, stream.query(tx), { size: stream.size, exchange });
      await cancelled();
    });
    exchange.finish();
  } catch (error) {
    exchange.fail(error);
  } finally {
    await own.end({ timeout: 0 });
  }
}

async function readPages<R>(
  pool: Pool,
  query: Rows<R>,
  { size, exchange }: { size: number; exchange: PageExchange<readonly R[]> },
): Promise<void> {
  if (exchange.left) return;
  let last: Promise<boolean> | undefined;
  // While nobody takes the page, the cursor waits.
  const reading = query.cursor(size, async (rows) => {
    last = exchange.give(rows as unknown as readonly R[]);
    const goOn = await last;
    return goOn ? undefined : (pool as unknown as postgres.Sql).CLOSE;
  });
  try {
    await reading;
  } catch (error) {
    if (!exchange.left) throw error;
  }
  // The library does not wait for the last page to be taken.
  await last;
}

/** What PostgreSQL may take to sort and hash; the rest goes to disk. */
const workMemory = '64MB';

/** Times as text are in UTC; the plan is made for the values of this statement. Answers the process that runs it. */
async function prepare(tx: Tx, seconds: number): Promise<number> {
  const [row] = await tx<{ pid: number }[]>`
    select pg_backend_pid() as pid, set_config('work_mem', ${workMemory}, true),
           set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
           set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
           set_config('statement_timeout', ${`${Math.round(seconds * 1000)}ms`}, true)`;
  return row!.pid;
}

/**
 * Ends a statement that is still being run when the reader leaves. By a statement, not by postgres.js's `cancel`: that one
 * can't be waited for, and could hit whatever the connection does next. Answers a function that waits until it was done.
 */
function cancelOnLeave(pool: Pool, exchange: Pick<PageExchange<never>, 'onLeave'>, pid: number): () => Promise<void> {
  let done: Promise<unknown> | undefined;
  exchange.onLeave((working) => {
    if (working) done = cancel(pool, pid).catch(() => {});
  });
  return async () => {
    await done;
  };
}

async function cancel(db: Database, pid: number): Promise<void> {
  await db`select pg_cancel_backend(${pid})`;
}
