import type { Database, Tx } from '../kernel/database.ts';
import type { RuleBook } from './rule-book.ts';

/** Shared by all transactions that resolve people, exclusive to the one that changes the rules. */
const rulesLock = 0x52_75_6c_65;

/**
 * Keeps the rules as they are until the transaction ends; answers their version. Two statements, sent together: the
 * second must see what the change committed that the first may have waited for.
 */
export async function holdRules(tx: Tx): Promise<number> {
  const [, rows] = await Promise.all([
    tx`select pg_advisory_xact_lock_shared(${rulesLock})`,
    tx<{ version: number }[]>`select coalesce(max(version), 0) as version from identity_rules`,
  ]);
  return rows[0]!.version;
}

/** Waits for every transaction that resolves people by the rules of now, and keeps new ones waiting. */
export async function lockRules(tx: Tx): Promise<void> {
  await tx`select pg_advisory_xact_lock(${rulesLock})`;
}

export const repairPhases = ['IDENTIFIERS', 'RECORDS', 'DONE', 'SUPERSEDED'] as const;
export type RepairPhase = (typeof repairPhases)[number];

export interface RulesRow {
  readonly version: number;
  readonly rules: string;
  readonly actor: string;
  readonly reason: string;
  readonly fingerprint: string;
  readonly createdAt: Date;
  readonly phase: RepairPhase;
  readonly position: string | null;
  readonly checked: number;
  readonly total: number;
  readonly merges: number;
  readonly splits: number;
  readonly appliedAt: Date | null;
}

const rulesColumns = (db: Database) => db`
  version, rules, actor, reason, fingerprint, created_at as "createdAt", phase, position, checked, total, merges, splits,
  applied_at as "appliedAt"`;

/** The version in force; nothing where the shipped rules are. */
export async function findCurrentRules(db: Database): Promise<RulesRow | undefined> {
  const [row] = await db<RulesRow[]>`
    select ${rulesColumns(db)} from identity_rules order by version desc limit 1`;
  return row;
}

export async function findRulesVersion(db: Database, version: number): Promise<RulesRow | undefined> {
  const [row] = await db<RulesRow[]>`select ${rulesColumns(db)} from identity_rules where version = ${version}`;
  return row;
}

/** The versions, newest first. */
export async function listRules(db: Database, limit: number): Promise<RulesRow[]> {
  return db<RulesRow[]>`select ${rulesColumns(db)} from identity_rules order by version desc limit ${limit}`;
}

export interface NewRules {
  readonly version: number;
  readonly book: RuleBook;
  readonly actor: string;
  readonly reason: string;
  readonly fingerprint: string;
}

/** Enters a version that is still to be applied to the past. */
export async function insertRules(tx: Tx, rules: NewRules, now: Date): Promise<void> {
  await tx`
    insert into identity_rules (version, rules, actor, reason, fingerprint, created_at, phase, checked, total, merges,
                                splits)
    select ${rules.version}, ${JSON.stringify(rules.book)}, ${rules.actor}, ${rules.reason}, ${rules.fingerprint},
           ${now}, 'IDENTIFIERS', 0,
           (select count(*) from identifiers) + (select count(*) from records), 0, 0`;
}

/** Earlier versions needn't be applied any more: this one goes over everything again. */
export async function supersedeRules(tx: Tx, before: number): Promise<void> {
  await tx`
    update identity_rules set phase = 'SUPERSEDED'
    where version < ${before} and phase in ('IDENTIFIERS', 'RECORDS')`;
}
