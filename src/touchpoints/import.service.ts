import { basename } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import { fingerprintUuid } from '../kernel/ids.ts';
import { canonicalJson } from '../kernel/json.ts';
import { type ImportBatch, type MappedDraft, readBatches } from './import-batches.ts';
import { contentHash, type FileBytes, openBytes, sizeOf } from './import-bytes.ts';
import { compileMapping } from './import-compile.ts';
import type { ImportMapping } from './import-mapping.ts';
import {
  type ImportCounts,
  type ImportProgress,
  noCounts,
  type Outcome,
  type ProgressStore,
} from './import-progress.ts';
import { readRows } from './import-reader.ts';
import { ImportReport } from './import-report.ts';
import type { Refusal } from './import-row.ts';
import { findImport, saveImport } from './imports.queries.ts';
import type { TouchpointDraft } from './touchpoint.ts';

export interface SinkResult {
  readonly status: Outcome;
  readonly code: string | null;
  readonly message: string | null;
  readonly warnings: readonly { readonly code: string }[];
}

/** Where touchpoints go: the ingest of this process, a server's API, or nowhere. One result for each, in order. */
export type ImportSink = (drafts: TouchpointDraft[]) => Promise<readonly SinkResult[]>;

export interface ImportJob {
  readonly file: string;
  readonly mapping: ImportMapping;
  readonly sink: ImportSink;
  readonly progress: ProgressStore;
  /** Touchpoints handed over at a time. */
  readonly batchSize: number;
  /** File to write what was not imported to. */
  readonly report?: string | undefined;
  /** Stops between two batches; the same job goes on from there later. */
  readonly signal?: AbortSignal | undefined;
  readonly observer?: ImportObserver | undefined;
}

/** Whoever watches an import. */
export interface ImportObserver {
  started?(progress: ImportProgress): void;
  mapped?(batch: readonly MappedDraft[]): void;
  refused?(refusals: readonly Refusal[]): void;
  advanced?(counts: ImportCounts, bytes: { read: number; total: number }): void;
}

export interface ImportSummary {
  readonly id: string;
  readonly counts: ImportCounts;
  /** Rows that an earlier, interrupted run of the same import had handled. */
  readonly rowsBefore: number;
  /** False: stopped by the signal. */
  readonly finished: boolean;
}

/**
 * Imports a file. What makes this safe to repeat are the message ids, as for every sender; the saved progress only
 * spares work. A finished import that is run again hands everything over again, so that it is the receipts, and not a
 * note about an earlier run, that say that everything is there.
 */
export async function importFile(job: ImportJob): Promise<ImportSummary> {
  const total = await sizeOf(job.file);
  const earlier = await findUnfinished(job);
  const report =
    job.report === undefined ? undefined : await ImportReport.open(job.report, job.file, earlier.reportBytes);
  const bytes = await openBytes(job.file, job.mapping.format.type === 'csv' ? job.mapping.format.encoding : undefined);
  try {
    job.observer?.started?.(earlier);
    return await new ImportRun(job, earlier, report).read(bytes, total);
  } finally {
    bytes.content.destroy();
    await report?.close();
  }
}

/** Progress in the database that is imported into: whoever restores an older database also restores where it was. */
export function progressTable(db: Database, clock: Clock): ProgressStore {
  return {
    load: (id) => findImport(db, id),
    save: (progress) => saveImport(db, progress, clock.now()),
  };
}

async function findUnfinished(job: ImportJob): Promise<ImportProgress> {
  const id = fingerprintUuid(`${await contentHash(job.file)}\n${canonicalJson(job.mapping)}`);
  const known = await job.progress.load(id);
  if (known && !known.finished) return known;
  return { id, fileName: basename(job.file), items: 0, counts: noCounts(), reportBytes: 0, finished: false };
}

class ImportRun {
  readonly #job: ImportJob;
  readonly #report: ImportReport | undefined;
  readonly #rowsBefore: number;
  #progress: ImportProgress;

  constructor(job: ImportJob, progress: ImportProgress, report: ImportReport | undefined) {
    this.#job = job;
    this.#progress = progress;
    this.#rowsBefore = progress.counts.rows;
    this.#report = report;
  }

  /** While one batch is on its way, the next is read and mapped: never more than two batches are in memory. */
  async read(bytes: FileBytes, total: number): Promise<ImportSummary> {
    const { mapping, batchSize: size, signal, observer } = this.#job;
    let sending: Promise<void> = Promise.resolve();
    const rows = readRows(bytes.content, mapping);
    for await (const batch of readBatches(rows, compileMapping(mapping), { size, itemsDone: this.#progress.items })) {
      await sending;
      if (signal?.aborted) return this.#summary();
      observer?.mapped?.(batch.mapped);
      const read = bytes.bytesRead();
      sending = this.#handOver(batch).then(() => observer?.advanced?.(this.#progress.counts, { read, total }));
      // It is awaited one batch later: until then a failure must not count as unhandled.
      sending.catch(() => {});
    }
    await sending;
    await this.#save({ ...this.#progress, finished: true });
    return this.#summary();
  }

  async #handOver(batch: ImportBatch): Promise<void> {
    const drafts = batch.mapped.map(({ draft }) => draft);
    const results = drafts.length === 0 ? [] : await this.#job.sink(drafts);
    const refused = batch.mapped.flatMap((mapped, at) => refusalOf(mapped, results[at]) ?? []);
    const refusals = [...batch.refusals, ...refused].sort((a, b) => a.line - b.line);
    // The report first: progress that knows of a row must never be ahead of the report on it.
    await this.#report?.write(refusals);
    this.#job.observer?.refused?.(refusals);
    await this.#save({
      ...this.#progress,
      items: this.#progress.items + batch.items,
      counts: countBatch(this.#progress.counts, batch, results, refusals),
      reportBytes: this.#report?.bytes ?? 0,
    });
  }

  async #save(progress: ImportProgress): Promise<void> {
    await this.#job.progress.save(progress);
    this.#progress = progress;
  }

  #summary(): ImportSummary {
    const { id, counts, finished } = this.#progress;
    return { id, counts, rowsBefore: this.#rowsBefore, finished };
  }
}

function refusalOf({ draft, line, rows }: MappedDraft, result: SinkResult | undefined): Refusal | undefined {
  if (!result) throw new Error(`No result came back for message ${draft.messageId}.`);
  const { status, code, message } = result;
  if (status === 'STORED' || status === 'DUPLICATE' || status === 'VALID') return undefined;
  return { line, rows, code: code ?? status, reason: message ?? status, messageId: draft.messageId };
}

function countBatch(
  before: ImportCounts,
  batch: ImportBatch,
  results: readonly SinkResult[],
  refusals: readonly Refusal[],
): ImportCounts {
  const rowsSkipped = { ...before.rowsSkipped };
  for (const reason of batch.skipped) rowsSkipped[reason] = (rowsSkipped[reason] ?? 0) + 1;
  const [touchpoints, warnings] = [{ ...before.touchpoints }, { ...before.warnings }];
  for (const result of results) {
    touchpoints[result.status] = (touchpoints[result.status] ?? 0) + 1;
    for (const { code } of result.warnings) warnings[code] = (warnings[code] ?? 0) + 1;
  }
  return {
    rows: before.rows + batch.rows,
    rowsRefused: before.rowsRefused + refusals.reduce((sum, { rows }) => sum + rows, 0),
    rowsSkipped,
    touchpoints,
    warnings,
  };
}
