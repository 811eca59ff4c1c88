import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/kernel/postgres-cluster.ts';
import { startProcess, startRundum, type TestProcess } from '../support/processes.ts';

export interface NodeOptions {
  readonly databaseUrl: string;
  readonly ownerKey: string;
  /** Another release of the server: the file to run. */
  readonly program?: string;
  readonly poolSize?: number;
}

const readyMs = 60_000;

/** One server as users run it, made to be killed. */
export class FaultNode {
  readonly url: string;
  readonly #env: Record<string, string>;
  readonly #options: NodeOptions;
  readonly #folder: string;
  #process: TestProcess | undefined;

  static async make(options: NodeOptions): Promise<FaultNode> {
    const folder = await mkdtemp(join(tmpdir(), 'rundum-fault-node-'));
    return new FaultNode(options, folder, await freePort());
  }

  private constructor(options: NodeOptions, folder: string, port: number) {
    this.#options = options;
    this.#folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      DATABASE_URL: options.databaseUrl,
      RUNDUM_DATA_DIR: folder,
      RUNDUM_PORT: String(port),
      RUNDUM_OWNER_KEY: options.ownerKey,
      RUNDUM_POOL_SIZE: String(options.poolSize ?? 8),
      LOG_LEVEL: 'warn',
      NODE_ENV: 'production',
      NODE_OPTIONS: `--import=${fileURLToPath(new URL('shifted-clock.ts', import.meta.url))}`,
      FAULT_CLOCK_FILE: join(folder, 'clock'),
      ...(options.program && { TSX_TSCONFIG_PATH: join(dirname(options.program), '../../tsconfig.json') }),
    };
  }

  get isRunning(): boolean {
    return (
      this.#process !== undefined && this.#process.child.exitCode === null && this.#process.child.signalCode === null
    );
  }

  get pid(): number {
    return this.#process!.child.pid!;
  }

  /** What it has written so far. */
  output(): string {
    return this.#process?.output() ?? '';
  }

  /** Starts it, again or for the first time; resolves when it is ready for requests. */
  async start(): Promise<void> {
    this.#process = this.#options.program
      ? startProcess(this.#options.program, ['start'], this.#env)
      : startRundum(['start'], this.#env);
    await this.ready();
  }

  async ready(): Promise<void> {
    for (const deadline = performance.now() + readyMs; performance.now() < deadline; await wait(30)) {
      if (!this.isRunning) throw new Error(`The server ended before it was ready:\n${this.output()}`);
      if (await this.isReady()) return;
    }
    throw new Error(`The server was not ready in time:\n${this.output()}`);
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    return answer?.ok ?? false;
  }

  async kill(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  /** As a process manager stops it. */
  async stop(): Promise<void> {
    await this.#process?.kill('SIGTERM');
  }

  /** Stands still, holding whatever it holds, as a machine that swaps or a virtual one that is moved. */
  freeze(): void {
    this.#process?.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process?.child.kill('SIGCONT');
  }

  /** Its clock is wrong by so much from now on. */
  async shiftClock(ms: number): Promise<void> {
    await writeFile(this.#env.FAULT_CLOCK_FILE!, String(ms));
    this.#process?.child.kill('SIGUSR2');
  }

  /** Throws where nothing was decided: no answer, or an error. */
  async ask<T>(query: string, variables: object): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#options.ownerKey}` },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(60_000),
    });
    const { data, errors } = (await response.json()) as { data?: T; errors?: readonly GraphqlError[] };
    if (errors?.[0] || !data) throw new Refusal(errors?.[0]?.extensions?.code ?? `HTTP ${response.status}`, errors);
    return data;
  }

  async remove(): Promise<void> {
    this.thaw();
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code: string };
}

/** The server has answered, but with an error. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, errors: unknown) {
    super(JSON.stringify(errors));
    this.code = code;
  }
}
