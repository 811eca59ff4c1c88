import { type CurrentRules, RulesChanged } from '../../identity/current-rules.service.ts';
import { holdRules } from '../../identity/identity-rules.queries.ts';
import { BackgroundLoop } from '../../kernel/background-loop.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { KeptProperty } from '../../touchpoints/anonymise-touchpoints.queries.ts';
import { anonymiseTouchpoints } from '../../touchpoints/anonymise-touchpoints.service.ts';
import type { RemovalReactions, TouchpointRow } from '../../touchpoints/removal.events.ts';
import {
  holdRecords,
  RecordEmptied,
  removeTouchpoints,
  stopRecording,
} from '../../touchpoints/remove-touchpoints.service.ts';
import {
  deleteOverdueQuarantine,
  findDuePolicy,
  findOutliving,
  findOverdue,
  findOverdueOf,
  listPolicies,
  type OverdueSelection,
  type PassProgress,
  type RetentionPolicyRow,
  saveProgress,
  tryLockRetention,
} from './retention.queries.ts';
import { cutOff, exceptionsOf } from './retention-policy.ts';

export interface RetentionParts {
  readonly rules: CurrentRules;
  readonly reactions: RemovalReactions;
  /** Properties that figures and rules look at: they stay when a touchpoint is anonymised. */
  readonly kept: (db: Database) => Promise<readonly KeptProperty[]>;
  readonly atOnce?: number;
}

type Parts = Pick<Platform, 'pool' | 'clock' | 'ids' | 'log' | 'feed'>;

const everyMs = 60_000;
/** Whatever came in since, however old, is found by the next pass. */
const passEveryMs = 6 * 3_600_000;

/**
 * Deletes and anonymises what is older than policies allow: in passes from the oldest touchpoint on, in short transactions
 * with a rest after each, on one node at a time; a node that stops is followed by another where it was.
 */
export class RetentionKeeper {
  readonly #platform: Parts;
  readonly #parts: Required<RetentionParts>;
  readonly #loop = new BackgroundLoop(() => this.#round());

  constructor(platform: Parts, parts: RetentionParts) {
    this.#platform = platform;
    this.#parts = { atOnce: 200, ...parts };
  }

  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** After another policy: doesn't wait for the next round. */
  wake(): void {
    this.#loop.wake();
  }

  /** Passes until nothing is due. */
  async catchUp(): Promise<void> {
    while (await this.step());
  }

