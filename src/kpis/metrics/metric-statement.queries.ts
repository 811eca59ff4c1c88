import type { Fragment, PendingQuery } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';
import { unprepared } from '../../kernel/unprepared.ts';
import type { Watch } from './metric-plan.ts';
import type { MetricStatement, StatementRow } from './metric-statement.ts';

/** Its shape follows what callers ask, so it is not kept prepared. */
export function askMetrics(tx: Tx, { sql, text }: MetricStatement): PendingQuery<StatementRow[]> {
  const { texts, values } = sql.pieces(text);
  // Not a template that is made up for it: postgres.js keeps each that it has ever seen, with whoever sent it first.
  const begin: Fragment = tx.unsafe(texts[0]!);
  const whole = values.reduce<Fragment>(
    (before, value, index) => tx`${before}${value as never}${tx.unsafe(texts[index + 1]!)}`,
    begin,
  );
  return unprepared(tx<StatementRow[]>`${whole}`);
}

/** The state of the database that a transaction sees. */
export interface SeenState {
  /** `pg_snapshot` as text. */
  readonly snapshot: string;
  /** When customers were scored last. */
  readonly scoredAt: Date | null;
}

/** What PostgreSQL may take to sort and hash; the rest goes to disk. */
const workMemory = '64MB';

/** How statements about everybody are to be run, each within so many seconds. */
export async function prepareMetrics(tx: Tx, seconds: number): Promise<SeenState> {
  const [row] = await tx<SeenState[]>`
    select set_config('work_mem', ${workMemory}, true), set_config('plan_cache_mode', 'force_custom_plan', true),
           set_config('jit', 'off', true), set_config('statement_timeout', ${`${Math.round(seconds * 1000)}ms`}, true),
           pg_current_snapshot()::text as snapshot, (select max(at) from kpi_scales) as "scoredAt"`;
  return row!;
}

/** Programmes that are published, by name; a few are enough to say that there are several. */
export async function findPrograms(db: Database, name: string | null): Promise<{ id: string; name: string }[]> {
  return db`
    select id, name from loyalty_programs
    where published_version is not null and (${name}::text is null or name = ${name}) order by name limit 20`;
}

export interface SinceThen {
  /** Something that matters became visible, or so much that nobody looked through it. */
  readonly changed: boolean;
  /** What is visible now, as `pg_snapshot`: where to look on from. */
  readonly snapshot: string;
}

/** Lines to look through: some milliseconds of the database's time. */
const mostLines = 20_000;

/**
 * Whether a line of the change feed that matters has become visible since a snapshot. Transactions that were under way then have
 * numbers from the snapshot's xmin on: when they end, their lines are behind it and not visible in it.
 */
export async function changedSince(db: Database, snapshot: string, watch: Watch): Promise<SinceThen> {
  const spans = watch.touchpoints.flatMap(({ types, spans: within }) =>
    (within ?? [{ from: null, to: null }]).map(({ from, to }) => ({ types: types && JSON.stringify(types), from, to })),
  );
  const [row] = await db<SinceThen[]>`
    with line as materialized (
      select topic, detail from changes
      where tx >= pg_snapshot_xmin(${snapshot}::pg_snapshot) and not pg_visible_in_snapshot(tx, ${snapshot}::pg_snapshot)
      limit ${mostLines + 1}
    ), watched as materialized (
      select types::jsonb as types, begins, ends from unnest(
        ${column(spans, ({ types }) => types)}::text[],
        ${column(spans, ({ from }) => from)}::timestamptz[],
        ${column(spans, ({ to }) => to)}::timestamptz[]) as given (types, begins, ends)
    )
    select (select count(*) from line) > ${mostLines} or exists (
             select from line where topic = any(${watch.topics as string[]}::text[])
           ) or exists (
             select from line join watched on line.topic = 'touchpoint.recorded'
               and (watched.types is null or watched.types ? (line.detail ->> 'type'))
               and (watched.begins is null or (line.detail ->> 'occurredAt')::timestamptz >= watched.begins)
               and (watched.ends is null or (line.detail ->> 'occurredAt')::timestamptz < watched.ends)
           ) as changed, pg_current_snapshot()::text as snapshot`;
  return row!;
}
