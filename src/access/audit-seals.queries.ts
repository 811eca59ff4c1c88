import type { Database, Tx } from '../kernel/database.ts';
import { column, idColumn } from '../kernel/sql-array.ts';
import { type AuditFilter, matches } from './audit.queries.ts';
import type { AuditEntry, AuditSeal, ChainHead } from './audit-chain.ts';
import type { AuditLink } from './audit-check.ts';

/** An entry without a seal, with the digest that its writer left; `null`: it is older than seals are. */
export interface PendingEntry {
  readonly id: string;
  readonly digest: Buffer | null;
  /** `null`: it is gone already. */
  readonly entry: AuditEntry | null;
}

export async function insertPending(tx: Tx, entries: readonly { id: string; digest: Buffer }[]): Promise<void> {
  await tx`
    insert into audit_pending (entry_id, digest)
    select id, decode(digest, 'hex')
    from unnest(
      ${idColumn(entries, (entry) => entry.id)}::uuid[],
      ${column(entries, (entry) => entry.digest.toString('hex'))}::text[]
    ) as new (id, digest)`;
}

/** Until the end of the transaction, no other node adds to the chain. */
export async function lockChain(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('rundum.audit-chain', 0))`;
}

export async function hasPending(db: Database): Promise<boolean> {
  const [row] = await db<{ found: boolean }[]>`select exists (select from audit_pending) as found`;
  return row!.found;
}

/** Those that can be sealed, the earliest first. An old entry that is gone has nothing left to seal: see `findLost`. */
export async function findPending(tx: Tx, limit: number): Promise<PendingEntry[]> {
  const rows = await tx<(AuditEntry & { entryId: string; digest: Buffer | null })[]>`
    select entry_id as "entryId", digest, ${joinedEntry(tx)}
    from audit_pending left join audit_entries on id = entry_id
    where digest is not null or id is not null
    order by entry_id
    limit ${limit}`;
  return rows.map(({ entryId, digest, ...entry }) => ({ id: entryId, digest, entry: entryOrNull(entry) }));
}

export async function deletePending(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx`delete from audit_pending where entry_id = any(${ids as string[]}::uuid[])`;
}

export async function findHead(db: Database): Promise<(ChainHead & { sealedAt: Date }) | undefined> {
  const [row] = await db<{ position: bigint; hash: Buffer; sealedAt: Date }[]>`
    select position, hash, sealed_at as "sealedAt" from audit_seals order by position desc limit 1`;
  return row && { ...row, position: Number(row.position) };
}

export async function insertSeals(tx: Tx, seals: readonly AuditSeal[]): Promise<void> {
  const hex = (pick: (seal: AuditSeal) => Buffer) => column(seals, (seal) => pick(seal).toString('hex'));
  await tx`
    insert into audit_seals (position, entry_id, digest, previous, hash, sealed_at)
    select position, entry_id, decode(digest, 'hex'), decode(previous, 'hex'), decode(hash, 'hex'), sealed_at
    from unnest(
      ${column(seals, (seal) => seal.position)}::bigint[],
      ${idColumn(seals, (seal) => seal.entryId)}::uuid[],
      ${hex((seal) => seal.digest)}::text[],
      ${hex((seal) => seal.previous)}::text[],
      ${hex((seal) => seal.hash)}::text[],
      ${column(seals, (seal) => seal.sealedAt)}::timestamptz[]
    ) as new (position, entry_id, digest, previous, hash, sealed_at)`;
}

/** The chain behind a position, in its order. */
export async function listLinks(
  db: Database,
  { after, limit, filter = {} }: { after: number; limit: number; filter?: AuditFilter },
): Promise<AuditLink[]> {
  const rows = await db<LinkRow[]>`
    select position, entry_id as "entryId", digest, previous, hash, sealed_at as "sealedAt", ${joinedEntry(db)}
    from audit_seals left join audit_entries on id = entry_id
    where position > ${after} and (${matches(db, filter)})
    order by position
    limit ${limit}`;
  return rows.map(({ position, entryId, digest, previous, hash, sealedAt, ...entry }) => ({
    seal: { position: Number(position), entryId, digest, previous, hash, sealedAt },
    entry: entryOrNull(entry),
  }));
}

type LinkRow = AuditEntry & Omit<AuditSeal, 'position'> & { position: bigint };

/** Entries that no platform wrote: they neither have a seal nor wait for one. */
export async function findUnsealed(db: Database, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select id from audit_entries
    where not exists (select from audit_seals where entry_id = id)
      and not exists (select from audit_pending where entry_id = id)
    order by id
    limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Entries that were there before seals were, and went before they got one. */
export async function findLost(db: Database, limit: number): Promise<string[]> {
  const rows = await db<{ id: string }[]>`
    select entry_id as id from audit_pending
    where digest is null and not exists (select from audit_entries where id = entry_id)
    order by entry_id
    limit ${limit}`;
  return rows.map(({ id }) => id);
}

const joinedEntry = (db: Database) => db`
  audit_entries.id, at, key_id as "keyId", actor, request_id as "requestId", action, subject, reason, detail`;

function entryOrNull(entry: AuditEntry): AuditEntry | null {
  return (entry.id as string | null) === null ? null : entry;
}
