import type { Command } from 'commander';

/** Each proves, on a live database, that what one module keeps is what follows from the facts. */
const checks: readonly (readonly string[])[] = [
  ['identity', 'rebuild', '--verify'],
  ['loyalty', 'verify'],
  ['kpis', 'verify'],
  ['segments', 'verify'],
  ['privacy', 'verify'],
  ['audit', 'verify'],
];

export function register(program: Command): void {
  program
    .command('verify')
    .description('prove that everything derived is what follows from the facts; exit with 1 if anything differs')
    .addHelpText('after', `\nRuns, one after the other:\n${checks.map((check) => `  ${check.join(' ')}`).join('\n')}`)
    .action(() => verify(program));
}

async function verify(program: Command): Promise<void> {
  const failed: string[] = [];
  for (const check of checks) {
    const name = check.join(' ');
    console.log(`rundum ${name}`);
    process.exitCode = 0;
    await program.parseAsync([...check], { from: 'user' });
    if (process.exitCode !== 0) failed.push(name);
  }
  process.exitCode = failed.length > 0 ? 1 : 0;
  console.log(failed.length > 0 ? `Differences were found by: ${failed.join(', ')}.` : 'Everything agrees.');
}
