import type { Fragment } from 'postgres';
import type { Database, Tx } from './database.ts';

/**
 * What many transactions work by and one changes alone: programmes, settings, segments. Each process keeps it in memory and reads
 * it anew when its state says so. `S`: what its state is, as JSON.
 */
export interface SharedBook<S> {
  /** Number of an advisory lock: shared by all who work by it (`for share` would write its row for each), exclusive to whoever changes it. */
  readonly lock: number;
  /** An expression of type jsonb; seen by whoever has the lock. */
  state(db: Database): Fragment;
  /** Never there: lets the type of the state be found out. */
  readonly of?: S;
}

const held = new WeakMap<Tx, ReadonlyMap<SharedBook<unknown>, Promise<unknown>>>();

/**
 * Keeps several books as they are until the transaction ends, by two statements, which are sent together: the second must see
 * what the change committed that the first may have waited for. Whoever holds one of them later in the transaction gets the
 * state that was found here; so this is for transactions that change none of them. After the locks on customers.
 */
export function holdAll(tx: Tx, books: readonly SharedBook<unknown>[]): void {
  const [first, ...others] = books.map((book) => book.state(tx));
  if (!first) return;
  const locks = books.map(({ lock }) => lock);
  const states = lockAndRead(
    tx,
    locks,
    others.reduce((all, state) => tx`${all}, ${state}`, first),
  );
  const stateOf = new Map(books.map((book, index) => [book, states.then((all) => all[index])]));
  // Whoever holds one hears of a failure. Perhaps nobody does.
  for (const state of stateOf.values()) state.catch(() => {});
  held.set(tx, stateOf);
}

/** Keeps a book as it is until the transaction ends; answers its state. After the locks on customers. */
export async function hold<S>(tx: Tx, book: SharedBook<S>): Promise<S> {
  const known = held.get(tx)?.get(book);
  if (known) return known as Promise<S>;
  const [state] = await lockAndRead(tx, [book.lock], book.state(tx));
  return state as S;
}

/** As it is now; it may change at any moment. */
export async function readState<S>(db: Database, book: SharedBook<S>): Promise<S> {
  const [row] = await db<{ state: S }[]>`select ${book.state(db)} as state`;
  return row!.state;
}

/** Waits for every transaction that holds the book, and keeps new ones waiting until this one ends. */
export async function lockAlone(tx: Tx, { lock }: SharedBook<unknown>): Promise<void> {
  await tx`select pg_advisory_xact_lock(${lock})`;
}

async function lockAndRead(tx: Tx, locks: readonly number[], states: Fragment): Promise<unknown[]> {
  // Both of them here: queries are sent in the order in which they are awaited, and one in a function would be first.
  const [, rows] = await Promise.all([
    tx`select pg_advisory_xact_lock_shared(lock) from unnest(${`{${locks.join(',')}}`}::bigint[]) as given (lock)`,
    tx<{ states: unknown[] }[]>`select jsonb_build_array(${states}) as states`,
  ]);
  return rows[0]!.states;
}
