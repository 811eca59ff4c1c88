import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../../kernel/database.ts';
import { column } from '../../../kernel/sql-array.ts';
import { inSegments, type SegmentScope } from '../../segment-scope.queries.ts';
import { streamRows } from '../streaming.queries.ts';
import type { CaseEvent, CaseEventKind } from './case-clock.ts';
import type { NpsCounts } from './nps.ts';

export interface VoiceQuestion {
  readonly from: Date;
  readonly to: Date;
  readonly scope: SegmentScope;
  readonly segmentIds: readonly string[];
}

export interface NpsQuestion extends VoiceQuestion {
  readonly edges: readonly Date[];
  /** Null: all of them. */
  readonly variant: string | null;
}

/** Everybody's latest answer in each bucket, counted; a receipt that is nobody's answers for itself. */
export async function countNps(db: Database, asked: NpsQuestion): Promise<({ bucket: number } & NpsCounts)[]> {
  const { from, to, edges, variant } = asked;
  return db`
    select bucket, (count(*) filter (where score >= 9))::int as promoters,
           (count(*) filter (where score >= 7 and score < 9))::int as passives,
           (count(*) filter (where score < 7))::int as detractors
    from (
      select distinct on (bucket, who) bucket, score
      from (
        select width_bucket(s.occurred_at, ${column(edges, (edge) => edge)}::timestamptz[]) - 1 as bucket,
               coalesce(r.customer_id, s.id) as who, s.score, s.occurred_at, s.id
        from signals s join records r on r.id = s.record_id
        where s.kind = 'NPS' and s.occurred_at >= ${from} and s.occurred_at < ${to}
          ${variant === null ? db`` : db`and s.subject = ${variant}`} and ${inScope(db, asked)}
      ) as answer
      order by bucket, who, occurred_at desc, id desc
    ) as latest
    group by bucket`;
}

export interface CaseRow {
  /** The customer; of a receipt that is nobody's, the record. */
  readonly who: string;
  readonly events: readonly CaseEvent[];
}

/** All that happened to cases of which an opening lies in the period: a case is one customer's, whoever writes it down. */
export async function streamCases(tx: Tx, asked: VoiceQuestion, each: (row: CaseRow) => void): Promise<void> {
  const { from, to } = asked;
  const query = tx<{ who: string; events: string }[]>`
    with opened as materialized (
      select distinct r.customer_id, coalesce(r.customer_id, r.id) as who, ${number(tx)} as number
      from signals s join records r on r.id = s.record_id
      where s.kind = 'CASE_OPENED' and s.occurred_at >= ${from} and s.occurred_at < ${to}
        and ${inScope(tx, asked)}
    )
    select o.who, json_agg(json_build_array(s.kind, (extract(epoch from s.occurred_at) * 1000)::bigint)
                           order by s.occurred_at, s.id)::text as events
    from opened o
    join records r on (r.customer_id = o.who or (r.id = o.who and r.customer_id is null and o.customer_id is null))
    cross join lateral (
      select s.kind, s.occurred_at, s.id from signals s
      where s.record_id = r.id and ${number(tx)} = o.number and s.kind like 'CASE\\_%' offset 0) as s
    group by o.who, o.number`;
  await streamRows(query, ({ who, events }) => {
    const told = JSON.parse(events) as [CaseEventKind, number][];
    each({ who, events: told.map(([kind, at]) => ({ kind, at: new Date(at) })) });
  });
}

/** Openings without a case's number: nobody can tell what became of them, so each is a case that stays open. */
export async function countNamelessCases(db: Database, asked: VoiceQuestion): Promise<number> {
  const [row] = await db<{ cases: number }[]>`
    select count(*)::int as cases from signals s join records r on r.id = s.record_id
    where s.kind = 'CASE_OPENED' and s.subject is null and s.occurred_at >= ${asked.from} and s.occurred_at < ${asked.to}
      and ${inScope(db, asked)}`;
  return row!.cases;
}

const number = (db: Database) => db`coalesce(s.subject, s.id::text)`;

function inScope(db: Database, { scope, segmentIds }: VoiceQuestion): Fragment {
  return inSegments(db, scope, { customer: db`r.customer_id`, segmentIds });
}
