import { BackgroundLoop } from '../../kernel/background-loop.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import type { Erasure, PersonalTable } from '../personal-data.ts';
import { findErasedSince, tryLockLateRows } from './late-rows.queries.ts';

const everyMs = 60_000;
/** Longer than anything takes between reading somebody and writing about them: a run of the matcher over all records. */
const windowMs = 24 * 3_600_000;

/**
 * Deletes what was written about the erased after they were, by work that had read them before: rows of caches and of the
 * matcher, which go by the old ids. Nothing in them says who it was, but they would be there for ever.
 */
export class LateRows {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'ids' | 'log'>;
  readonly #tables: readonly PersonalTable[];
  readonly #loop = new BackgroundLoop(() => this.#round());

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'ids' | 'log'>, tables: readonly PersonalTable[]) {
    this.#platform = platform;
    this.#tables = tables.filter(({ late }) => late);
  }

  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Answers how many rows it deleted; 0 also where another node is at it. */
  async sweep(): Promise<number> {
    const { pool, clock } = this.#platform;
    const since = new Date(clock.now().getTime() - windowMs);
    const ids = await findErasedSince(pool, since);
    if (ids.length === 0) return 0;
    return pool.begin(async (tx) => ((await tryLockLateRows(tx)) ? this.#delete(tx, ids) : 0));
  }

  async #delete(tx: Tx, recordIds: readonly string[]): Promise<number> {
    const erasure = this.#erasureOf(recordIds);
    let deleted = 0;
    for (const { erase } of this.#tables) deleted += (await erase?.(tx, erasure)) ?? 0;
    return deleted;
  }

  /** Of many at once: all that these tables ask for is whose rows they are. */
  #erasureOf(recordIds: readonly string[]): Erasure {
    const { clock, ids } = this.#platform;
    const subject = {
      customerId: recordIds[0]!,
      ...{ customerIds: recordIds, recordIds, identifierIds: [], sharedIdentifierIds: [] },
    };
    return {
      ...{ requestId: recordIds[0]!, at: clock.now(), ids, actor: 'erasure', subject, salt: ids.uuid() },
      ...{ found: new Map(), changes: [], audited: { own: new Set<string>(), shared: new Set<string>() } },
    };
  }

  async #round(): Promise<number> {
    try {
      const deleted = await this.sweep();
      if (deleted > 0) this.#platform.log.info({ deleted }, 'rows about the erased that came late were deleted');
    } catch (err) {
      this.#platform.log.warn({ err }, 'rows about the erased that came late could not be deleted; trying again');
    }
    return everyMs;
  }
}
