// `npm test`: everything that CI runs, in one command. Ends with a line such as "412 passed, 0 failed".
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { whyNodeIsTooOld } from '../src/kernel/node-version.ts';

/** npm scripts, quick ones first. Each failure is reported; none hides the next. */
const checks = ['typecheck', 'lint', 'deps', 'check:migrations', 'check:schema', 'build', 'smoke'];

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const environment: NodeJS.ProcessEnv = process.stdout.isTTY
  ? process.env
  : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): boolean {
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  return spawnSync(command, args, { stdio: [...stdio], env: { ...environment, ...env } }).status === 0;
}

function runCheck(name: string): boolean {
  console.log(`\n── ${name}`);
  const started = performance.now();
  const ok = run('npm', ['run', '--silent', name]);
  console.log(`${ok ? 'ok' : 'FAILED'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return ok;
}

/** Commands are run as they were compiled, where that went well. */
function runTests(isBuilt: boolean): Counts {
  console.log('\n── tests');
  const folder = mkdtempSync(join(tmpdir(), 'rundum-report-'));
  try {
    const file = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const ok = run('vitest', ['run', ...reporters], isBuilt ? { RUNDUM_PROGRAM: 'dist/cli/main.js' } : {});
    return count(file, ok);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A file that could not be loaded, or an error outside all tests, is a failure too. */
function count(file: string, ok: boolean): Counts {
  const result = report.parse(JSON.parse(readFileSync(file, 'utf8')));
  const unloaded = result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  const failed = result.numFailedTests + unloaded.length;
  return {
    passed: result.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

function main(): number {
  const problem = whyNodeIsTooOld();
  if (problem) {
    console.error(problem);
    return 1;
  }
  const failedChecks = checks.filter((name) => !runCheck(name));
  const tests = runTests(!failedChecks.includes('build'));
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`);
  const failed = tests.failed + failedChecks.length;
  console.log(`${tests.passed} passed, ${failed} failed${tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''}`);
  return failed > 0 || tests.passed === 0 ? 1 : 0;
}

process.exitCode = main();
