import type { Database, Tx } from '../../kernel/database.ts';
import { column, idColumn, idList, jsonLines } from '../../kernel/sql-array.ts';
import type { PreferenceOrigin, StatedPreference } from './preference.ts';

/** A row of `preference_statements`. */
export interface PreferenceRow extends StatedPreference {
  readonly origin: PreferenceOrigin;
  readonly source: string;
  readonly actor: string | null;
  readonly recordedAt: Date;
  readonly fingerprint: string | null;
}

export async function insertPreferences(tx: Tx, statements: readonly PreferenceRow[]): Promise<void> {
  await tx`
    insert into preference_statements (record_id, id, name, declared, origin, source, actor, stated_at, recorded_at,
                                       fingerprint, value)
    select record_id, id, name, declared, origin, source, actor, stated_at, recorded_at, fingerprint, value::jsonb
    from rows from (
      unnest(
        ${idColumn(statements, (one) => one.recordId)}::uuid[],
        ${idColumn(statements, (one) => one.id)}::uuid[],
        ${column(statements, (one) => one.name)}::text[],
        ${column(statements, (one) => one.declared)}::boolean[],
        ${column(statements, (one) => one.origin)}::text[],
        ${column(statements, (one) => one.source)}::text[],
        ${column(statements, (one) => one.actor)}::text[],
        ${column(statements, (one) => one.statedAt)}::timestamptz[],
        ${column(statements, (one) => one.recordedAt)}::timestamptz[],
        ${idColumn(statements, (one) => one.fingerprint)}::uuid[]),
      string_to_table(${jsonLines(statements, (one) => one.value)}::text, E'\\n')
    ) as new (record_id, id, name, declared, origin, source, actor, stated_at, recorded_at, fingerprint, value)
    on conflict (record_id, id) do nothing`;
}

export interface OwnedPreference extends PreferenceRow {
  readonly customerId: string;
}

/** What was said of the records that these customers have now. */
export async function findPreferencesOf(db: Database, customerIds: readonly string[]): Promise<OwnedPreference[]> {
  return db`
    select r.customer_id as "customerId", ${preferenceColumns(db)}
    from unnest(${idList(customerIds)}::uuid[]) as c (id)
    cross join lateral (select id, customer_id from records where customer_id = c.id offset 0) as r
    cross join lateral (select * from preference_statements where record_id = r.id offset 0) as s`;
}

/** The rows of decisions: one for each record that the customer had. */
export async function findPreferenceDecisions(db: Database, ids: readonly string[]): Promise<PreferenceRow[]> {
  return db`
    select ${preferenceColumns(db)} from preference_statements s
    where s.id = any(${idList(ids)}::uuid[]) and s.origin <> 'TOUCHPOINT'
    order by s.record_id`;
}

const preferenceColumns = (db: Database) => db`
  s.record_id as "recordId", s.id, s.name, s.value, s.declared, s.origin, s.source, s.actor,
  s.stated_at as "statedAt", s.recorded_at as "recordedAt", s.fingerprint`;
