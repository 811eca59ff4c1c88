import { Command } from 'commander';
import { DomainError } from '../kernel/errors.ts';
import { StartupError } from '../kernel/startup-error.ts';
import * as audit from './audit.ts';
import * as backup from './backup.ts';
import * as bi from './bi.ts';
import * as demo from './demo.ts';
import * as doctor from './doctor.ts';
import * as identity from './identity.ts';
import * as importFile from './import.ts';
import * as keys from './keys.ts';
import * as kpis from './kpis.ts';
import * as loyalty from './loyalty.ts';
import * as match from './match.ts';
import * as migrate from './migrate.ts';
import * as privacy from './privacy.ts';
import * as schema from './schema.ts';
import * as segments from './segments.ts';
import * as start from './start.ts';
import * as verify from './verify.ts';
import { version } from './version.ts';

/**
 * One file per command: it exports `register(program)`, which declares name, description, options and action, and
 * imports nothing heavy at its top: the action imports what it runs (`await import('../…')`), so that `--help` stays
 * quick. An action gets its database by `withPlatform` (platform.ts), throws {@link StartupError} for what the operator
 * can put right, and prints its result with `console.log`.
 */
interface CommandFile {
  register(program: Command): void;
}

const commands: readonly CommandFile[] = [
  start,
  demo,
  migrate,
  keys,
  audit,
  importFile,
  identity,
  match,
  segments,
  loyalty,
  kpis,
  privacy,
  bi,
  backup,
  verify,
  doctor,
  schema,
];

export async function runCommandLine(argv: readonly string[]): Promise<void> {
  const program = new Command('rundum')
    .description('Rundum, an open customer data platform. Settings come from the environment: see "rundum doctor".')
    .version(version)
    .showHelpAfterError('(see --help)');
  for (const command of commands) command.register(program);
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    console.error(explain(error));
    // Whatever may still be open must not keep a failed command alive.
    process.exit(1);
  }
}

/** A sentence for what the operator can put right, everything for what is a bug. */
function explain(error: unknown): string {
  if (error instanceof StartupError || error instanceof DomainError) return error.message;
  return `This is a bug in Rundum; please report it.\n${error instanceof Error ? error.stack : String(error)}`;
}
