import { setTimeout as wait } from 'node:timers/promises';
import type { Platform } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { listRecordIds } from './closure.queries.ts';
import { closeOver } from './closure.service.ts';
import type { CurrentRules } from './current-rules.service.ts';
import type { CustomersRegrouped } from './identity.events.ts';
import { findClaimsOf, lockIdentities } from './identity.queries.ts';
import {
  findRepairState,
  holdRules,
  isUnderWay,
  noteRepairFailure,
  type RepairState,
  saveRepairState,
  tryLockRepair,
} from './identity-rules.queries.ts';
import { listIdentifiers } from './recount.queries.ts';
import { recheckNamesLocked, regroupNeighbourhood } from './regroup.service.ts';
import { settleIdentifiers } from './settle-identifiers.service.ts';

export interface RulesRepairOptions {
  readonly rules: CurrentRules;
  /** What other modules keep up to date about customers, in order. */
  readonly reactions: readonly CustomersRegrouped[];
  /** How soon other rules are noticed. Default 1,000. */
  readonly everyMs?: number;
  /** Identifiers of one transaction. Default 1,000. */
  readonly identifiersAtOnce?: number;
  /** Records of one transaction, beside those that belong with them. Default 250. */
  readonly recordsAtOnce?: number;
}

const defaults = { everyMs: 1_000, identifiersAtOnce: 1_000, recordsAtOnce: 250 };
const longestBackoffMs = 60_000;

/**
 * Applies changed identity rules to the past: marks and counts all identifiers anew, then resolves all records anew. Each
 * step is one short transaction that moves the place which it began from, so any node can go on where another died; one
 * node at a time, the others find the lock taken.
 *
 * Meanwhile ingestion goes on, under the new rules. What it resolves beside a part that this hasn't reached may be
 * wrong for a while; that part still holds a record that is to come, and with it everything tied to it is resolved.
 */
export class RulesRepair {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'ids' | 'log' | 'feed'>;
  readonly #options: Required<RulesRepairOptions>;
  #running: Promise<void> | undefined;
  readonly #stopping = new AbortController();
  /** In a row. Each halves what one transaction takes: a chunk that is too much must not block the way. */
  #failures = 0;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'ids' | 'log' | 'feed'>, options: RulesRepairOptions) {
    this.#platform = platform;
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    this.#running ??= this.#follow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Goes on until the rules in force are applied to everything, or another node is at it, or stopped. */
  async catchUp(): Promise<void> {
    while (!this.#stopping.signal.aborted && (await this.step())) this.#failures = 0;
  }

  /** One transaction; true when there is more to do. */
  async step(): Promise<boolean> {
    const { rules } = this.#options;
    const { version } = await rules.reload(this.#platform.pool);
    const more = await this.#platform.pool.begin(async (tx) => {
      if (!(await tryLockRepair(tx))) return false;
      // Changed since: the next step knows.
      if ((await holdRules(tx)) !== version) return true;
      const state = await findRepairState(tx);
      if (!state || !isUnderWay(state)) return false;
      await lockIdentities(tx);
      const next = state.phase === 'IDENTIFIERS' ? this.#settleIdentifiers(tx, state) : this.#settleRecords(tx, state);
      await saveRepairState(tx, { ...state, ...(await next) }, this.#platform.clock.now());
      return true;
    });
    if (more) this.#platform.feed.wake();
    return more;
  }

  async #settleIdentifiers(tx: Tx, { position, checked }: RepairState): Promise<Partial<RepairState>> {
    const limit = this.#share(this.#options.identifiersAtOnce);
    const identifiers = await listIdentifiers(tx, position, limit);
    const { rules } = this.#options.rules.inForce;
    await settleIdentifiers(tx, identifiers, { rules, now: this.#platform.clock.now() });
    const place = identifiers.length < limit ? firstRecord : { position: identifiers.at(-1)!.id };
    return { ...place, checked: checked + identifiers.length };
  }

  async #settleRecords(tx: Tx, state: RepairState): Promise<Partial<RepairState>> {
    const { version, position, checked, merges, splits } = state;
    const limit = this.#share(this.#options.recordsAtOnce);
    const ids = await listRecordIds(tx, position, limit);
    const { absorbed, split } = await this.#resolve(tx, version, ids);
    const place = ids.length < limit ? end : { position: ids.at(-1)! };
    return {
      ...place,
      checked: checked + ids.length,
      merges: merges + absorbed.length,
      splits: splits + split.length,
    };
  }

  async #resolve(tx: Tx, version: number, seeds: readonly string[]) {
    if (seeds.length === 0) return { absorbed: [], split: [] };
    const { clock, ids } = this.#platform;
    const { reactions } = this.#options;
    const { rules } = this.#options.rules.inForce;
    const closure = await closeOver(tx, seeds, { rules, claimsOf: (some) => findClaimsOf(tx, some) });
    const recordIds = [...closure.recordIds];
    const settings = { now: clock.now(), ids, rules, reactions };
    const cause = { cause: 'RULES', causeId: String(version) } as const;
    const renamed = await recheckNamesLocked(tx, { recordIds }, rules);
    const { regrouping } = await regroupNeighbourhood(tx, settings, cause, recordIds, renamed);
    return regrouping;
  }

  #share(atOnce: number): number {
    return Math.max(1, Math.floor(atOnce / 2 ** this.#failures));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#tryToCatchUp();
      const patience = Math.min(this.#options.everyMs * 2 ** this.#failures, longestBackoffMs);
      await wait(patience, undefined, { signal }).catch(() => undefined);
    }
  }

  async #tryToCatchUp(): Promise<void> {
    const { log, pool, clock } = this.#platform;
    try {
      await this.catchUp();
    } catch (error) {
      this.#failures += 1;
      log.error({ err: error, failures: this.#failures }, 'identity rules could not be applied; trying again');
      await noteRepairFailure(pool, clock.now()).catch((err: unknown) => {
        log.warn({ err }, 'the failure could not be noted either');
      });
    }
  }
}

const firstRecord = { phase: 'RECORDS', position: null } as const;
const end = { phase: 'DONE', position: null } as const;
