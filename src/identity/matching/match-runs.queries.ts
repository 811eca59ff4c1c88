import type { Database, Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { FieldSource } from './record-fields.ts';

export const runKinds = ['TRAIN', 'MATCH'] as const;
export type RunKind = (typeof runKinds)[number];

export const runStatuses = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;
export type RunStatus = (typeof runStatuses)[number];

export interface RunOptions {
  /** Of a training: the fields to compare; the shipped ones where left out. */
  readonly sources?: readonly FieldSource[];
  /** Of a training: make the new model the one that is used, and match all records by it. */
  readonly activate?: boolean;
}

export interface RunRow {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunStatus;
  readonly options: RunOptions;
  readonly fingerprint: string;
  readonly actor: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
  readonly modelVersion: number | null;
  readonly result: JsonObject | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const runColumns = (db: Database) => db`
  id, kind, status, options, fingerprint, actor, phase, done, total, model_version as "modelVersion", result, error,
  attempts, requested_at as "requestedAt", started_at as "startedAt", finished_at as "finishedAt"`;

export type NewRun = Pick<RunRow, 'id' | 'kind' | 'options' | 'fingerprint' | 'actor' | 'requestedAt'>;

/** Enters a run that waits for its turn. False where there is one with this id already, which stays as it is. */
export async function insertRun(db: Database, run: NewRun): Promise<boolean> {
  const result = await db`
    insert into match_runs (id, kind, status, options, fingerprint, actor, phase, done, attempts, requested_at)
    values (${run.id}, ${run.kind}, 'QUEUED', ${JSON.stringify(run.options)}::text::jsonb, ${run.fingerprint},
            ${run.actor}, 'waiting', 0, 0, ${run.requestedAt})
    on conflict (id) do nothing`;
  return result.count > 0;
}

export async function findRun(db: Database, id: string): Promise<RunRow | undefined> {
  const [row] = await db<RunRow[]>`select ${runColumns(db)} from match_runs where id = ${id}`;
  return row;
}

/** The run whose turn it is: one that a node has left unfinished, or else the one that waits longest. */
export async function findNextRun(db: Database): Promise<RunRow | undefined> {
  const [row] = await db<RunRow[]>`
    select ${runColumns(db)} from match_runs where finished_at is null order by requested_at, id limit 1`;
  return row;
}

/** The newest first. */
export async function listRuns(db: Database, limit: number): Promise<RunRow[]> {
  return db<RunRow[]>`select ${runColumns(db)} from match_runs order by requested_at desc, id desc limit ${limit}`;
}

export async function beginRun(db: Database, id: string, now: Date): Promise<void> {
  await db`
    update match_runs
    set status = 'RUNNING', attempts = attempts + 1, started_at = ${now}, phase = 'starting', done = 0, total = null
    where id = ${id} and finished_at is null`;
}

export interface RunProgress {
  readonly phase: string;
  readonly done: number;
  readonly total: number | null;
}

export async function updateRun(db: Database, id: string, { phase, done, total }: RunProgress): Promise<void> {
  await db`
    update match_runs set phase = ${phase}, done = ${done}, total = ${total}
    where id = ${id} and finished_at is null`;
}

export async function finishRun(
  db: Database | Tx,
  id: string,
  { result, modelVersion, now }: { result: JsonObject; modelVersion: number | null; now: Date },
): Promise<void> {
  await db`
    update match_runs
    set status = 'SUCCEEDED', phase = 'done', result = ${JSON.stringify(result)}::text::jsonb,
        model_version = ${modelVersion}, finished_at = ${now}
    where id = ${id} and finished_at is null`;
}

export async function failRun(db: Database, id: string, { error, now }: { error: string; now: Date }): Promise<void> {
  await db`
    update match_runs set status = 'FAILED', error = ${error}, finished_at = ${now}
    where id = ${id} and finished_at is null`;
}
