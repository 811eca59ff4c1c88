import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Pool } from '../kernel/database.ts';
import { migrationState } from '../kernel/migrate.ts';
import { pingDatabase } from './readiness.queries.ts';

const patienceMs = 2_000;

/** Whether this node should be sent requests. */
export class Readiness {
  readonly #pool: Pool;
  #stopping = false;
  #migrated = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** From now on the answer is no, so that a load balancer looks elsewhere while the last requests end. */
  stop(): void {
    this.#stopping = true;
  }

  /** Why not; `undefined` when ready. */
  async findReason(): Promise<string | undefined> {
    if (this.#stopping) return 'shutting down';
    return Promise.race([
      this.#askDatabase().catch(() => 'the database cannot be reached'),
      sleep(patienceMs, 'the database does not answer', { ref: false }),
    ]);
  }

  async #askDatabase(): Promise<string | undefined> {
    await pingDatabase(this.#pool);
    // What has been applied stays applied: once is enough.
    this.#migrated ||= (await migrationState(this.#pool)).pending.length === 0;
    return this.#migrated ? undefined : 'migrations are pending';
  }
}

/** `/livez`: the process runs; restart it if not. `/readyz`: send it requests; somewhere else if not. */
export function serveHealth(app: FastifyInstance, readiness: Readiness): void {
  app.get('/livez', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    const reason = await readiness.findReason();
    return reason ? reply.code(503).send({ status: 'not ready', reason }) : { status: 'ready' };
  });
}
