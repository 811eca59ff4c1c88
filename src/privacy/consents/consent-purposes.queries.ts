import type { Database, Tx } from '../../kernel/database.ts';
import { column } from '../../kernel/sql-array.ts';

/** A row of `consent_purposes`. */
export interface PurposeRow {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  /** Empty: one consent for all channels. */
  readonly channels: readonly string[];
  readonly offered: boolean;
  readonly reviewedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/**
 * Purposes that nobody has defined wait for a review under their own name. Sorted by the caller, so that two transactions
 * that bring in the same ones don't wait for each other crosswise.
 */
export async function introducePurposes(tx: Tx, names: readonly string[], now: Date): Promise<void> {
  const given = column(names, (name) => name);
  await tx`
    insert into consent_purposes (name, label, description, channels, offered, reviewed_at, created_at, updated_at)
    select name, name, '', '{}', false, null, ${now}, ${now} from unnest(${given}::text[]) as new (name)
    where not exists (select from consent_purposes p where p.name = new.name)
    on conflict (name) do nothing`;
}

export async function upsertPurpose(
  tx: Tx,
  {
    name,
    label,
    description,
    channels,
    offered,
  }: Pick<PurposeRow, 'name' | 'label' | 'description' | 'channels' | 'offered'>,
  now: Date,
): Promise<void> {
  const given = column(channels, (channel) => channel);
  await tx`
    insert into consent_purposes (name, label, description, channels, offered, reviewed_at, created_at, updated_at)
    values (${name}, ${label}, ${description}, ${given}::text[], ${offered}, ${now}, ${now}, ${now})
    on conflict (name) do update
    set label = excluded.label, description = excluded.description, channels = excluded.channels,
        offered = excluded.offered, reviewed_at = coalesce(consent_purposes.reviewed_at, excluded.reviewed_at),
        updated_at = excluded.updated_at`;
}

const purposeColumns = (db: Database) => db`
  p.name, p.label, p.description, p.channels, p.offered, p.reviewed_at as "reviewedAt", p.created_at as "createdAt",
  p.updated_at as "updatedAt"`;

export async function findPurposes(db: Database, names: readonly string[]): Promise<PurposeRow[]> {
  return db`
    select ${purposeColumns(db)} from consent_purposes p
    where p.name = any(${column(names, (name) => name)}::text[])`;
}

/** What customers are asked, by name. */
export async function findOfferedPurposes(db: Database): Promise<PurposeRow[]> {
  return db`
    select ${purposeColumns(db)} from consent_purposes p where p.offered order by p.name collate "C"`;
}

/** By name, with one too many to tell whether there is more. */
export async function listPurposes(
  db: Database,
  { reviewed, after, size }: { reviewed: boolean | null; after: string | null; size: number },
): Promise<PurposeRow[]> {
  return db`
    select ${purposeColumns(db)} from consent_purposes p
    where (${reviewed}::boolean is null or (p.reviewed_at is not null) = ${reviewed}) and p.name > ${after ?? ''}
    order by p.name
    limit ${size + 1}`;
}
