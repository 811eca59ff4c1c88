import { type AuditEntry, entryDigest } from '../../access/audit-chain.ts';
import type { Tx } from '../../kernel/database.ts';
import { column, idColumn } from '../../kernel/sql-array.ts';
import type { AuditedSubjects, PersonalTable } from '../personal-data.ts';
import { holdsNothing } from './erased-ids.queries.ts';

export const accessTables: readonly PersonalTable[] = [
  {
    table: 'audit_entries',
    holds: 'PERSONAL',
    why: 'Who did what about whom, by ids; reasons are free text.',
    effect: 'ANONYMISED',
    afterwards: 'The entries stay. Reasons about the erased are withheld, and the log says so.',
  },
  holdsNothing('audit_pending', 'Hashes of entries of the audit log that wait for their seal.'),
  holdsNothing('audit_seals', 'The hash chain over the audit log.'),
  holdsNothing('api_keys', 'Programs and colleagues that may use the platform.'),
  holdsNothing('api_key_days', 'How much each API key was used.'),
  holdsNothing('api_key_minutes', 'How much each API key was used.'),
];

const columns = (db: Tx) => db`
  e.id, e.at, e.key_id as "keyId", e.actor, e.request_id as "requestId", e.action, e.subject, e.reason, e.detail`;

/** Nothing tells in which groups somebody was once: all entries about coming and going are looked at. */
const ofGroups = ['loyalty.pool_joined', 'loyalty.pool_left'];

/** Entries about these with a reason. */
export async function findReasons(tx: Tx, { own, shared }: AuditedSubjects): Promise<AuditEntry[]> {
  const [mine, others] = [[...own], [...shared]];
  return tx`
    select ${columns(tx)} from audit_entries e where e.reason is not null and e.subject = any(${mine}::text[])
    union all
    select ${columns(tx)} from audit_entries e
    where e.reason is not null and (e.subject = any(${others}::text[]) or e.action = any(${ofGroups}::text[]))
      and exists (
        select from jsonb_path_query(e.detail, '$.** ? (@.type() == "string")') as said (value)
        where said.value #>> '{}' = any(${mine}::text[]))
    order by id`;
}

/**
 * Takes the reasons away. Answers what the entries are now, by their public ids, so that the log itself can say so: the seals
 * tell what they were.
 */
export async function withholdReasons(tx: Tx, entries: readonly AuditEntry[]): Promise<void> {
  await tx`select set_config('rundum.erasing', 'on', true)`;
  await tx`
    update audit_entries set reason = null
    from unnest(${idColumn(entries, ({ id }) => id)}::uuid[], ${column(entries, ({ at }) => at)}::timestamptz[]) as said (id, at)
    where audit_entries.id = said.id`;
  await tx`select set_config('rundum.erasing', 'off', true)`;
}

/** What an entry is hashed to without its reason. */
export function withheldDigest(entry: AuditEntry): string {
  return entryDigest({ ...entry, reason: null }).toString('hex');
}
