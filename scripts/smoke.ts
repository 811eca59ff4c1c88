// Boots the built server as a stranger would, asks one question, stops it, and looks for what it left behind.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { removeEmbedded } from '../src/kernel/embedded-postgres.ts';
import { freePort, readPidFile } from '../src/kernel/postgres-cluster.ts';
import { startProcess, type TestProcess } from '../test/support/processes.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'rundum-smoke-'));
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const server = startProcess('dist/cli/main.js', ['start'], {
  RUNDUM_DATA_DIR: dataDir,
  RUNDUM_PORT: String(port),
});

try {
  await ready(server);
  await ask();
  await stop(server);
  console.log('The built server started, answered and stopped, and left nothing behind.');
} catch (error) {
  console.error(`Smoke test failed: ${(error as Error).message}\n${server.output()}`);
  process.exitCode = 1;
} finally {
  await server.kill('SIGKILL');
  await removeEmbedded(dataDir, pino({ level: 'silent' }));
  await rm(dataDir, { recursive: true, force: true });
}

async function ready(process: TestProcess): Promise<void> {
  const deadline = performance.now() + 90_000;
  while (performance.now() < deadline) {
    if (process.child.exitCode !== null) throw new Error(`it ended with exit code ${process.child.exitCode}`);
    const answer = await fetch(`${origin}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Error('it was not ready within 90 seconds');
}

async function ask(): Promise<void> {
  const key = (await readFile(join(dataDir, 'owner-key'), 'utf8')).trim();
  const query = '{ customers(first: 1) { edges { node { id } } } }';
  const answer = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query }),
  });
  const text = (await answer.text()).trim();
  if (text !== '{"data":{"customers":{"edges":[]}}}') throw new Error(`it answered ${answer.status} ${text}`);
}

async function stop(process: TestProcess): Promise<void> {
  const code = await Promise.race([process.kill('SIGTERM'), delay(30_000, 'nothing', { ref: false })]);
  if (code !== 0) throw new Error(`after SIGTERM it ended with ${code}`);
  const postgres = await readPidFile(join(dataDir, 'postgres/cluster'));
  if (postgres) throw new Error(`PostgreSQL (pid ${postgres.pid}) still has its pid file`);
}
