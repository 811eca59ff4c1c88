import type { Command } from 'commander';

export function register(program: Command): void {
  program
    .command('doctor')
    .description('print the effective settings (no secrets) and check runtime, disk, database and migrations')
    .action(printDiagnosis);
}

async function printDiagnosis(): Promise<void> {
  const [{ readConfig, describeConfig }, { diagnose }] = await Promise.all([
    import('../kernel/config.ts'),
    import('./diagnosis.ts'),
  ]);
  const config = readConfig();
  for (const { variable, value, given, description } of describeConfig(config)) {
    console.log(`${variable.padEnd(22)} ${value.padEnd(28)} ${given ? 'set    ' : 'default'} ${description}`);
  }
  console.log();
  const findings = await diagnose(config);
  for (const { ok, about, text } of findings) console.log(`${ok ? 'ok  ' : 'FAIL'} ${about.padEnd(10)} ${text}`);
  if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
}
