import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Database, Pool, Tx } from './database.ts';
import { StartupError } from './startup-error.ts';

/** Two levels up from `src/kernel` and from `dist/kernel` alike. */
const folder = new URL('../../migrations/', import.meta.url);

const journal = z.object({ entries: z.array(z.object({ tag: z.string() })) });

/** SQLSTATE of a lock that was waited for too long. */
const lockNotAvailable = '55P03';
const mostTries = 10;
const tooBusy =
  'The database could not be migrated: something holds its tables for longer than a second, again and again. ' +
  'End long transactions (pg_stat_activity tells which) and start again; nothing was changed.';

export interface MigrateOptions {
  /** Only these; all, when left out. For a restore, whose rows have the schema of another release. */
  readonly names?: readonly string[];
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly hash: string;
}

export interface MigrationState {
  readonly applied: readonly string[];
  /** In this release, not yet in the database: `rundum migrate` applies them. */
  readonly pending: readonly string[];
  /** In the database, not in this release: a newer Rundum was here. */
  readonly unknown: readonly string[];
}

/**
 * Brings the database up to this release and returns the names of what was applied.
 *
 * Everything happens in one transaction behind a transaction-scoped advisory lock. So two processes that start together
 * take turns, a failure leaves nothing behind, and it works through PgBouncer too, where a session-scoped lock could end
 * up on another connection. Drizzle's own migrator takes no lock at all.
 */
export async function migrate(pool: Pool, { names: only }: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations();
  refuseUnknown(migrations, only ?? []);
  const names = await withPatience(() =>
    pool.begin(async (tx) => {
      await lockMigrations(tx);
      await limitWaiting(tx);
      await createMigrationsTable(tx);
      const applied = await listApplied(tx);
      refuseForeign(migrations, applied);
      const wanted = only ? migrations.filter(({ name }) => only.includes(name)) : migrations;
      const pending = wanted.filter((migration) => !applied.has(migration.name));
      for (const migration of pending) await apply(tx, migration);
      return pending.map((migration) => migration.name);
    }),
  );
  return names;
}

/**
 * Another try where a lock was not to be had in time. A statement that waits for a table makes everybody else wait for the
 * table behind it; so it gives up soon, lets them through, and comes again.
 */
async function withPatience<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotAvailable) throw error;
      if (tries === mostTries) throw new StartupError(tooBusy, { cause: error });
      await delay(tries * 200);
    }
  }
}

/** Compares the database with this release; changes nothing. */
export async function migrationState(db: Database): Promise<MigrationState> {
  const migrations = await readMigrations();
  const applied = (await hasMigrationsTable(db)) ? await listApplied(db) : new Map<string, string>();
  const known = new Set(migrations.map((migration) => migration.name));
  return {
    applied: [...applied.keys()],
    pending: [...known].filter((name) => !applied.has(name)),
    unknown: [...applied.keys()].filter((name) => !known.has(name)),
  };
}

/** In the order of drizzle-kit's journal. */
async function readMigrations(): Promise<Migration[]> {
  const { entries } = journal.parse(JSON.parse(await readFile(new URL('meta/_journal.json', folder), 'utf8')));
  return Promise.all(
    entries.map(async ({ tag }) => {
      const sql = await readFile(new URL(`${tag}.sql`, folder), 'utf8');
      return { name: tag, sql, hash: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function refuseUnknown(migrations: readonly Migration[], names: readonly string[]): void {
  const unknown = names.find((name) => !migrations.some((migration) => migration.name === name));
  if (unknown) throw new StartupError(`This release has no migration "${unknown}": a newer one is needed.`);
}

function refuseForeign(migrations: readonly Migration[], applied: ReadonlyMap<string, string>): void {
  const hashes = new Map(migrations.map((migration) => [migration.name, migration.hash]));
  for (const [name, hash] of applied) {
    const ours = hashes.get(name);
    if (ours === undefined) {
      throw new StartupError(`The database was migrated by a newer Rundum (it has "${name}"): update this one.`);
    }
    if (ours !== hash) {
      throw new StartupError(
        `The migration "${name}" has changed since it was applied to this database; migrations are append-only.`,
      );
    }
  }
}

async function apply(tx: Tx, migration: Migration): Promise<void> {
  // Without parameters the simple protocol is used, which takes many statements at once.
  await tx.unsafe(migration.sql);
  await tx`insert into migrations (name, hash, applied_at) values (${migration.name}, ${migration.hash}, now())`;
}

async function limitWaiting(tx: Tx): Promise<void> {
  await tx`select set_config('lock_timeout', '1s', true)`;
}

async function lockMigrations(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('rundum migrations', 0))`;
}

async function createMigrationsTable(tx: Tx): Promise<void> {
  await tx`
    create table if not exists migrations (
      name text primary key,
      hash text not null,
      applied_at timestamptz not null
    )`;
}

async function hasMigrationsTable(db: Database): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`select to_regclass('migrations') is not null as found`;
  return row?.found ?? false;
}

/** Name → hash, oldest first. */
async function listApplied(db: Database): Promise<Map<string, string>> {
  const rows = await db<{ name: string; hash: string }[]>`select name, hash from migrations order by name`;
  return new Map(rows.map((row) => [row.name, row.hash]));
}
