import type { Database, Tx } from '../../kernel/database.ts';
import { hold, lockAlone, readState, type SharedBook } from '../../kernel/shared-books.queries.ts';
import type { LeverValue, PhaseChange, Program, ProgramVersion } from '../program.ts';

/** Shared by all transactions in which something is earned or decided, exclusive to the one that changes what programmes say. */
export const programBook: SharedBook<number> = {
  lock: 0x4c_6f_79_62,
  state: (db) => db`(select to_jsonb(revision) from loyalty_book)`,
};

/** Keeps what programmes say as it is until the transaction ends; answers its revision. After the locks on customers. */
export function holdProgramBook(tx: Tx): Promise<number> {
  return hold(tx, programBook);
}

/** Waits for every transaction that holds the book, and keeps new ones waiting. */
export function lockProgramBook(tx: Tx): Promise<void> {
  return lockAlone(tx, programBook);
}

/** Whoever holds the book next reads it anew. Under its lock. */
export async function turnProgramPage(tx: Tx): Promise<void> {
  await tx`update loyalty_book set revision = revision + 1`;
}

export function findRevision(db: Database): Promise<number> {
  return readState(db, programBook);
}

/** All programmes that were ever published, with their whole past; in order of creation. */
export async function loadPrograms(db: Database): Promise<Program[]> {
  const [programs, versions, values, phases] = await Promise.all([
    db<{ id: string; name: string }[]>`
      select id, name from loyalty_programs where published_version is not null order by created_at, id`,
    db<(ProgramVersion & { programId: string })[]>`
      select program_id as "programId", version, effective_at as "effectiveAt", definition
      from loyalty_program_versions where status = 'PUBLISHED' order by effective_at, version`,
    db<(LeverValue & { programId: string })[]>`
      select program_id as "programId", lever, value, effective_at as "effectiveAt", until
      from loyalty_lever_values order by program_id, id`,
    db<(PhaseChange & { programId: string })[]>`
      select program_id as "programId", phase, effective_at as "effectiveAt"
      from loyalty_phases order by effective_at, id`,
  ]);
  const of = <T extends { programId: string }>(rows: readonly T[], id: string) =>
    rows.filter(({ programId }) => programId === id);
  return programs.map(({ id, name }) => ({
    id,
    name,
    versions: of(versions, id),
    leverValues: of(values, id),
    phases: of(phases, id),
  }));
}
