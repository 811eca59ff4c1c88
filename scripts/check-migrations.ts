// Fails if the tables have changed since the last migration, or if the migrations contradict each other.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

// drizzle-kit takes relative paths only, and writes: it gets a copy.
const copy = relative(process.cwd(), mkdtempSync(join(process.cwd(), 'node_modules/.rundum-migrations-')));

function drizzleKit(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync('drizzle-kit', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`drizzle-kit ${args[0]} failed:\n${stdout}${stderr}`);
}

function newFiles(): string[] {
  const known = new Set(readdirSync('migrations'));
  return readdirSync(copy).filter((name) => !known.has(name));
}

try {
  cpSync('migrations', copy, { recursive: true });
  drizzleKit('check', '--dialect=postgresql', `--out=${copy}`);
  drizzleKit('generate', '--dialect=postgresql', '--schema=./src/**/*.table.ts', `--out=${copy}`, '--name=missing');
  const missing = newFiles();
  if (missing.length > 0) {
    console.error(
      'The tables have changed. Add a migration: npx drizzle-kit generate --name what_it_is_for. It would hold:',
    );
    for (const name of missing) console.error(readFileSync(join(copy, name), 'utf8'));
    process.exitCode = 1;
  } else {
    console.log('The migrations make the tables as they are declared.');
  }
} finally {
  rmSync(copy, { recursive: true });
}
