import type { Database, Tx } from '../../kernel/database.ts';
import type { NamePageRequest } from '../../kernel/name-paging.ts';
import type { MetricQuery } from '../metrics/metric-query.ts';

export interface SavedQuery {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: number;
  readonly query: MetricQuery;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly fingerprint: string;
}

const columns = (db: Database) => db`
  id, name, description, version, query, created_at as "createdAt", updated_at as "updatedAt", fingerprint`;

export async function findSavedQuery(db: Database, id: string): Promise<SavedQuery | undefined> {
  const [row] = await db<SavedQuery[]>`select ${columns(db)} from saved_metric_queries where id = ${id}`;
  return row;
}

export async function findSavedQueryByName(db: Database, name: string): Promise<SavedQuery | undefined> {
  const [row] = await db<SavedQuery[]>`select ${columns(db)} from saved_metric_queries where name = ${name}`;
  return row;
}

/** By name, for changing it: nobody else can meanwhile. */
export async function lockSavedQuery(tx: Tx, name: string): Promise<SavedQuery | undefined> {
  const [row] = await tx<SavedQuery[]>`
    select ${columns(tx)} from saved_metric_queries where name = ${name} for update`;
  return row;
}

/** By name; one more than the page holds. */
export async function listSavedQueries(db: Database, { after, size }: NamePageRequest): Promise<SavedQuery[]> {
  return db`
    select ${columns(db)} from saved_metric_queries
    where ${after === null ? db`true` : db`name > ${after}`} order by name limit ${size + 1}`;
}

/** False where there is one of this name or id already. */
export async function insertSavedQuery(tx: Tx, saved: SavedQuery): Promise<boolean> {
  const { count } = await tx`
    insert into saved_metric_queries (id, name, description, version, query, created_at, updated_at, fingerprint)
    values (${saved.id}, ${saved.name}, ${saved.description}, ${saved.version}, ${JSON.stringify(saved.query)}::text::jsonb,
            ${saved.createdAt}, ${saved.updatedAt}, ${saved.fingerprint})
    on conflict do nothing`;
  return count > 0;
}

export async function updateSavedQuery(tx: Tx, saved: SavedQuery): Promise<void> {
  await tx`
    update saved_metric_queries
    set description = ${saved.description}, version = ${saved.version}, query = ${JSON.stringify(saved.query)}::text::jsonb,
        updated_at = ${saved.updatedAt}, fingerprint = ${saved.fingerprint}
    where id = ${saved.id}`;
}

export async function deleteSavedQuery(tx: Tx, id: string): Promise<void> {
  await tx`delete from saved_metric_queries where id = ${id}`;
}
