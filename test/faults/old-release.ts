import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const journal = 'migrations/meta/_journal.json';

export interface OldRelease {
  /** What to run. */
  readonly program: string;
  remove(): Promise<void>;
}

/** The sources before the newest migrations, from the history; nothing where there is no history. */
export async function findOldRelease(): Promise<OldRelease | undefined> {
  const commit = await findCommit().catch(() => undefined);
  if (!commit) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'rundum-old-release-'));
  const archive = join(folder, 'sources.tar');
  await run('git', [
    'archive',
    '--output',
    archive,
    commit,
    'src',
    'migrations',
    'schema',
    'package.json',
    'tsconfig.json',
  ]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(resolve('node_modules'), join(folder, 'node_modules'));
  return {
    program: join(folder, 'src/cli/main.ts'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The last commit whose migrations are not all of those there are now. */
async function findCommit(): Promise<string | undefined> {
  const present = await readFile(journal, 'utf8');
  const { stdout } = await run('git', ['log', '--format=%H', '--', journal]);
  for (const commit of stdout.trim().split('\n')) {
    const { stdout: then } = await run('git', ['show', `${commit}:${journal}`]);
    if (then.trim() === present.trim()) continue;
    // The one that stood until the next change of the migrations: the newest release with them.
    return await lastBefore(commit);
  }
  return undefined;
}

/** The newest commit that has the migrations of this one. */
async function lastBefore(commit: string): Promise<string> {
  const { stdout } = await run('git', [
    'log',
    '--format=%H',
    '--reverse',
    '--ancestry-path',
    `${commit}..HEAD`,
    '--',
    journal,
  ]);
  const [next] = stdout.trim().split('\n').filter(Boolean);
  return next ? `${next}^` : 'HEAD';
}
