import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('migrate')
    .description('bring the database up to this release (the server does so itself when it starts)')
    .action(migrateDatabase);
}

async function migrateDatabase(): Promise<void> {
  const [{ readConfig }, { migrate }, { openDatabase }, { commandLog }] = await Promise.all([
    import('../kernel/config.ts'),
    import('../kernel/migrate.ts'),
    import('../kernel/open-database.ts'),
    import('./platform.ts'),
  ]);
  const config = readConfig();
  const database = await openDatabase(config, { role: 'command', log: commandLog(config) });
  try {
    const applied = await migrate(database.pool);
    for (const name of applied) console.log(`applied ${name}`);
    console.log(applied.length > 0 ? 'The database is up to date.' : 'The database was up to date.');
  } finally {
    await database.close();
  }
}
