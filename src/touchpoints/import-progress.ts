import type { IngestStatus } from './touchpoint.ts';

/** What became of the touchpoints. `VALID`: a dry run found nothing against it. */
export type Outcome = IngestStatus;

export interface ImportCounts {
  /** Rows of the file that are completely handled. */
  rows: number;
  /** Rows of which nothing was imported, because they or their touchpoint were refused. */
  rowsRefused: number;
  /** Rows that the mapping leaves out, by its reason. */
  rowsSkipped: Record<string, number>;
  touchpoints: Partial<Record<Outcome, number>>;
  /** Touchpoints taken with something left out, such as an e-mail address that is none, by code. */
  warnings: Record<string, number>;
}

/** How far an import has come. Everything before it was acknowledged; nothing after it was counted. */
export interface ImportProgress {
  readonly id: string;
  readonly fileName: string;
  /** Items (groups, refused and skipped rows) handled, in the order that file and mapping alone determine. */
  readonly items: number;
  readonly counts: ImportCounts;
  readonly reportBytes: number;
  readonly finished: boolean;
}

export interface ProgressStore {
  load(id: string): Promise<ImportProgress | undefined>;
  save(progress: ImportProgress): Promise<void>;
}

export function noCounts(): ImportCounts {
  return { rows: 0, rowsRefused: 0, rowsSkipped: {}, touchpoints: {}, warnings: {} };
}

/** For dry runs. */
export const noProgress: ProgressStore = { load: async () => undefined, save: async () => {} };
