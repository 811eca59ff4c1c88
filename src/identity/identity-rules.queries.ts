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
  /** Attempts in a row that failed. */
  readonly failures: number;
  readonly failedAt: Date | null;
  readonly appliedAt: Date | null;
}

const rulesColumns = (db: Database) => db`
  version, rules, actor, reason, fingerprint, created_at as "createdAt", phase, position, checked, total, merges, splits,
  failures, failed_at as "failedAt", applied_at as "appliedAt"`;

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
  /** Of the request, to know a repeat by it. */
  readonly fingerprint: string;
  /** What there is to go over, about. */
  readonly total: number;
}

/** Enters a version that is still to be applied to the past. */
export async function insertRules(tx: Tx, rules: NewRules, now: Date): Promise<void> {
  await tx`
    insert into identity_rules (version, rules, actor, reason, fingerprint, created_at, phase, checked, total, merges,
                                splits)
    values (${rules.version}, ${JSON.stringify(rules.book)}, ${rules.actor}, ${rules.reason}, ${rules.fingerprint},
            ${now}, 'IDENTIFIERS', 0, ${rules.total}, 0, 0)`;
}

/** Takes its time: not for a transaction that holds a lock. */
export async function countToRepair(db: Database): Promise<number> {
  const [row] = await db<{ total: bigint }[]>`
    select (select count(*) from identifiers) + (select count(*) from records) as total`;
  return Number(row!.total);
}

export async function findRulesByFingerprint(db: Database, fingerprint: string): Promise<RulesRow | undefined> {
  const [row] = await db<RulesRow[]>`
    select ${rulesColumns(db)} from identity_rules where fingerprint = ${fingerprint}`;
  return row;
}

const repairLock = 0x52_65_70_61;

/** False when another node is at it. Released with the transaction, so it works through PgBouncer too. */
export async function tryLockRepair(tx: Tx): Promise<boolean> {
  const [row] = await tx<{ locked: boolean }[]>`select pg_try_advisory_xact_lock(${repairLock}) as locked`;
  return row!.locked;
}

/** How far a version of the rules is applied to the past. */
export type RepairState = Pick<RulesRow, 'version' | 'phase' | 'position' | 'checked' | 'total' | 'merges' | 'splits'>;

export function isUnderWay({ phase }: Pick<RepairState, 'phase'>): boolean {
  return phase === 'IDENTIFIERS' || phase === 'RECORDS';
}

/** Of the version in force; nothing where the shipped rules are. */
export async function findRepairState(db: Database): Promise<RepairState | undefined> {
  const [row] = await db<RepairState[]>`
    select version, phase, position, checked, total, merges, splits
    from identity_rules order by version desc limit 1`;
  return row;
}

export async function saveRepairState(tx: Tx, state: RepairState, now: Date): Promise<void> {
  const { version, phase, position, checked, merges, splits } = state;
  await tx`
    update identity_rules
    set phase = ${phase}, position = ${position}, checked = ${checked}, total = greatest(total, ${checked}),
        merges = ${merges}, splits = ${splits}, failures = 0, failed_at = null,
        applied_at = ${phase === 'DONE' ? now : null}
    where version = ${version}`;
}

export async function noteRepairFailure(db: Database, now: Date): Promise<void> {
  await db`
    update identity_rules set failures = failures + 1, failed_at = ${now}
    where version = (select max(version) from identity_rules) and phase in ('IDENTIFIERS', 'RECORDS')`;
}

/** Earlier versions needn't be applied any more: this one goes over everything again. */
export async function supersedeRules(tx: Tx, before: number): Promise<void> {
  await tx`
    update identity_rules set phase = 'SUPERSEDED'
    where version < ${before} and phase in ('IDENTIFIERS', 'RECORDS')`;
}
