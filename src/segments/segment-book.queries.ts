import type { Condition } from '../conditions/condition.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { hold, lockAlone, type SharedBook } from '../kernel/shared-books.queries.ts';

export interface BookState {
  readonly revision: number;
  /** How far versions that are being built have been applied: `{segment: customer}`, null before the first step. */
  readonly applied: Readonly<Record<string, string | null>>;
}

/** Shared by all transactions that evaluate segments, exclusive to the one that changes which there are. */
export const segmentBook: SharedBook<BookState> = {
  lock: 0x53_65_67_6d,
  state: (db) => db`(
    select jsonb_build_object(
      'revision', revision,
      'applied', (select coalesce(jsonb_object_agg(segment_id, position), '{}')
                  from segment_versions where phase in ('EVALUATING', 'APPLYING')))
    from segment_book)`,
};

/**
 * Keeps the live segments as they are until the transaction ends. After the locks on customers: how far a version is applied
 * only moves under those.
 */
export function holdBook(tx: Tx): Promise<BookState> {
  return hold(tx, segmentBook);
}

/** Waits for every transaction that evaluates segments, and keeps new ones waiting. */
export function lockBook(tx: Tx): Promise<void> {
  return lockAlone(tx, segmentBook);
}

/** Whoever holds the book next reads it anew. Under its lock. */
export async function turnPage(tx: Tx): Promise<void> {
  await tx`update segment_book set revision = revision + 1`;
}

/** A definition that is evaluated live. */
export interface LiveVersion {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
  /** By which customers are members now; else it is being built. */
  readonly served: boolean;
}

export interface BookPages {
  readonly live: readonly LiveVersion[];
  /** What live versions name, and what those name: by segment and version. */
  readonly named: readonly {
    readonly segmentId: string;
    readonly version: number;
    readonly definition: Condition;
    readonly pins: Readonly<Record<string, number>>;
  }[];
}

export async function loadBook(db: Database): Promise<BookPages> {
  const [live, named] = await Promise.all([
    db<LiveVersion[]>`
      select v.segment_id as "segmentId", v.version, v.definition, v.pins, v.version = s.served_version as served
      from segments s join segment_versions v on v.segment_id = s.id
      where s.status <> 'ARCHIVED' and v.phase in ('EVALUATING', 'APPLYING', 'SERVED')
      order by s.created_at, s.id, v.version`,
    db<BookPages['named'][number][]>`
      select v.segment_id as "segmentId", v.version, v.definition, v.pins
      from segment_versions v
      where v.segment_id::text in (select jsonb_object_keys(pins) from segment_versions)`,
  ]);
  return { live, named };
}