  async #round(): Promise<number> {
    const { clock, log } = this.#platform;
    const began = clock.now().getTime();
    try {
      if (!(await this.step())) return everyMs;
      // Ingestion has waited for as long: it gets three times that before it waits again.
      return 3 * Math.max(clock.now().getTime() - began, 1);
    } catch (err) {
      log.warn({ err }, 'retention came to a halt; trying again');
      return everyMs;
    }
  }

  /** One step of the pass under way or due; false where there is none, or another node is at it. */
  async step(): Promise<boolean> {
    const { pool, clock, feed } = this.#platform;
    const now = clock.now();
    const found = await pool.begin(async (tx) => {
      if (!(await tryLockRetention(tx))) return false;
      const policy = await findDuePolicy(tx, new Date(now.getTime() - passEveryMs));
      if (!policy) return false;
      const patterns = (await listPolicies(tx)).map(({ pattern }) => pattern);
      const exceptions = exceptionsOf(policy.pattern, patterns);
      const selection = { ...policy, exceptions, before: cutOff(policy.keepDays!, now) };
      const after = policy.walkedAt ? { at: policy.walkedAt, id: policy.walkedTo! } : null;
      const { rows, through } = await findOverdue(pool, selection, { after, limit: this.#parts.atOnce });
      const done = rows.length > 0 ? await this.#carryOut(policy, selection, rows) : nothingDone;
      if (through === null) await deleteOverdueQuarantine(tx, selection, mostQuarantined);
      await saveProgress(tx, policy, { through, done, now });
      return true;
    });
    if (found) feed.wake();
    return found as boolean;
  }

  /** Half of it, and again, where something is wrong with one: the others must not wait for it for ever. */
  async #carryOut(
    policy: RetentionPolicyRow,
    selection: OverdueSelection,
    rows: readonly TouchpointRow[],
  ): Promise<PassProgress> {
    const recordIds = [...new Set(rows.map(({ recordId }) => recordId))].sort();
    try {
      const { pool } = this.#platform;
      const all = await findOverdueOf(pool, selection, { recordIds, limit: mostOfRecords });
      if (all.length === 0) return nothingDone;
      return policy.what === 'DELETE' ? await this.#delete(policy, all) : await this.#anonymise(all);
    } catch (err) {
      if (recordIds.length > 1) {
        const [one, other] = [recordIds.slice(0, recordIds.length / 2), new Set(recordIds.slice(recordIds.length / 2))];
        const first = await this.#carryOut(
          policy,
          selection,
          rows.filter(({ recordId }) => one.includes(recordId)),
        );
        return add(
          first,
          await this.#carryOut(
            policy,
            selection,
            rows.filter(({ recordId }) => other.has(recordId)),
          ),
        );
      }
      const [record] = recordIds.map((id) => toPublicId('rec', id));
      this.#platform.log.warn({ err, policy: policy.id, record }, 'retention failed for a record; going on without it');
      return { ...nothingDone, failures: 1 };
    }
  }

  async #delete(policy: RetentionPolicyRow, rows: readonly TouchpointRow[]): Promise<PassProgress> {
    const outliving = new Set(await findOutliving(this.#platform.pool, rows));
    const thinned = rows.filter(({ recordId }) => outliving.has(recordId));
    const last = rows.filter(({ recordId }) => !outliving.has(recordId));
    return add(
      thinned.length > 0 ? await this.#thin(policy, thinned) : nothingDone,
      last.length > 0 ? await this.#remove(policy, last, { keepsRecords: false }) : nothingDone,
    );
  }

  async #thin(policy: RetentionPolicyRow, rows: readonly TouchpointRow[]): Promise<PassProgress> {
    try {
      return await this.#remove(policy, rows, { keepsRecords: true });
    } catch (error) {
      // Somebody else has deleted the rest meanwhile.
      if (error instanceof RecordEmptied) return this.#remove(policy, rows, { keepsRecords: false });
      throw error;
    }
  }

  /** Ingestion only has to wait where records go, and then shortly; else nobody does but whoever tells of the same records. */
  async #remove(
    policy: RetentionPolicyRow,
    rows: readonly TouchpointRow[],
    { keepsRecords }: { keepsRecords: boolean },
  ): Promise<PassProgress> {
    const { clock, ids } = this.#platform;
    const { reactions, rules } = this.#parts;
    const recordIds = [...new Set(rows.map(({ recordId }) => recordId))].sort();
    const hold = keepsRecords ? (tx: Tx) => holdRecords(tx, recordIds) : stopRecording;
    const { receipt } = await this.#inRules(hold, async (tx) => {
      const settings = {
        now: clock.now(),
        ids,
        rules: rules.inForce.rules,
        reactions,
        keepsIdentity: true,
        keepsRecords,
      };
      const removed = await removeTouchpoints(tx, settings, rows);
      await this.#tell(tx, policy, removed.customersBefore, rows.length);
      return removed;
    });
    const [deleted, recordsDeleted] = [receipt.rowsOf('touchpoints'), receipt.rowsOf('records')];
    return { ...nothingDone, deleted, recordsDeleted };
  }

  async #anonymise(rows: readonly TouchpointRow[]): Promise<PassProgress> {
    const { pool, clock } = this.#platform;
    const { reactions, kept } = this.#parts;
    const anonymized = await pool.begin(async (tx) => {
      const settings = { now: clock.now(), regrouped: reactions.regrouped, kept: await kept(tx) };
      return anonymiseTouchpoints(tx, settings, rows);
    });
    return { ...nothingDone, anonymized: anonymized as number };
  }

  async #inRules<T>(hold: (tx: Tx) => Promise<void>, work: (tx: Tx) => Promise<T>): Promise<T> {
    const { pool } = this.#platform;
    const { rules } = this.#parts;
    for (;;) {
      try {
        const result = await pool.begin(async (tx) => {
          await hold(tx);
          if ((await holdRules(tx)) !== rules.inForce.version) throw new RulesChanged();
          return work(tx);
        });
        return result as T;
      } catch (error) {
        if (!(error instanceof RulesChanged)) throw error;
        await rules.reload(pool);
      }
    }
  }

  async #tell(tx: Tx, policy: RetentionPolicyRow, customerIds: readonly string[], touchpoints: number): Promise<void> {
    const detail = { policy: toPublicId('ret', policy.id), touchpoints };
    const lines = customerIds.map((id) => ({ topic: 'data.deleted', customerId: id, subjectId: id, detail }) as const);
    await appendChanges(tx, this.#platform.clock.now(), lines);
  }
}

/** Of all records of a step together. What is left over is found by the next step, or the next pass. */
const mostOfRecords = 2_000;

/** At the end of a pass. */
const mostQuarantined = 10_000;

const nothingDone: PassProgress = { deleted: 0, anonymized: 0, recordsDeleted: 0, failures: 0 };

function add(a: PassProgress, b: PassProgress): PassProgress {
  return {
    deleted: a.deleted + b.deleted,
    anonymized: a.anonymized + b.anonymized,
    recordsDeleted: a.recordsDeleted + b.recordsDeleted,
    failures: a.failures + b.failures,
  };
}
