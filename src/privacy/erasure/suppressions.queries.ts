import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList } from '../../kernel/sql-array.ts';

export const suppressionKinds = ['RECORD', 'IDENTIFIER'] as const;
export type SuppressionKind = (typeof suppressionKinds)[number];

export interface Suppression {
  /** Derived from what is suppressed. */
  readonly id: string;
  readonly kind: SuppressionKind;
  readonly requestId: string;
  readonly at: Date;
  readonly liftedAt: Date | null;
  readonly liftedBy: string | null;
  readonly liftReason: string | null;
}

const columns = (db: Database) => db`
  id, kind, request_id as "requestId", at, lifted_at as "liftedAt", lifted_by as "liftedBy", lift_reason as "liftReason"`;

export async function hasSuppressions(db: Database): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`
    select exists (select from suppressions where lifted_at is null) as found`;
  return row!.found;
}

/** Those of these that are suppressed. */
export async function findSuppressed(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db<{ id: string }[]>`
    select id from suppressions where id = any(${idList(ids)}::uuid[]) and lifted_at is null`;
  return new Set(rows.map(({ id }) => id));
}

/** In force or lifted. */
export async function findSuppression(db: Database, id: string): Promise<Suppression | undefined> {
  const [row] = await db<Suppression[]>`select ${columns(db)} from suppressions where id = ${id}`;
  return row;
}

export interface NewSuppression {
  readonly id: string;
  readonly kind: SuppressionKind;
}

/** Somebody who came back and is erased again is suppressed again. */
export async function insertSuppressions(
  tx: Tx,
  suppressions: readonly NewSuppression[],
  { requestId, at }: { requestId: string; at: Date },
): Promise<void> {
  await tx`
    insert into suppressions (id, kind, request_id, at)
    select id, kind, ${requestId}, ${at}
    from unnest(
      ${idColumn(suppressions, ({ id }) => id)}::uuid[], ${column(suppressions, ({ kind }) => kind)}::text[]) as new (id, kind)
    on conflict (id) do update
    set kind = excluded.kind, request_id = excluded.request_id, at = excluded.at, lifted_at = null, lifted_by = null,
        lift_reason = null`;
}

/** Which ones: by their ids, or all of an erasure. */
export interface SuppressionChoice {
  readonly ids?: readonly string[];
  readonly requestId?: string;
}

/** Answers the ids of those that were in force. */
export async function liftSuppressions(
  tx: Tx,
  { ids = [], requestId = null }: Omit<SuppressionChoice, 'requestId'> & { readonly requestId?: string | null },
  { by, reason, at }: { by: string; reason: string; at: Date },
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    update suppressions set lifted_at = ${at}, lifted_by = ${by}, lift_reason = ${reason}
    where lifted_at is null and (id = any(${idList(ids)}::uuid[]) or request_id = ${requestId}::uuid)
    returning id`;
  return rows.map(({ id }) => id);
}

export interface SuppressionCounts {
  readonly records: number;
  readonly identifiers: number;
  readonly lifted: number;
}

export async function countSuppressions(db: Database): Promise<SuppressionCounts> {
  const [row] = await db<SuppressionCounts[]>`
    select (count(*) filter (where lifted_at is null and kind = 'RECORD'))::int as records,
           (count(*) filter (where lifted_at is null and kind = 'IDENTIFIER'))::int as identifiers,
           (count(*) filter (where lifted_at is not null))::int as lifted
    from suppressions`;
  return row!;
}
