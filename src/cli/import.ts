import { type Command, InvalidArgumentError } from 'commander';
import type { ImportOptions } from './import-options.ts';

export function register(program: Command): void {
  program
    .command('import')
    .description(
      'import touchpoints from a CSV or NDJSON file, plain or gzip; an interrupted import goes on where it stopped',
    )
    .argument('<file>', 'the file; whether it is gzip is seen from its content')
    .requiredOption('--map <file>', 'mapping from columns to touchpoints, JSON (docs/import.md)')
    .option('--dry-run', 'read and check everything, show the first touchpoints, write nothing')
    .option('--report <file>', 'write what was not imported to this file: CSV if its name ends in .csv, else NDJSON')
    .option('--batch <count>', 'touchpoints handed over at a time, 1 to 1000', batchSize, 500)
    .option('--url <url>', 'import through the API of a running server instead of straight into the database')
    .option('--key <key>', 'API key for --url, with the scope ingest')
    .addHelpText(
      'after',
      '\nExit code: 0 everything imported, 2 finished but some rows were not, 1 could not finish, 130 interrupted.',
    )
    .action(async (file: string, options: ImportOptions) => {
      const { runImport } = await import('./import-file.ts');
      process.exitCode = await runImport(file, options);
    });
}

function batchSize(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw new InvalidArgumentError('Give a number from 1 to 1000.');
  return count;
}
