import type { Database, Tx } from '../../kernel/database.ts';

export interface RelationStatement {
  readonly id: string;
  readonly operation: string;
  readonly fingerprint: string;
  readonly subjectId: string | null;
  readonly actorId: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: Date;
}

/** False when there is one of this id already. Waits for a transaction that is writing it just now. */
export async function insertStatement(tx: Tx, statement: RelationStatement): Promise<boolean> {
  const { id, operation, fingerprint, subjectId, actorId, actor, reason, at } = statement;
  const result = await tx`
    insert into relation_statements (id, operation, fingerprint, subject_id, actor_id, actor, reason, at)
    values (${id}, ${operation}, ${fingerprint}, ${subjectId}, ${actorId}, ${actor}, ${reason}, ${at})
    on conflict (id) do nothing`;
  return result.count > 0;
}

export async function findStatement(db: Database, id: string): Promise<RelationStatement | undefined> {
  const [row] = await db<RelationStatement[]>`
    select id, operation, fingerprint, subject_id as "subjectId", actor_id as "actorId", actor, reason, at
    from relation_statements where id = ${id}`;
  return row;
}
