import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { withoutPassword } from './config.ts';
import type { Database, Pool } from './database.ts';
import { DatabaseSockets, lost, type SocketOptions } from './database-socket.ts';
import { guardConnections, PoolGate } from './guarded-connections.ts';
import { findWorking } from './server-processes.queries.ts';
import { type Patience, patience, SilenceWatch } from './silence-watch.ts';
import { StartupError } from './startup-error.ts';

const OLDEST_VERSION = 15;

export interface PoolOptions {
  /** Connections at most. */
  readonly max?: number;
  /** The address is a PgBouncer in transaction mode: a prepared statement could be on another connection. */
  readonly pgbouncer?: boolean;
  /** Seen in pg_stat_activity. */
  readonly applicationName?: string;
  /** With a database that doesn't answer. */
  readonly patience?: Partial<Patience>;
}

/** Opens no connection yet: the first statement does. */
export function createPool(url: string, options: PoolOptions = {}): Pool {
  const { pgbouncer = false } = options;
  // Made only to read the address.
  const { options: read } = postgres(url, {
    max: options.max ?? 10,
    prepare: !pgbouncer,
    types: { bigint: postgres.BigInt },
    connect_timeout: connectTimeout,
    // The library's own pauses grow to 20 seconds, which a database that is back again must be kept waiting for. Who repeats
    // what failed has pauses of their own.
    backoff: () => 0.02,
    connection: {
      application_name: options.applicationName ?? 'rundum',
      // PgBouncer knows no such parameters.
      ...(pgbouncer ? {} : sessionSettings),
    },
    onnotice: () => {},
  });
  const { host, port, path, ssl, sslnegotiation } = read as unknown as SocketOptions;
  const address = { host, port, path, ssl, sslnegotiation, connectTimeout };
  // The rest is for the sockets, which aren't the library's.
  const settings = {
    ...read,
    host: host.slice(0, 1),
    port: port.slice(0, 1),
    path: false,
    ssl: false,
    sslnegotiation: null,
  };
  return openPool({
    ...settings,
    address,
    pgbouncer,
    patience: { ...patience, ...options.patience },
  } as unknown as PoolSettings);
}

/**
 * A connection of its own, as those of the pool are. For what reads a statement page by page and may leave in between: where
 * such a connection is lost, postgres.js 3.4.9 has been seen to answer a later statement of somebody else without its rows.
 * Whoever opens it ends it.
 */
export function openAside(pool: Pool): Pool {
  return openPool({ ...(pool.options as unknown as PoolSettings), max: 1 });
}

/** Seconds. */
const connectTimeout = 10;

const sessionSettings = {
  // Statements over touchpoints are planned for every month there is: milliseconds, for a plan that runs in a
  // tenth of that. PostgreSQL's own choice often is to plan anew each time. Ours are written so that one plan fits
  // all values (months are pruned when it starts); those that aren't go unprepared, with their limits as literals.
  plan_cache_mode: 'force_generic_plan',
  // A node that froze or vanished in the middle of a transaction must not hold its locks against the others.
  idle_in_transaction_session_timeout: 60_000,
  tcp_keepalives_idle: '15',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
};

/** What postgres.js has read, and what we need to make sockets. It is passed through as it is. */
interface PoolSettings {
  readonly max: number;
  readonly pgbouncer: boolean;
  readonly address: SocketOptions;
  readonly patience: Patience;
  readonly shared: { readonly typeArrayMap: object };
  fetch_types: boolean;
}

function openPool(given: PoolSettings, watched = true): Pool {
  const gate = new PoolGate();
  const watch = watched ? new SilenceWatch((processes) => askWhoWorks(given, processes), given.patience) : undefined;
  const sockets = new DatabaseSockets(given.address, (socket) => {
    gate.watch(socket);
    watch?.watch(socket);
  });
  const settings = {
    ...given,
    socket() {
      learnTypesOnce(settings);
      return sockets.open();
    },
  };
  const pool = postgres(
    settings as unknown as postgres.Options<Record<string, postgres.PostgresType>>,
  ) as unknown as Pool;
  const end = pool.end.bind(pool);
  return Object.assign(guardConnections(pool, gate), {
    end(...args: Parameters<typeof end>) {
      sockets.close();
      return end(...args);
    },
  });
}

/**
 * Each connection of postgres.js begins by asking for the types of arrays, for all of them. The loss of a connection at that
 * moment is an error that nobody can catch, and ends the process; so only the first one asks.
 */
