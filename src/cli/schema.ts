import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('schema')
    .description('write the GraphQL schema to schema/schema.graphql, from which clients generate code')
    .option('--check', 'write nothing; fail when the file is not what the code says')
    .action(writeSchema);
}

async function writeSchema({ check = false }: { check?: boolean }): Promise<void> {
  const [{ readFile, writeFile }, { printApiSchema }, { StartupError }] = await Promise.all([
    import('node:fs/promises'),
    import('../server/print-schema.ts'),
    import('../kernel/startup-error.ts'),
  ]);
  const file = new URL('../../schema/schema.graphql', import.meta.url);
  const printed = printApiSchema();
  const stored = await readFile(file, 'utf8').catch(() => '');
  if (printed === stored) {
    console.log('schema/schema.graphql is up to date.');
  } else if (check) {
    throw new StartupError(
      `schema/schema.graphql is not what the code says, first in line ${firstDifference(stored, printed)}: run "npm run rundum -- schema" and commit the file.`,
    );
  } else {
    await writeFile(file, printed);
    console.log('schema/schema.graphql written.');
  }
}

function firstDifference(stored: string, printed: string): number {
  const was = stored.split('\n');
  const is = printed.split('\n');
  const index = is.findIndex((line, number) => line !== was[number]);
  return (index === -1 ? is.length : index) + 1;
}
