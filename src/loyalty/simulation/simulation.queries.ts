import type { Database } from '../../kernel/database.ts';
import type { ProgramDefinition } from '../program.ts';

export interface DraftRow {
  readonly version: number;
  readonly definition: ProgramDefinition;
}

/** A draft, or a version that was published. */
export async function findVersion(db: Database, programId: string, version: number): Promise<DraftRow | undefined> {
  const [row] = await db<DraftRow[]>`
    select version, definition from loyalty_program_versions where program_id = ${programId} and version = ${version}`;
  return row;
}
