import { BackgroundLoop } from '../kernel/background-loop.ts';
import type { Platform } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { type AuditSeal, emptyChain, entryDigest, sealEntry } from './audit-chain.ts';
import {
  deletePending,
  findHead,
  findPending,
  hasPending,
  insertSeals,
  lockChain,
  type PendingEntry,
} from './audit-seals.queries.ts';

const entriesOfATurn = 1_000;
/** A look at a table that is nearly always empty. */
const restMs = 500;
const restAfterFailureMs = 5_000;

/** Seals what was entered in the audit log, half a second later. Runs on every node; one at a time extends the chain. */
export class AuditSealer {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log'>;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #begun = false;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log'>) {
    this.#platform = platform;
  }

  start(): void {
    this.#loop.start();
  }

  /** After a last look. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#seal();
  }

  async #round(): Promise<number> {
    if (this.#begun) return this.#seal();
    // A start has more urgent statements to send.
    this.#begun = true;
    return restMs;
  }

  async #seal(): Promise<number> {
    try {
      await sealPending(this.#platform);
      return restMs;
    } catch (err) {
      this.#platform.log.warn({ err }, 'audit entries could not be sealed');
      return restAfterFailureMs;
    }
  }
}

/** Seals every entry that is committed. */
export async function sealPending({ pool, clock }: Pick<Platform, 'pool' | 'clock'>): Promise<void> {
  if (!(await hasPending(pool))) return;
  let sealed: number;
  do sealed = await pool.begin((tx) => sealSome(tx, clock.now()));
  while (sealed === entriesOfATurn);
}

/** In the order in which they were made, as far as they are committed: one that comes late goes to the end. */
async function sealSome(tx: Tx, now: Date): Promise<number> {
  await lockChain(tx);
  const pending = await findPending(tx, entriesOfATurn);
  if (pending.length === 0) return 0;
  let head = (await findHead(tx)) ?? emptyChain;
  const seals: AuditSeal[] = [];
  for (const waiting of pending) {
    const seal = sealEntry(head, { id: waiting.id, digest: digestOf(waiting) }, now);
    seals.push(seal);
    head = seal;
  }
  await insertSeals(tx, seals);
  await deletePending(
    tx,
    pending.map(({ id }) => id),
  );
  return pending.length;
}

/** What the writer said, whatever stands there now: an entry changed before its seal must not be made good by it. */
function digestOf({ digest, entry }: PendingEntry): Buffer {
  return digest ?? entryDigest(entry!);
}
