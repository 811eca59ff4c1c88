import type { Database } from '../kernel/database.ts';
import type { ImportCounts, ImportProgress } from './import-progress.ts';

interface ImportState {
  readonly items: number;
  readonly counts: ImportCounts;
  readonly reportBytes: number;
}

export async function findImport(db: Database, id: string): Promise<ImportProgress | undefined> {
  const [row] = await db<{ fileName: string; state: ImportState; finished: boolean }[]>`
    select file_name as "fileName", state, finished_at is not null as finished
    from imports
    where id = ${id}`;
  return row && { id, fileName: row.fileName, ...row.state, finished: row.finished };
}

export async function saveImport(db: Database, progress: ImportProgress, now: Date): Promise<void> {
  const { id, fileName, items, counts, reportBytes, finished } = progress;
  const state: ImportState = { items, counts, reportBytes };
  await db`
    insert into imports (id, file_name, rows_done, state, started_at, updated_at, finished_at)
    values (${id}, ${fileName}, ${counts.rows}, ${JSON.stringify(state)}::text::jsonb, ${now}, ${now}, ${finished ? now : null})
    on conflict (id) do update
      set file_name = excluded.file_name,
          rows_done = excluded.rows_done,
          state = excluded.state,
          updated_at = excluded.updated_at,
          finished_at = excluded.finished_at`;
}
