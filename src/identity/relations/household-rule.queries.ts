import type { Fragment } from 'postgres';
import type { FeedPosition } from '../../kernel/change-cursor.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import type { HouseholdRule, RulePhase } from './household-rule.ts';

/** A version of the rule, with how far it has been applied. */
export interface StoredRule extends HouseholdRule {
  readonly version: number;
  readonly phase: RulePhase;
  readonly position: string | null;
  readonly customersRead: bigint;
  readonly customersToRead: bigint | null;
  readonly appliedAt: Date | null;
  readonly cursor: string | null;
  readonly edgesThrough: Date | null;
  readonly setAt: Date;
  readonly setBy: string;
  readonly reason: string;
}

const columns = (db: Database): Fragment => db`
  version, enabled, traits, minimum_size as "minimumSize", maximum_size as "maximumSize", phase, position,
  customers_read as "customersRead", customers_to_read as "customersToRead", applied_at as "appliedAt", cursor,
  edges_through as "edgesThrough", created_at as "setAt", s.actor as "setBy", s.reason`;

/** The one in force. */
export async function findLatestRule(db: Database): Promise<StoredRule | undefined> {
  const [row] = await db<StoredRule[]>`
    select ${columns(db)} from household_rules r join relation_statements s on s.id = r.statement_id
    order by version desc limit 1`;
  return row;
}

/** Two that set the rule at once set it one after the other. */
export async function lockHouseholdRule(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('rundum.household-rule'))`;
}

export async function insertRule(tx: Tx, rule: HouseholdRule, set: { statementId: string; now: Date }): Promise<void> {
  await tx`
    insert into household_rules (version, enabled, traits, minimum_size, maximum_size, statement_id, created_at, phase,
                                 customers_read)
    select coalesce(max(version), 0) + 1, ${rule.enabled}, ${rule.traits as string[]}::text[], ${rule.minimumSize},
           ${rule.maximumSize}, ${set.statementId}, ${set.now}, 'CUSTOMERS', 0
    from household_rules`;
}

export type RuleProgress = Pick<
  StoredRule,
  'phase' | 'position' | 'customersRead' | 'customersToRead' | 'appliedAt' | 'cursor' | 'edgesThrough'
>;

export async function saveProgress(tx: Tx, version: number, progress: RuleProgress): Promise<void> {
  await tx`
    update household_rules
    set phase = ${progress.phase}, position = ${progress.position},
        customers_read = ${progress.customersRead.toString()}::text::bigint,
        customers_to_read = ${progress.customersToRead?.toString() ?? null}::text::bigint,
        applied_at = ${progress.appliedAt}, cursor = ${progress.cursor}, edges_through = ${progress.edgesThrough}
    where version = ${version}`;
}

/** When the oldest change behind this place was made that the rule has to hear of. */
export async function findOldestWaiting(
  db: Database,
  after: FeedPosition,
  topics: readonly string[],
): Promise<Date | undefined> {
  const [row] = await db<{ at: Date }[]>`
    select at from changes
    where (tx, seq) > (${after.tx.toString()}::text::xid8, ${after.seq.toString()}::text::bigint)
      and topic = any(${topics as string[]}::text[])
    order by changes.tx, changes.seq
    limit 1`;
  return row?.at;
}

/** The biggest groups of customers with equal traits that are too big for a household. */
export async function listCrowds(db: Database, limit: number): Promise<{ householdId: string; customers: number }[]> {
  return db`
    select c.household_id as "householdId",
           (select count(*)::int from household_keys k where k.household_id = c.household_id) as customers
    from household_crowds c
    order by customers desc, c.household_id
    limit ${limit}`;
}
