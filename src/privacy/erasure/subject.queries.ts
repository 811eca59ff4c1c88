import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

export interface SubjectRecord {
  readonly id: string;
  readonly customerId: string;
  readonly componentId: string | null;
}

/** All records of the customer to whom this id leads, in order; none where it leads to nobody. */
export async function findSubjectRecords(db: Database, anyId: string): Promise<SubjectRecord[]> {
  return db`
    select r.id, r.customer_id as "customerId", r.component_id as "componentId"
    from records asked join records r on r.customer_id = asked.customer_id
    where asked.id = ${anyId}
    order by r.id`;
}

export interface SubjectIdentifier {
  readonly id: string;
  readonly kind: string;
  /** Records of others carry it too. */
  readonly shared: boolean;
  /** The person carries it, and a rule lets it identify somebody: not only taken away, blocked or cut. */
  readonly usable: boolean;
  readonly cut: boolean;
}

/** What these records carry or have ever carried. A claim that a steward took away from others does not make it theirs. */
export async function findSubjectIdentifiers(db: Database, recordIds: readonly string[]): Promise<SubjectIdentifier[]> {
  return db`
    select c.identifier_id as id, min(c.kind) as kind,
           bool_or(c.removed_by is null) and not bool_or(i.blocked) and not bool_or(i.cut_at is not null) as usable,
           bool_or(i.cut_at is not null) as cut,
           exists (
             select from claims o
             where o.identifier_id = c.identifier_id and o.removed_by is null
               and o.record_id <> all(${idList(recordIds)}::uuid[])) as shared
    from claims c join identifiers i on i.id = c.identifier_id
    where c.record_id = any(${idList(recordIds)}::uuid[])
    group by c.identifier_id
    order by c.identifier_id`;
}

/** Records of others that refused evidence ties to these. */
export async function findTiedRecords(
  db: Database,
  { componentIds, recordIds }: { componentIds: readonly string[]; recordIds: readonly string[] },
): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from records
    where component_id = any(${idList(componentIds)}::uuid[]) and id <> all(${idList(recordIds)}::uuid[])
    order by id`;
  return rows.map(({ id }) => id);
}

/** Those of these identifiers that few enough records carry by now. */
export async function findUncut(db: Database, ids: readonly string[]): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from identifiers where id = any(${idList(ids)}::uuid[]) and cut_at is null order by id`;
  return rows.map(({ id }) => id);
}
