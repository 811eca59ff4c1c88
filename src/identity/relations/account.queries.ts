import type { Fragment } from 'postgres';
import type { Database, Tx } from '../../kernel/database.ts';
import type { PageRequest, Position } from '../../kernel/paging.ts';
import { mostLevelsOfAccounts } from './relation-errors.ts';

/** What another system calls an account. */
export interface ExternalKey {
  readonly source: string;
  readonly key: string;
}

export interface AccountView {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly string[];
  readonly parentId: string | null;
  readonly externalKeys: readonly ExternalKey[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Of `accounts a`. */
const columns = (db: Database): Fragment => db`
  a.id, a.name, a.domains, a.parent_id as "parentId", a.created_at as "createdAt", a.updated_at as "updatedAt",
  (select coalesce(jsonb_agg(jsonb_build_object('source', k.source, 'key', k.key) order by k.source, k.key), '[]')
   from account_keys k where k.account_id = a.id) as "externalKeys"`;

export async function findAccounts(db: Database, ids: readonly string[]): Promise<AccountView[]> {
  return db`select ${columns(db)} from accounts a where a.id = any(${ids as string[]}::uuid[])`;
}

export async function findAccountOfKey(db: Database, { source, key }: ExternalKey): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select account_id as id from account_keys where source = ${source} and key = ${key}`;
  return row?.id;
}

/** Newest first, behind a position; one more than the page holds. */
export async function listAccounts(
  db: Database,
  { size, after }: PageRequest,
  { domain }: { domain: string | null },
): Promise<AccountView[]> {
  return db`
    select ${columns(db)} from accounts a
    where true
      ${domain === null ? db`` : db`and a.domains @> array[${domain}::text]`}
      ${after ? db`and (a.created_at, a.id) < (${after.at}, ${after.id}::uuid)` : db``}
    order by a.created_at desc, a.id desc
    limit ${size + 1}`;
}

/** The accounts directly below each of these, oldest first. */
export async function listChildren(
  db: Database,
  ids: readonly string[],
  { after, limit }: { after: Position | null; limit: number },
): Promise<AccountView[]> {
  return db`
    select a.*
    from unnest(${ids as string[]}::uuid[]) as owner (id)
    cross join lateral (
      select ${columns(db)} from accounts a
      where a.parent_id = owner.id ${after ? db`and (a.created_at, a.id) > (${after.at}, ${after.id}::uuid)` : db``}
      order by a.created_at, a.id
      limit ${limit}
    ) a
    order by a."createdAt", a.id`;
}

/** Each with all that is above it, from the top down. `startId`: whose path it is. */
export async function findAccountPaths(
  db: Database,
  ids: readonly string[],
): Promise<(AccountView & { startId: string })[]> {
  return db`
    with recursive path as (
      select id as start_id, id, parent_id, 0 as height from accounts where id = any(${ids as string[]}::uuid[])
      union all
      select path.start_id, parent.id, parent.parent_id, path.height + 1
      from path join accounts parent on parent.id = path.parent_id
      where path.height < ${mostLevelsOfAccounts}
    )
    select path.start_id as "startId", ${columns(db)}
    from path join accounts a on a.id = path.id
    order by path.start_id, path.height desc`;
}

/** The account and all that is above it, nearest first. */
export async function findAncestors(tx: Tx, id: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    with recursive path as (
      select id, parent_id, 0 as height from accounts where id = ${id}
      union all
      select parent.id, parent.parent_id, path.height + 1
      from path join accounts parent on parent.id = path.parent_id
      where path.height < ${mostLevelsOfAccounts}
    )
    select id from path order by height`;
  return rows.map((row) => row.id);
}

/** Levels from this account down to the lowest below it; 1 for one with nothing below. */
export async function countLevelsBelow(tx: Tx, id: string): Promise<number> {
  const [row] = await tx<{ levels: number }[]>`
    with recursive tree as (
      select id, 1 as level from accounts where id = ${id}
      union all
      select child.id, tree.level + 1
      from tree join accounts child on child.parent_id = tree.id
      where tree.level <= ${mostLevelsOfAccounts}
    )
    select max(level) as levels from tree`;
  return row?.levels ?? 0;
}

/** Parents change one at a time: two changes that are harmless alone could close a circle together. */
export async function lockHierarchy(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('rundum.account-hierarchy'))`;
}

/** False when an account has this key already. Waits for a transaction that is giving it away just now. */
export async function insertKey(tx: Tx, { source, key }: ExternalKey, accountId: string): Promise<boolean> {
  const result = await tx`
    insert into account_keys (source, key, account_id) values (${source}, ${key}, ${accountId})
    on conflict (source, key) do nothing`;
  return result.count > 0;
}

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  readonly domains: readonly string[];
  readonly now: Date;
}

export async function insertAccount(tx: Tx, { id, name, domains, now }: NewAccount): Promise<void> {
  await tx`
    insert into accounts (id, name, domains, parent_id, created_at, updated_at)
    values (${id}, ${name}, ${domains as string[]}::text[], null, ${now}, ${now})`;
}

/** Its name and domains, so that a change can be told from a repetition. */
export async function lockAccount(
  tx: Tx,
  id: string,
): Promise<{ name: string; domains: string[]; parentId: string | null } | undefined> {
  const [row] = await tx<{ name: string; domains: string[]; parentId: string | null }[]>`
    select name, domains, parent_id as "parentId" from accounts where id = ${id} for no key update`;
  return row;
}

export async function updateAccount(tx: Tx, { id, name, domains, now }: NewAccount): Promise<void> {
  await tx`
    update accounts set name = ${name}, domains = ${domains as string[]}::text[], updated_at = ${now} where id = ${id}`;
}

export async function setParent(tx: Tx, { id, parentId, now }: { id: string; parentId: string | null; now: Date }) {
  await tx`update accounts set parent_id = ${parentId}, updated_at = ${now} where id = ${id}`;
}
