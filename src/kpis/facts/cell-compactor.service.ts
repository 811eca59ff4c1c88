import { BackgroundLoop } from '../../kernel/background-loop.ts';
import type { Platform } from '../../kernel/context.ts';
import { addToCells, deleteCellChanges, findCellChanges, tryLockCompaction } from './cell-compaction.queries.ts';

const rowsAtOnce = 20_000;
const everyMs = 1_000;

/**
 * Moves what transactions added into the cells of the roll-up. Whoever reads adds both up in one statement, so it makes no
 * difference when this happens, but for how much there is to add.
 */
export class CellCompactor {
  readonly #platform: Pick<Platform, 'pool' | 'log'>;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #failures = 0;

  constructor(platform: Pick<Platform, 'pool' | 'log'>) {
    this.#platform = platform;
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Answers how many rows it moved; 0 also where another node is at it. */
  async step(rows = rowsAtOnce): Promise<number> {
    return this.#platform.pool.begin(async (tx) => {
      if (!(await tryLockCompaction(tx))) return 0;
      const ids = await findCellChanges(tx, rows);
      if (ids.length === 0) return 0;
      await addToCells(tx, ids);
      return deleteCellChanges(tx, ids);
    });
  }

  async #round(): Promise<number> {
    try {
      const moved = await this.step();
      this.#failures = 0;
      return moved >= rowsAtOnce ? 0 : everyMs;
    } catch (err) {
      if (this.#failures === 0) this.#platform.log.warn({ err }, 'the roll-up could not be compacted; trying again');
      this.#failures += 1;
      return everyMs;
    }
  }
}
