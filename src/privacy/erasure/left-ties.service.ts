import type { CurrentRules } from '../../identity/current-rules.service.ts';
import type { CustomersRegrouped } from '../../identity/identity.events.ts';
import { recountClaimants } from '../../identity/recount.queries.ts';
import { regroup } from '../../identity/regroup.service.ts';
import { countedUpTo } from '../../identity/rules.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { lookUpByIndex } from '../../kernel/plans.queries.ts';
import type { Known } from './erasure.ts';
import { findTiedRecords, findUncut } from './subject.queries.ts';

/** Others whom something of the erased has kept apart, or will. */
export interface Ties {
  /** Records that refused evidence tied to theirs. */
  readonly recordIds: readonly string[];
  readonly shared: Known['identifiers'];
}

interface TieSettings {
  readonly rules: CurrentRules;
  readonly reactions: readonly CustomersRegrouped[];
}

/**
 * Resolves those again who are left: without the erased, an address may be carried by few enough to join its owners, and
 * evidence is not refused any more that only the erased stood against.
 */
export class LeftTies {
  readonly #settings: TieSettings;

  constructor(settings: TieSettings) {
    this.#settings = settings;
  }

  /** Before the records of the erased are changed. */
  async find(tx: Tx, { records, identifiers }: Known): Promise<Ties> {
    const componentIds = [...new Set(records.flatMap(({ componentId }) => componentId ?? []))];
    const own = records.map(({ id }) => id);
    const recordIds = componentIds.length === 0 ? [] : await findTiedRecords(tx, { componentIds, recordIds: own });
    return { recordIds, shared: identifiers.filter(({ shared }) => shared) };
  }

  /** After everything of theirs is gone. */
  async settle(tx: Tx, { clock, ids }: Context, { recordIds, shared }: Ties): Promise<void> {
    if (recordIds.length === 0 && shared.length === 0) return;
    const { rules, reactions } = this.#settings;
    const { rules: inForce } = rules.inForce;
    const now = clock.now();
    const counted = shared.map(({ id, kind }) => ({ id, stopAt: countedUpTo(inForce, kind) }));
    await recountClaimants(tx, counted, now);
    const uncut = await findUncut(
      tx,
      shared.filter(({ cut }) => cut).map(({ id }) => id),
    );
    if (recordIds.length === 0 && uncut.length === 0) return;
    await lookUpByIndex(tx);
    const settings = { now, ids, rules: inForce, reactions };
    await regroup(tx, settings, { cause: 'REBUILD', causeId: null }, { recordIds, identifierIds: uncut });
  }
}
