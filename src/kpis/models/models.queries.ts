import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest } from '../../kernel/paging.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { ModelKind } from './fit-models.ts';
import type { ModelDetail, ModelStatus } from './model-detail.ts';

export interface KpiModelRow {
  readonly id: string;
  readonly version: number;
  readonly kind: ModelKind;
  /** Null: never in use. */
  readonly effectiveFrom: Date | null;
  readonly fittedAt: Date;
  /** When the last day of the purchases that it knows began. */
  readonly cutOff: Date;
  readonly status: ModelStatus;
  readonly detail: ModelDetail;
}

/** Fits are numbered one after the other. Before the lock on the timeline, which is held for as short as can be. */
const modelsLock = 0x4b_70_69_6d;

export async function lockModels(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${modelsLock})`;
}

export async function nextVersion(tx: Tx): Promise<number> {
  const [row] = await tx<{ version: number }[]>`select coalesce(max(version), 0) + 1 as version from kpi_models`;
  return row!.version;
}

export async function insertModel(tx: Tx, model: KpiModelRow): Promise<void> {
  const { id, version, kind, effectiveFrom, fittedAt, cutOff, status, detail } = model;
  await tx`
    insert into kpi_models (id, version, kind, effective_from, fitted_at, cut_off, status, detail)
    values (${id}, ${version}, ${kind}, ${effectiveFrom}, ${fittedAt}, ${cutOff}, ${status},
            ${JSON.stringify(detail)}::text::jsonb)`;
}

/** All but what forecasts are made with. */
const modelColumns = (db: Database) => db`
  m.id, m.version, m.kind, m.effective_from as "effectiveFrom", m.fitted_at as "fittedAt", m.cut_off as "cutOff", m.status,
  m.detail`;

export async function findModels(db: Database, ids: readonly string[]): Promise<KpiModelRow[]> {
  return db`select ${modelColumns(db)} from kpi_models m where m.id = any(${idList(ids)}::uuid[])`;
}

/** The one in use; undefined: none has converged yet. */
export async function findModelInUse(db: Database): Promise<KpiModelRow | undefined> {
  const [row] = await db<KpiModelRow[]>`
    select ${modelColumns(db)} from kpi_models m where m.effective_from is not null
    order by m.effective_from desc, m.version desc limit 1`;
  return row;
}

/** One page, with one too many to tell whether there is more. The latest first. */
export async function listModels(
  db: Database,
  { kind, page }: { readonly kind: ModelKind | null; readonly page: PageRequest },
): Promise<KpiModelRow[]> {
  const { after, before, backward, size } = page;
  return db`
    select ${modelColumns(db)} from kpi_models m
    where ${kind === null ? db`true` : db`m.kind = ${kind}`}
      ${after ? db`and (m.fitted_at, m.id) < (${after.at}, ${after.id}::uuid)` : db``}
      ${before ? db`and (m.fitted_at, m.id) > (${before.at}, ${before.id}::uuid)` : db``}
    order by ${backward ? db`m.fitted_at, m.id` : db`m.fitted_at desc, m.id desc`}
    limit ${size + 1}`;
}
