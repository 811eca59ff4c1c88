import type { Command } from 'commander';
import type { Partitioned } from '../kernel/backup/backup.ts';
import type { TableFacts } from '../kernel/backup/manifest.ts';

export function register(program: Command): void {
  const backup = program.command('backup').description('write the whole database into files, or check such files');
  backup
    .command('write')
    .argument('<folder>', 'where to; it is made, or is there and empty')
    .description('write everything that is committed now, beside whatever goes on')
    .action(write);
  backup
    .command('check')
    .argument('<folder>', 'a backup')
    .description('compare the files with what the manifest says; exit with 1 if they differ')
    .action(check);
  program
    .command('restore')
    .argument('<folder>', 'a backup')
    .description('fill an empty database from a backup, compare every row, and bring it up to this release')
    .action(restore);
}

async function write(folder: string): Promise<void> {
  const [{ writeBackup }, { version }, { systemClock }] = await Promise.all([
    import('../kernel/backup/backup.ts'),
    import('./version.ts'),
    import('../kernel/clock.ts'),
  ]);
  await withDatabase(async (pool) => {
    const options = { folder, version, now: systemClock.now(), partitioned: await touchpointMonths(), onTable: report };
    console.log(summary(await writeBackup(pool, options), `Written to ${folder}.`));
  });
}

async function check(folder: string): Promise<void> {
  const { checkBackup } = await import('../kernel/backup/backup.ts');
  const { readManifest } = await import('../kernel/backup/manifest.ts');
  const problems = await checkBackup(folder);
  for (const problem of problems) console.log(problem);
  console.log(summary(await readManifest(folder), problems.length > 0 ? 'It is damaged.' : 'It is whole.'));
  if (problems.length > 0) process.exitCode = 1;
}

async function restore(folder: string): Promise<void> {
  const { restoreBackup } = await import('../kernel/backup/backup.ts');
  await withDatabase(async (pool) => {
    const manifest = await restoreBackup(pool, { folder, partitioned: await touchpointMonths(), onTable: report });
    console.log(
      summary(manifest, 'Every row was read back and compared. `rundum verify` proves what follows from them.'),
    );
  });
}

async function withDatabase(work: (pool: import('../kernel/database.ts').Pool) => Promise<void>): Promise<void> {
  const [{ readConfig }, { openDatabase }, { commandLog }] = await Promise.all([
    import('../kernel/config.ts'),
    import('../kernel/open-database.ts'),
    import('./platform.ts'),
  ]);
  const config = readConfig();
  const database = await openDatabase(config, { role: 'command', log: commandLog(config) });
  try {
    await work(database.pool);
  } finally {
    await database.close();
  }
}

async function touchpointMonths(): Promise<Partitioned> {
  const { ensurePartitions } = await import('../touchpoints/partitions.queries.ts');
  return {
    table: 'touchpoints',
    monthOf: (partition) => /^touchpoints_(\d{4})_(\d\d)$/.exec(partition)?.slice(1).join('-'),
    ensure: ensurePartitions,
  };
}

/** Beside the result, so that a long run shows that it goes on. */
function report({ name, rows }: TableFacts): void {
  if (rows > 0) console.error(`${name}: ${rows} rows`);
}

function summary({ tables, takenAt, version }: import('../kernel/backup/manifest.ts').Manifest, end: string): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return `${tables.length} tables with ${rows} rows, taken at ${takenAt} by release ${version}. ${end}`;
}
