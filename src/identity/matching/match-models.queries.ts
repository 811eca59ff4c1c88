import type { Database, Tx } from '../../kernel/database.ts';
import type { Evaluation } from './evaluate.ts';
import type { MatchModel } from './match-model.ts';
import type { FieldSource } from './record-fields.ts';

export interface ModelRow {
  readonly version: number;
  readonly sources: readonly FieldSource[];
  readonly model: MatchModel;
  readonly evaluation: Evaluation | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly active: boolean;
  readonly activatedAt: Date | null;
}

const modelColumns = (db: Database) => db`
  version, sources, model, evaluation, created_by as "createdBy", created_at as "createdAt", active,
  activated_at as "activatedAt"`;

export async function findModel(db: Database, version: number): Promise<ModelRow | undefined> {
  const [row] = await db<ModelRow[]>`select ${modelColumns(db)} from match_models where version = ${version}`;
  return row;
}

export async function findModels(db: Database, versions: readonly number[]): Promise<ModelRow[]> {
  return db<ModelRow[]>`
    select ${modelColumns(db)} from match_models where version = any(${versions as number[]}::integer[])`;
}

export async function findActiveModel(db: Database): Promise<ModelRow | undefined> {
  const [row] = await db<ModelRow[]>`select ${modelColumns(db)} from match_models where active`;
  return row;
}

export async function findActiveVersion(db: Database): Promise<number | undefined> {
  const [row] = await db<{ version: number }[]>`select version from match_models where active`;
  return row?.version;
}

/** The newest first. */
export async function listModels(db: Database, limit: number): Promise<ModelRow[]> {
  return db<ModelRow[]>`select ${modelColumns(db)} from match_models order by version desc limit ${limit}`;
}

/** Serialises trainings and activations that end at the same time. */
export async function lockModels(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('rundum.match-models'))`;
}

export interface NewModel {
  readonly sources: readonly FieldSource[];
  readonly model: MatchModel;
  readonly evaluation: Evaluation | null;
  readonly createdBy: string;
  readonly createdAt: Date;
}

/** Answers the version that it got. Needs {@link lockModels}. */
export async function insertModel(
  tx: Tx,
  { sources, model, evaluation, createdBy, createdAt }: NewModel,
): Promise<number> {
  const [row] = await tx<{ version: number }[]>`
    insert into match_models (version, sources, model, evaluation, created_by, created_at, active)
    select coalesce(max(version), 0) + 1, ${JSON.stringify(sources)}::text::jsonb, ${JSON.stringify(model)}::text::jsonb,
           ${evaluation && JSON.stringify(evaluation)}::text::jsonb, ${createdBy}, ${createdAt}, false
    from match_models
    returning version`;
  return row!.version;
}

/** Makes it the one model that is used. Needs {@link lockModels}. */
export async function activateModel(tx: Tx, version: number, now: Date): Promise<void> {
  await tx`update match_models set active = false where active and version <> ${version}`;
  await tx`update match_models set active = true, activated_at = ${now} where version = ${version} and not active`;
}
