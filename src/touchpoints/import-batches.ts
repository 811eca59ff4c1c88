import type { CompiledMapping } from './import-compile.ts';
import { Grouping, type ImportItem } from './import-grouping.ts';
import { type BrokenRow, isBroken, type Refusal, type Row } from './import-row.ts';
import type { TouchpointDraft } from './touchpoint.ts';

/** A touchpoint with the rows it was made of. */
export interface MappedDraft {
  readonly draft: TouchpointDraft;
  readonly line: number;
  readonly rows: number;
}

/** A stretch of the file that is handed over, acknowledged and noted down as one. */
export interface ImportBatch {
  readonly mapped: MappedDraft[];
  readonly refusals: Refusal[];
  /** The mapping's reason for each row it leaves out. */
  readonly skipped: string[];
  items: number;
  rows: number;
}

export interface BatchRule {
  /** Touchpoints in a batch. */
  readonly size: number;
  /** Items that an earlier run has handled: they are read again, because groups need their rows, but not mapped. */
  readonly itemsDone: number;
}

/** Rows → batches. The same file and mapping always give the same items in the same order, whatever the batch size. */
export async function* readBatches(
  rows: AsyncIterable<Row | BrokenRow>,
  mapping: CompiledMapping,
  rule: BatchRule,
): AsyncGenerator<ImportBatch> {
  const grouping = new Grouping(mapping.group);
  const builder = new BatchBuilder(mapping, rule);
  for await (const row of rows) {
    for (const item of itemsOf(row, mapping, grouping)) {
      if (builder.add(item)) yield builder.take();
    }
  }
  for (const item of grouping.end()) {
    if (builder.add(item)) yield builder.take();
  }
  const last = builder.take();
  if (last.items > 0) yield last;
}

function itemsOf(row: Row | BrokenRow, mapping: CompiledMapping, grouping: Grouping): ImportItem[] {
  const reason = isBroken(row) ? undefined : mapping.skipReason(row);
  return reason === undefined ? grouping.add(row) : [{ kind: 'skip', rows: 1, reason }];
}

/** Items without a touchpoint cost next to nothing, but a long stretch of them must be noted down at times too. */
const itemsPerTouchpoint = 20;

class BatchBuilder {
  readonly #mapping: CompiledMapping;
  readonly #size: number;
  #toPass: number;
  #batch = emptyBatch();

  constructor(mapping: CompiledMapping, rule: BatchRule) {
    this.#mapping = mapping;
    this.#size = rule.size;
    this.#toPass = rule.itemsDone;
  }

  /** Whether the batch is full now. */
  add(item: ImportItem): boolean {
    if (this.#toPass > 0) {
      this.#toPass -= 1;
      return false;
    }
    const batch = this.#batch;
    batch.items += 1;
    batch.rows += item.kind === 'group' ? item.rows.length : item.rows;
    if (item.kind === 'skip') batch.skipped.push(item.reason);
    else if (item.kind === 'refusal') batch.refusals.push(item.refusal);
    else this.#addGroup(item.rows);
    return batch.mapped.length >= this.#size || batch.items >= this.#size * itemsPerTouchpoint;
  }

  take(): ImportBatch {
    const taken = this.#batch;
    this.#batch = emptyBatch();
    return taken;
  }

  #addGroup(rows: readonly Row[]): void {
    const result = this.#mapping.toDraft(rows);
    if ('refusal' in result) this.#batch.refusals.push(result.refusal);
    else this.#batch.mapped.push({ draft: result.draft, line: rows[0]?.line ?? 0, rows: rows.length });
  }
}

function emptyBatch(): ImportBatch {
  return { mapped: [], refusals: [], skipped: [], items: 0, rows: 0 };
}
