import { setTimeout as sleep } from 'node:timers/promises';
import { BackgroundLoop } from '../kernel/background-loop.ts';
import { appendChanges, type NewChange } from '../kernel/changes.queries.ts';
import type { Platform } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { canonicalJson } from '../kernel/json.ts';
import { groupBy } from '../kernel/lists.ts';
import type { TraitsRefolded } from './identity.events.ts';
import { survive, type TraitRule } from './survivorship.ts';
import { findDefinition } from './trait-definitions.queries.ts';
import {
  findStatements,
  type GoldenChange,
  isRefoldWaiting,
  listCustomersBehind,
  lockHolders,
  lockNextRefold,
  type RefoldState,
  saveRefold,
  setFence,
  setGoldenValues,
} from './trait-refold.queries.ts';

export interface TraitRefolderOptions {
  /** Customers in one transaction. Default 500. */
  readonly customersAtOnce?: number;
  /** Default 1,000: how soon a node takes up what another began and left. */
  readonly everyMs?: number;
  /** What other modules keep up to date, in order; see the wiring. */
  readonly reactions?: readonly TraitsRefolded[];
}

type Outcome = 'NOTHING_TO_DO' | 'WAITING' | 'WORKED';

const waitMs = 50;

/**
 * Brings the golden values of customers whom no event touches up to the latest strategy of a trait. Nodes take turns by
 * locking the row that holds the place, so the work survives any of them. See decision 8.
 */
export class TraitRefolder {
  readonly #platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>;
  readonly #customersAtOnce: number;
  readonly #everyMs: number;
  readonly #reactions: readonly TraitsRefolded[];
  readonly #loop = new BackgroundLoop(() => this.#round());

  constructor(platform: Pick<Platform, 'pool' | 'clock' | 'log' | 'feed'>, options: TraitRefolderOptions = {}) {
    this.#platform = platform;
    this.#customersAtOnce = options.customersAtOnce ?? 500;
    this.#everyMs = options.everyMs ?? 1000;
    this.#reactions = options.reactions ?? [];
  }

  start(): void {
    this.#loop.start();
  }

  /** Finishes the chunk under way. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** There is something to do. */
  wake(): void {
    this.#loop.wake();
  }

  /** Works until nothing is left. */
  async finish(): Promise<void> {
    for (;;) {
      const outcome = await this.step();
      if (outcome === 'NOTHING_TO_DO') return;
      if (outcome === 'WAITING') await sleep(waitMs);
    }
  }

  /** One chunk. */
  async step(): Promise<Outcome> {
    if (!(await isRefoldWaiting(this.#platform.pool))) return 'NOTHING_TO_DO';
    const outcome = await this.#platform.pool.begin((tx) => this.#work(tx));
    if (outcome === 'WORKED') this.#platform.feed.wake();
    return outcome;
  }

  async #round(): Promise<number> {
    const outcome = await this.step().catch((err: unknown) => {
      this.#platform.log.warn({ err }, 'golden values could not be brought up to a strategy; trying again later');
      return 'NOTHING_TO_DO' as const;
    });
    if (outcome === 'WORKED') return 0;
    return outcome === 'WAITING' ? waitMs : this.#everyMs;
  }

  async #work(tx: Tx): Promise<Outcome> {
    const refold = await lockNextRefold(tx);
    // Another node has it.
    if (!refold) return 'WAITING';
    if (!refold.fenced) await setFence(tx, refold.name);
    if (!refold.ready) return 'WAITING';
    await this.#refoldChunk(tx, refold);
    return 'WORKED';
  }

  async #refoldChunk(tx: Tx, { name, position }: RefoldState): Promise<void> {
    const now = this.#platform.clock.now();
    const ids = await listCustomersBehind(tx, position, this.#customersAtOnce);
    const changes = await changesAmong(tx, ids, name);
    if (changes.length > 0) {
      await setGoldenValues(tx, name, changes, now);
      const lines = changes.map(({ id }) => ({ customerId: id, subjectId: id, detail: { reasons: ['TRAITS'] } }));
      const customerIds = changes.map(({ id }) => id).sort();
      const feed: NewChange[] = lines.map((line) => ({ topic: 'customer.changed', ...line }));
      for (const react of this.#reactions) feed.push(...(await react(tx, { at: now, customerIds, trait: name })));
      await appendChanges(tx, now, feed);
    }
    await saveRefold(tx, name, {
      position: ids.at(-1) ?? null,
      examined: ids.length,
      changed: changes.length,
      finishedAt: ids.length < this.#customersAtOnce ? now : null,
    });
  }
}

/** Locks, then reads what the records say: a statement of its own, which sees what the previous holder committed. */
async function changesAmong(tx: Tx, ids: readonly string[], name: string): Promise<GoldenChange[]> {
  const rule = await findDefinition(tx, name);
  const holders = rule && ids.length > 0 ? await lockHolders(tx, ids, name) : [];
  if (!rule || holders.length === 0) return [];
  const statements = await findStatements(
    tx,
    holders.map((holder) => holder.id),
    name,
  );
  const held = groupBy(statements, (statement) => statement.customerId);
  return holders
    .map((holder) => ({ holder, value: survive(rule as TraitRule, held.get(holder.id) ?? []).value }))
    .filter(({ holder, value }) => textOf(value) !== textOf(holder.held ? holder.value : undefined))
    .map(({ holder, value }) => ({ id: holder.id, value }));
}

/** Tells null from nothing. */
function textOf(value: GoldenChange['value']): string {
  return value === undefined ? '' : canonicalJson(value);
}
