import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { openAside } from '../connect.ts';
import type { Pool, Tx } from '../database.ts';
import { migrate, migrationState } from '../migrate.ts';
import { StartupError } from '../startup-error.ts';
import {
  analyze,
  copyIn,
  copyOut,
  emptySeeds,
  findTables,
  fixTexts,
  hasRows,
  listPartitionNames,
  listTables,
  type TableShape,
} from './backup.queries.ts';
import { dataFile, type Manifest, manifestFile, readManifest, type TableFacts } from './manifest.ts';

export interface BackupOptions {
  /** Made by the backup, or there and empty. */
  readonly folder: string;
  /** Release of Rundum. */
  readonly version: string;
  readonly now: Date;
  /** The table whose partitions are months, and how to read a month from a partition's name. */
  readonly partitioned: Partitioned;
  readonly onTable?: (facts: TableFacts) => void;
}

export interface Partitioned {
  readonly table: string;
  readonly monthOf: (partition: string) => string | undefined;
  ensure(pool: Pool, months: readonly string[]): Promise<void>;
}

/**
 * Writes everything that is committed at one instant into a folder, beside everything else that goes on: one compressed file
 * of rows for each table, and a manifest with their counts and hashes. Independent of the version of PostgreSQL, and of its
 * tools, which the embedded one comes without.
 */
export async function writeBackup(pool: Pool, options: BackupOptions): Promise<Manifest> {
  const { folder, version, now, partitioned } = options;
  // Whatever release it is of: before an upgrade is when backups are made.
  if ((await findTables(pool)) === 0) throw new StartupError('The database is empty: there is nothing to back up.');
  await makeEmptyFolder(folder);
  const aside = openAside(pool);
  try {
    return await aside.begin('isolation level repeatable read read only', async (tx) => {
      await fixTexts(tx);
      const { applied } = await migrationState(tx);
      const tables: TableFacts[] = [];
      for (const shape of await listTables(tx)) {
        const facts = await writeTable(tx, shape, folder);
        tables.push(facts);
        options.onTable?.(facts);
      }
      const names = await listPartitionNames(tx, partitioned.table);
      const manifest: Manifest = {
        format: 1,
        version,
        takenAt: now.toISOString(),
        postgres: await postgresVersion(tx),
        migrations: [...applied],
        months: names.map(partitioned.monthOf).filter((month) => month !== undefined),
        tables,
      };
      await writeFile(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
      return manifest;
    });
  } finally {
    await aside.end();
  }
}

/** It holds everybody's data and the secrets of the database: nobody else may look into it. */
async function makeEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await readdir(folder);
  if (found.length > 0) throw new StartupError(`${folder} is not empty; a backup needs a folder of its own.`);
}

async function writeTable(tx: Tx, shape: TableShape, folder: string): Promise<TableFacts> {
  const meter = new Meter();
  const file = createWriteStream(dataFile(folder, shape.name), { mode: 0o600 });
  await pipeline(await copyOut(tx, shape), meter, createGzip({ level: 1 }), file);
  return { name: shape.name, columns: [...shape.columns], ...meter.facts };
}

async function postgresVersion(tx: Tx): Promise<string> {
  const [row] = await tx<{ version: string }[]>`select current_setting('server_version') as version`;
  return row!.version;
}

/** Counts and hashes what passes. A line of COPY's text is a row: line breaks within values are written as `\n`. */
class Meter extends Transform {
  readonly #hash = createHash('sha256');
  #rows = 0;
  #bytes = 0;

  get facts(): Pick<TableFacts, 'rows' | 'bytes' | 'sha256'> {
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.copy().digest('hex') };
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error: null, chunk: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) this.#rows += 1;
    done(null, chunk);
  }
}

/** What is not as the manifest says, in sentences; empty: all is well. Needs no database. */
export async function checkBackup(folder: string): Promise<string[]> {
  const { tables } = await readManifest(folder);
  const problems: string[] = [];
  for (const table of tables) {
    const meter = new Meter();
    try {
      await pipeline(createReadStream(dataFile(folder, table.name)), createGunzip(), meter, nowhere);
      if (meter.facts.sha256 !== table.sha256) problems.push(differs(table, meter.facts));
    } catch (error) {
      problems.push(`${table.name}: its file can't be read (${(error as Error).message}).`);
    }
  }
  return problems;
}

async function nowhere(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

function differs(expected: TableFacts, { rows, sha256 }: Pick<TableFacts, 'rows' | 'sha256'>): string {
  const what = rows === expected.rows ? 'other values' : `${rows} rows instead of ${expected.rows}`;
  return `${expected.name}: ${what} (SHA-256 ${sha256.slice(0, 12)}…, expected ${expected.sha256.slice(0, 12)}…).`;
}

export interface RestoreOptions extends Pick<BackupOptions, 'folder' | 'partitioned' | 'onTable'> {}

/**
 * Fills an empty database from a backup, and brings it up to this release. All rows come in one transaction, and are read
 * back and compared before it commits: a restore that fails leaves an empty schema.
 */
export async function restoreBackup(pool: Pool, options: RestoreOptions): Promise<Manifest> {
  const { folder, partitioned } = options;
  const manifest = await readManifest(folder);
  if ((await findTables(pool)) > 0) {
    throw new StartupError(
      'The database is not empty. A backup is restored into a database that nothing was stored in.',
    );
  }
  await migrate(pool, { names: manifest.migrations });
  await partitioned.ensure(pool, manifest.months);
  await pool.begin(async (tx) => {
    await fixTexts(tx);
    const shapes = new Map((await listTables(tx)).map((shape) => [shape.name, shape]));
    for (const table of manifest.tables) {
      await readTable(tx, table, folder);
      await compareTable(tx, shapeOf(shapes, table), table);
      options.onTable?.(table);
    }
  });
  await analyze(pool);
  await migrate(pool);
  return manifest;
}

function shapeOf(shapes: ReadonlyMap<string, TableShape>, { name, columns }: TableFacts): TableShape {
  const shape = shapes.get(name);
  if (!shape) throw new StartupError(`The backup has a table ${name} that its own migrations don't make.`);
  return { ...shape, columns };
}

async function readTable(tx: Tx, table: TableFacts, folder: string): Promise<void> {
  if (await hasRows(tx, table.name)) await emptySeeds(tx, table.name);
  if (table.rows === 0) return;
  await pipeline(createReadStream(dataFile(folder, table.name)), createGunzip(), await copyIn(tx, table));
}

async function compareTable(tx: Tx, shape: TableShape, table: TableFacts): Promise<void> {
  const meter = new Meter();
  await pipeline(await copyOut(tx, shape), meter, nowhere);
  if (meter.facts.sha256 !== table.sha256) {
    throw new StartupError(`The restored rows are not those of the backup. ${differs(table, meter.facts)}`);
  }
}
