import type { Database, Tx } from '../../kernel/database.ts';
import type { Program } from '../program.ts';
import { findRevision, holdProgramBook, loadPrograms } from './program-book.queries.ts';

interface Read {
  readonly revision: number;
  readonly programs: readonly Program[];
}

/** What programmes say, kept in memory and read anew when it has changed. One for each process. */
export class ProgramBook {
  #read: Read | undefined;

  /** As this process has read it last: a guess, to be compared with what `hold` answers. */
  get latest(): readonly Program[] {
    return this.#read?.programs ?? [];
  }

  /** Keeps everything as it is until the transaction ends. After the locks on customers. */
  async hold(tx: Tx): Promise<readonly Program[]> {
    return this.#at(tx, await holdProgramBook(tx));
  }

  /** As it is now; it may change at any moment. For reading. */
  async current(db: Database): Promise<readonly Program[]> {
    return this.#at(db, await findRevision(db));
  }

  async #at(db: Database, revision: number): Promise<readonly Program[]> {
    if (this.#read?.revision !== revision) this.#read = { revision, programs: await loadPrograms(db) };
    return this.#read.programs;
  }
}
