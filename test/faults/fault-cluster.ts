import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../src/kernel/connect.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { locateBinaries, postgresAccount } from '../../src/kernel/postgres-binaries.ts';
import {
  type Cluster,
  freePort,
  initialiseCluster,
  type RunningPostgres,
  SUPERUSER,
  startPostgres,
} from '../../src/kernel/postgres-cluster.ts';
import { SmallDisk } from './small-disk.ts';

/** As in earnest: what is committed is on disk. Small, and with few connections, so that they can be used up. */
const settings = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  max_connections: '60',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  jit: 'off',
  timezone: 'UTC',
  log_min_messages: 'fatal',
};

export interface SmallDiskUse {
  readonly megabytes: number;
  /** Below PostgreSQL's data directory. */
  readonly folder: 'base' | 'pg_wal';
}

interface Parts {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly password: string;
  readonly port: number;
  readonly disk: SmallDisk | undefined;
}

/** A PostgreSQL of one's own, made to be killed. Should this process be killed instead, it goes, too. */
export class FaultCluster {
  readonly port: number;
  readonly folder: string;
  readonly disk: SmallDisk | undefined;
  readonly #cluster: Cluster;
  readonly #password: string;
  #running: RunningPostgres | undefined;
  #pool: Pool | undefined;

  /** `disk`: a small one, for the tables' files or for the write-ahead log. */
  static async make({ disk }: { disk?: SmallDiskUse } = {}): Promise<FaultCluster> {
    const account = await postgresAccount();
    const binaries = await locateBinaries(account);
    const folder = await mkdtemp(join(tmpdir(), 'rundum-faults-'));
    const password = randomBytes(16).toString('hex');
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (account) for (const path of [folder, passwordFile]) await chown(path, account.uid, account.gid);
    const cluster = { folder: join(folder, 'cluster'), logFile: join(folder, 'log'), binaries, account };
    await initialiseCluster(cluster, passwordFile, false);
    const small = disk && (await SmallDisk.mount(join(folder, 'disk'), disk.megabytes));
    await small?.take(join(cluster.folder, disk!.folder), account);
    return new FaultCluster({ folder, cluster, password, port: await freePort(), disk: small });
  }

  private constructor(parts: Parts) {
    this.disk = parts.disk;
    this.folder = parts.folder;
    this.port = parts.port;
    this.#cluster = parts.cluster;
    this.#password = parts.password;
  }

  /** False once it has ended, if only by itself. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Its address, directly or by another port. */
  url(port = this.port, database = 'postgres'): string {
    return `postgres://${SUPERUSER}:${this.#password}@127.0.0.1:${port}/${database}`;
  }

  /** Straight to it, past all faults but its own. */
  get pool(): Pool {
    this.#pool ??= createPool(this.url(), { max: 4, applicationName: 'faults' });
    return this.#pool;
  }

  async start(extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const options = { port: this.port, settings: { ...settings, ...extra }, throwAway: this.folder };
    const running = await startPostgres(this.#cluster, options);
    this.#running = running;
    void running.ended.then(() => {
      if (this.#running === running) this.#running = undefined;
    });
    if (running.port !== this.port) throw new Error(`Port ${this.port} was taken meanwhile.`);
  }

  /** As an operator stops it: connections are ended, what is in memory is written. */
  async stop(): Promise<void> {
    await this.#end('SIGINT');
  }

  /** `kill -9`: what was only in memory is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (!running) return;
    process.kill(running.pid, signal);
    await running.ended;
  }

  /** Ends the connections of this process. */
  async release(): Promise<void> {
    await this.#pool?.end({ timeout: 1 });
    this.#pool = undefined;
  }

  async remove(): Promise<void> {
    await this.release();
    await this.#end('SIGQUIT');
    await this.disk?.unmount();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}
