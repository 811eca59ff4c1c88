import { encodeFeedCursor, isBehind } from '../../kernel/change-cursor.ts';
import { findFeedEpoch } from '../../kernel/change-feed-epoch.queries.ts';
import { loadFeedBounds, readChanges } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import {
  analyzeHouseholds,
  countAllCustomers,
  findEdges,
  listHouseholdsOfRule,
  tryLockDerivation,
} from './household-derivation.queries.ts';
import { findLatestRule, type RuleProgress, type StoredRule, saveProgress } from './household-rule.queries.ts';
import { readCursor } from './household-rule.service.ts';
import { HouseholdSettlement } from './household-settlement.service.ts';
import { topicsOfRule, touchedBy } from './touched-customers.ts';

export interface HouseholdDeriverOptions {
  /** How soon a change is taken in. Default 500. */
  readonly everyMs?: number;
  /** Customers of one transaction when all are read. Default 2,000. */
  readonly customersAtOnce?: number;
  /** Households of one transaction when all are made. Default 500. */
  readonly householdsAtOnce?: number;
  /** Lines of the change feed of one transaction. Default 2,000. */
  readonly linesAtOnce?: number;
}

const defaults = { everyMs: 500, customersAtOnce: 2_000, householdsAtOnce: 500, linesAtOnce: 2_000 };

/**
 * Keeps the households by rule true: reads all customers once for each version of the rule, makes their households, and
 * then follows the change feed. Each step is one short transaction that moves the place which it began from, so any
 * node can go on where another died. One node at a time; the others find the lock taken.
 */
export class HouseholdDeriver {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>;
  readonly #settlement: HouseholdSettlement;
  readonly #options: Required<HouseholdDeriverOptions>;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopping = false;
  #failing = false;

  constructor(
    platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>,
    idSecret: string,
    options: HouseholdDeriverOptions = {},
  ) {
    this.#platform = platform;
    this.#settlement = new HouseholdSettlement(idSecret);
    this.#options = { ...defaults, ...options };
  }

  start(): void {
    this.#timer ??= setInterval(() => {
      this.#running ??= this.#tick().finally(() => {
        this.#running = undefined;
      });
    }, this.#options.everyMs);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  /** Goes on until there is nothing left to do, or until stopped. Where there is no rule, that costs one look. */
  async catchUp(): Promise<void> {
    const rule = await findLatestRule(this.#platform.pool);
    if (!rule || isAtRest(rule)) return;
    while (!this.#stopping && (await this.step())) this.#platform.feed.wake();
  }

  /** One transaction; true when there is more to do at once. */
  async step(): Promise<boolean> {
    return this.#platform.pool.begin(async (tx) => {
      if (!(await tryLockDerivation(tx))) return false;
      const [rule, feed] = [await findLatestRule(tx), await findFeedEpoch(tx)];
      if (!rule || !feed) return false;
      const next = await this.#advance(tx, rule, feed.epoch);
      if (!next) return false;
      await saveProgress(tx, rule.version, { ...rule, ...next.progress });
      return next.more;
    });
  }

  #advance(tx: Tx, rule: StoredRule, epoch: string): Promise<Advance | undefined> {
    if (rule.phase === 'CUSTOMERS') return this.#readCustomers(tx, rule, epoch);
    if (rule.phase === 'HOUSEHOLDS') return this.#settleHouseholds(tx, rule);
    return this.#follow(tx, rule, epoch);
  }

  async #readCustomers(tx: Tx, rule: StoredRule, epoch: string): Promise<Advance> {
    // The head before the customers: what is committed in between is read twice rather than never.
    const start = rule.cursor === null ? await this.#startReading(tx, epoch) : {};
    const limit = this.#options.customersAtOnce;
    const { last, read } = await this.#settlement.readKeys(tx, rule, { after: rule.position, limit });
    const customersRead = rule.customersRead + BigInt(read);
    const isDone = read < limit;
    if (isDone) await analyzeHouseholds(tx);
    const place = isDone ? { phase: 'HOUSEHOLDS' as const, position: null } : { position: last };
    return { progress: { ...start, ...place, customersRead }, more: true };
  }

  async #startReading(tx: Tx, epoch: string): Promise<Partial<RuleProgress>> {
    const { head } = await loadFeedBounds(tx);
    return {
      cursor: encodeFeedCursor(epoch, head),
      edgesThrough: this.#platform.clock.now(),
      customersToRead: await countAllCustomers(tx),
    };
  }

  async #settleHouseholds(tx: Tx, rule: StoredRule): Promise<Advance> {
    const limit = this.#options.householdsAtOnce;
    const ids = await listHouseholdsOfRule(tx, rule.position, limit);
    const now = this.#platform.clock.now();
    await this.#settlement.settle(tx, rule, { ids, now });
    const isDone = ids.length < limit;
    return {
      progress: isDone ? { phase: 'FOLLOWING', position: null, appliedAt: now } : { position: ids.at(-1)! },
      more: true,
    };
  }

  async #follow(tx: Tx, rule: StoredRule, epoch: string): Promise<Advance | undefined> {
    if (isAtRest(rule)) return undefined;
    const cursor = rule.cursor === null ? undefined : readCursor(epoch, rule.cursor);
    if (!cursor) return startOver;
    const lines = this.#options.linesAtOnce;
    const feed = await readChanges(tx, cursor, { scan: lines, handOver: lines }, { topics: topicsOfRule, about: null });
    if (feed.horizon && isBehind(feed.horizon, cursor)) return startOver;
    const now = this.#platform.clock.now();
    const edges = rule.edgesThrough ? await findEdges(tx, rule.edgesThrough, now) : [];
    // An idle database stays idle: to write down a place that nothing has changed behind would itself be a change.
    if (feed.lines.length === 0 && !feed.more && edges.length === 0) return undefined;
    const { customerIds, anyway } = touchedBy(feed.lines);
    const touched = { customerIds: customerIds.union(new Set(edges)), anyway: anyway.union(new Set(edges)) };
    await this.#settlement.settleTouched(tx, rule, { touched, now });
    return { progress: { cursor: encodeFeedCursor(epoch, feed.through), edgesThrough: now }, more: feed.more };
  }

  async #tick(): Promise<void> {
    try {
      await this.catchUp();
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#platform.log.warn({ err: error }, 'households could not be derived; trying again');
      this.#failing = true;
    }
  }
}

/** Off, and everything that an earlier version made is gone. */
function isAtRest({ enabled, phase }: StoredRule): boolean {
  return !enabled && phase === 'FOLLOWING';
}

interface Advance {
  readonly progress: Partial<RuleProgress>;
  readonly more: boolean;
}

/** The feed can't be resumed: changes have been deleted, or the database was restored. */
const startOver: Advance = {
  progress: { phase: 'CUSTOMERS', position: null, customersRead: 0n, appliedAt: null, cursor: null },
  more: true,
};