function learnTypesOnce(settings: PoolSettings): void {
  if (Object.keys(settings.shared.typeArrayMap).length > 0) settings.fetch_types = false;
}

/** Through PgBouncer the numbers of processes mean nothing: whoever answers speaks for all. */
async function askWhoWorks(settings: PoolSettings, processes: readonly number[]): Promise<ReadonlySet<number>> {
  const { pgbouncer } = settings;
  const { answerMs, silenceMs } = settings.patience;
  const aside = openPool({ ...settings, max: 1 }, false);
  try {
    const late = sleep(answerMs, undefined, { ref: false }).then(() => {
      throw lost('The database did not answer in time.');
    });
    late.catch(() => {});
    const working = findWorking(aside, pgbouncer ? [] : processes, silenceMs);
    const found = await Promise.race([working, late]);
    return pgbouncer ? new Set(processes) : found;
  } finally {
    await aside.end({ timeout: 0 });
  }
}

/** Throws a {@link StartupError} in one sentence if this database can't be reached or used. */
export async function checkDatabase(pool: Pool): Promise<void> {
  const where = addressOf(pool);
  const facts = await readFacts(pool).catch((error: unknown) => {
    throw unusable(where, error);
  });
  if (facts.version < OLDEST_VERSION * 10_000) {
    throw new StartupError(
      `Rundum needs PostgreSQL ${OLDEST_VERSION} or newer; the database at ${where} is PostgreSQL ${facts.versionName}.`,
    );
  }
  if (facts.encoding !== 'UTF8') {
    throw new StartupError(`The database at ${where} has the encoding ${facts.encoding}; Rundum needs UTF8.`);
  }
  if (facts.readOnly)
    throw new StartupError(`The database at ${where} is read-only (a standby?); Rundum needs to write.`);
  if (!facts.mayCreate) {
    throw new StartupError(
      `The user "${facts.role}" may not create tables in the database at ${where}: grant it CREATE on the schema "${facts.schema}".`,
    );
  }
  if (!facts.mayHaveViews) {
    throw new StartupError(
      `The user "${facts.role}" may not create the schema "bi" in the database at ${where}: grant it CREATE on the database, or create that schema as its owner.`,
    );
  }
}

interface Facts {
  /** Has the schema of views for BI tools, or may make it. */
  mayHaveViews: boolean;
  version: number;
  versionName: string;
  encoding: string;
  readOnly: boolean;
  role: string;
  schema: string;
  mayCreate: boolean;
}

async function readFacts(db: Database): Promise<Facts> {
  const [facts] = await db<Facts[]>`
    select current_setting('server_version_num')::int as version,
           current_setting('server_version') as "versionName",
           current_setting('server_encoding') as encoding,
           current_setting('transaction_read_only') = 'on' as "readOnly",
           current_user as role,
           coalesce(current_schema(), '(none)') as schema,
           coalesce(has_schema_privilege(current_schema(), 'create'), false) as "mayCreate",
           to_regnamespace('bi') is not null or has_database_privilege(current_database(), 'create') as "mayHaveViews"`;
  if (!facts) throw new Error('The database answered without a row.');
  return facts;
}

function addressOf(pool: Pool): string {
  const { host, port, database } = pool.options;
  return `${host[0]}:${port[0]}/${database}`;
}

/** What to do about each way in which connecting fails. Codes are Node's, postgres.js's and PostgreSQL's. */
function unusable(where: string, error: unknown): StartupError {
  const { code, message } = error as { code?: string; message: string };
  return new StartupError(`${reasonOf(where, code)} (${withoutPassword(message)})`, { cause: error });
}

function reasonOf(where: string, code: string | undefined): string {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'CONNECTION_CLOSED':
    case 'CONNECT_TIMEOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `No PostgreSQL answers at ${where}: is it running, and is DATABASE_URL right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host of DATABASE_URL (${where}) is not known.`;
    case '28P01':
    case '28000':
      return `PostgreSQL at ${where} refuses this user or password.`;
    case '3D000':
      return `PostgreSQL has no database ${where}: create it first.`;
    case '53300':
      return `PostgreSQL at ${where} has no connection free.`;
    case '57P03':
      return `PostgreSQL at ${where} is starting up or shutting down: try again in a moment.`;
    default:
      return `The database at ${where} can't be used.`;
  }
}
