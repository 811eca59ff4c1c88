import type { Database, Tx } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';

/** A tier that somebody gave for a time. */
export interface TierOverride {
  readonly recordId: string;
  readonly programId: string;
  readonly id: string;
  readonly tier: string;
  /** Half-open. */
  readonly validFrom: Date;
  readonly validTo: Date;
  readonly actor: string;
  readonly reason: string;
  readonly revokedAt: Date | null;
}

const overrideColumns = (db: Database) => db`
  o.record_id as "recordId", o.program_id as "programId", o.id, o.tier, o.valid_from as "validFrom",
  o.valid_to as "validTo", o.actor, o.reason, o.revoked_at as "revokedAt"`;

export async function insertOverride(tx: Tx, override: TierOverride): Promise<void> {
  const { recordId, programId, id, tier, validFrom, validTo, actor, reason } = override;
  await tx`
    insert into loyalty_tier_overrides (record_id, program_id, id, tier, valid_from, valid_to, actor, reason)
    values (${recordId}, ${programId}, ${id}, ${tier}, ${validFrom}, ${validTo}, ${actor}, ${reason})`;
}

/** Those that hold at an instant, of all records of a customer; the latest first. */
export async function findOverridesAt(
  db: Database,
  { programId, customerId, at }: { programId: string; customerId: string; at: Date },
): Promise<TierOverride[]> {
  return db`
    select ${overrideColumns(db)}
    from records r join loyalty_tier_overrides o on o.record_id = r.id
    where r.customer_id = ${customerId} and o.program_id = ${programId} and o.valid_from <= ${at} and ${at} < o.valid_to
      and (o.revoked_at is null or ${at} < o.revoked_at)
    order by o.valid_from desc, o.id desc`;
}

export async function revokeOverrides(tx: Tx, overrides: readonly TierOverride[], now: Date): Promise<void> {
  await tx`
    update loyalty_tier_overrides set revoked_at = ${now}
    where record_id = any(${idList(overrides.map(({ recordId }) => recordId))}::uuid[])
      and id = any(${idList(overrides.map(({ id }) => id))}::uuid[])`;
}
