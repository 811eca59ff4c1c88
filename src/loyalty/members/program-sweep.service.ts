import { lockFreeCustomers } from '../../identity/customers.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { lastTurn } from '../terms.ts';
import { findSweeps, listToSweep, lockSweep, markDue, type Sweep, saveSweep } from './program-sweep.queries.ts';

const atOnce = 2_000;

/**
 * Makes it every member's time once their programme says something else: other thresholds, another phase. In short steps,
 * as there may be a million of them, and resumed by whichever node comes first. A programme that began in the past lets
 * everybody be folded from the beginning.
 */
export class ProgramSweep {
  readonly #platform: Pick<Platform, 'pool' | 'clock'>;
  readonly #book: ProgramBook;

  constructor(platform: Pick<Platform, 'pool' | 'clock'>, book: ProgramBook) {
    this.#platform = platform;
    this.#book = book;
  }

  /** One step; answers whether there was something to do. */
  async step(): Promise<boolean> {
    const { pool, clock } = this.#platform;
    const now = clock.now();
    const programs = await this.#book.current(pool);
    if (programs.length === 0) return false;
    const sweeps = new Map((await findSweeps(pool)).map((sweep) => [sweep.programId, sweep]));
    for (const program of programs) {
      const turn = lastTurn(program, now);
      const sweep = sweeps.get(program.id);
      if (turn !== null && sweep && isBehind(sweep, turn) && (await this.#sweep(program, { turn, now }))) return true;
    }
    return false;
  }

  #sweep({ id: programId }: Program, { turn, now }: { turn: Date; now: Date }): Promise<boolean> {
    return this.#platform.pool.begin(async (tx) => {
      const sweep = await lockSweep(tx, programId);
      if (!sweep || !isBehind(sweep, turn)) return false;
      const first = sweep.sweptAt === null;
      const ids = await listToSweep(tx, { programId, sweptTo: sweep.sweptTo, first, limit: atOnce });
      // Whom somebody holds is being folded by what the programme says now.
      const free = first ? ids : await lockFreeCustomers(tx, ids);
      if (free.length > 0) await markDue(tx, free, { programId, now, first });
      const isOver = ids.length < atOnce;
      await saveSweep(tx, { programId, sweptAt: isOver ? turn : null, sweptTo: isOver ? null : ids.at(-1)! });
      return true;
    });
  }
}

function isBehind({ sweptAt }: Sweep, turn: Date): boolean {
  return sweptAt === null || sweptAt < turn;
}
