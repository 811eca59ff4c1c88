import { setTimeout as sleep } from 'node:timers/promises';
import { lockFreeCustomers } from '../../identity/customers.queries.ts';
import { BackgroundLoop } from '../../kernel/background-loop.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import { findDueLots, findNextDueLot } from '../ledger/ledger.queries.ts';
import type { Ledger } from '../ledger/ledger.service.ts';
import { type AccountKey, accountName } from '../ledger/lot.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { debtPolicies } from './debt-policy.ts';
import { findDueMembers, findNextDueMember } from './member.queries.ts';
import type { MemberFolder } from './member-folder.service.ts';
import { pointChanges } from './point-changes.ts';
import { ProgramSweep } from './program-sweep.service.ts';

/** What else time brings about: answers whether there was something to do. */
export type TimedWork = (now: Date) => Promise<boolean>;

export interface LoyaltyClockParts {
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  readonly folder: MemberFolder;
  /** Reservations that run out, referrals, birthdays, offers. */
  readonly further?: readonly TimedWork[];
  /** What follows from other points and tiers, in the same transaction. */
  readonly reactions?: readonly LoyaltyMoved[];
}

/** Reacts to customers whose points or tiers time has moved; their rows are locked. */
export type LoyaltyMoved = (
  tx: Tx,
  moved: { readonly at: Date; readonly customerIds: readonly string[] },
) => Promise<readonly NewChange[]>;

const atOnce = 1_000;
const longestRest = 1_000;
const retryMs = 50;

type Outcome = 'WORKED' | 'HELD' | 'NOTHING_DUE';

/**
 * Does what time alone brings about: points become available and expire, tiers end. Balances do not wait for it, they are
 * read as of the instant; the ledger, subscriptions and segments follow here. Any number of nodes can run it.
 */
export class LoyaltyClock {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>;
  readonly #parts: LoyaltyClockParts;
  readonly #programs: ProgramSweep;
  readonly #loop = new BackgroundLoop(() => this.#round());
  #failures = 0;

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>, parts: LoyaltyClockParts) {
    this.#platform = platform;
    this.#parts = parts;
    this.#programs = new ProgramSweep(platform, parts.book);
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the step under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Works until nothing is due. */
  async catchUp(): Promise<void> {
    for (;;) {
      const outcome = await this.step();
      if (outcome === 'NOTHING_DUE') return;
      if (outcome === 'HELD') await sleep(retryMs);
    }
  }

  async step(): Promise<Outcome> {
    const outcomes = [
      await this.#sweep(),
      await this.#moveLots(),
      await this.#moveTiers(),
      ...(await this.#doFurther()),
    ];
    if (outcomes.includes('WORKED')) {
      this.#platform.feed.wake();
      return 'WORKED';
    }
    return outcomes.includes('HELD') ? 'HELD' : 'NOTHING_DUE';
  }

  async #sweep(): Promise<Outcome> {
    return (await this.#programs.step()) ? 'WORKED' : 'NOTHING_DUE';
  }

  async #moveLots(): Promise<Outcome> {
    const { pool, clock } = this.#platform;
    const due = await findDueLots(pool, clock.now(), atOnce);
    if (due.length === 0) return 'NOTHING_DUE';
    const customerOf = new Map(due.map((account) => [accountName(account), account.customerId]));
    return this.#forCustomers([...customerOf.values()], async (tx, { at, locked }) => {
      const accounts = due.filter(({ customerId }) => customerId !== null && locked.has(customerId));
      return this.#settle(tx, { at, accounts, customerOf });
    });
  }

  async #settle(
    tx: Tx,
    {
      at,
      accounts,
      customerOf,
    }: { at: Date; accounts: readonly AccountKey[]; customerOf: ReadonlyMap<string, string | null> },
  ): Promise<NewChange[]> {
    const { book, ledger } = this.#parts;
    const debtOf = debtPolicies(await book.hold(tx), at);
    const causeOf = () => ({ kind: 'RECOUNTED', causeId: null }) as const;
    const written = await ledger.settle(tx, accounts, { at, causeOf, debtOf });
    return pointChanges(written, (account) => customerOf.get(accountName(account)) ?? null);
  }

  async #moveTiers(): Promise<Outcome> {
    const { pool, clock } = this.#platform;
    const due = await findDueMembers(pool, clock.now(), atOnce);
    if (due.length === 0) return 'NOTHING_DUE';
    return this.#forCustomers(due, (tx, { at, locked }) =>
      this.#parts.folder.fold(tx, {
        at,
        customers: [...locked].map((customerId) => {
          return { customerId, facts: [], since: 'TIME', cause: 'CLOCK', causeId: null };
        }),
      }),
    );
  }

  /** In one transaction, for those of these customers whom nobody holds. */
  async #forCustomers(
    customerIds: readonly (string | null)[],
    work: (tx: Tx, found: { at: Date; locked: ReadonlySet<string> }) => Promise<readonly NewChange[]>,
  ): Promise<Outcome> {
    const ids = [...new Set(customerIds.filter((id) => id !== null))].sort();
    return this.#platform.pool.begin(async (tx) => {
      await lookUpByIndex(tx);
      const locked = new Set(await lockFreeCustomers(tx, ids));
      if (locked.size === 0) return 'HELD';
      // After the locks: what was due when they were taken must be in the past.
      const at = this.#platform.clock.now();
      const changes = [...(await work(tx, { at, locked }))];
      for (const react of this.#parts.reactions ?? [])
        changes.push(...(await react(tx, { at, customerIds: [...locked] })));
      await appendChanges(tx, at, changes);
      return 'WORKED';
    });
  }

  async #doFurther(): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const work of this.#parts.further ?? []) {
      outcomes.push((await work(this.#platform.clock.now())) ? 'WORKED' : 'NOTHING_DUE');
    }
    return outcomes;
  }

  async #round(): Promise<number> {
    try {
      const outcome = await this.step();
      this.#failures = 0;
      if (outcome === 'WORKED') return 0;
      return outcome === 'HELD' ? retryMs : await this.#untilDue();
    } catch (err) {
      if (this.#failures === 0)
        this.#platform.log.warn({ err }, 'points and tiers could not be moved in time; trying again');
      this.#failures += 1;
      return longestRest;
    }
  }

  async #untilDue(): Promise<number> {
    const { pool, clock } = this.#platform;
    const next = [await findNextDueLot(pool), await findNextDueMember(pool)].filter((at) => at !== null);
    const ms = next.map((at) => at.getTime() - clock.now().getTime());
    return Math.min(Math.max(Math.min(...ms, longestRest), 1), longestRest);
  }
}
