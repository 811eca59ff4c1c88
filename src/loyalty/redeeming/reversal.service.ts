import { hasScope, requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { groupBy } from '../../kernel/lists.ts';
import { allocate } from '../ledger/allocation.ts';
import { findConsumptions, findLots } from '../ledger/ledger.queries.ts';
import type { TouchedAccount } from '../ledger/ledger.service.ts';
import { type AccountKey, accountName, type LotTerms } from '../ledger/lot.ts';
import { mostOperated } from './adjust.service.ts';
import { checkReason, type DecisionDesk } from './decide.service.ts';
import type { Decision } from './decision.ts';
import {
  type ConsumptionOfDecision,
  findConsumptionsOf,
  findDecisions,
  findLapsedReservations,
  moveDecision,
  releaseDecisions,
  turnConsumptions,
} from './decisions.queries.ts';
import type { OpenDesk } from './open-desk.service.ts';
import type { NamedParty } from './parties.service.ts';
import { insufficientPoints, reservationEnded } from './refusals.ts';

/** Takes back what else a decision did, such as the voucher that it issued. */
export type UndoMore = (desk: OpenDesk, decision: Decision) => Promise<void>;

const mostReleasedAtOnce = 200;

/** What becomes of decisions that were made: reservations end, and what was done is undone. */
export class ReversalService {
  readonly #desk: DecisionDesk;
  readonly #undoMore: UndoMore;

  constructor(desk: DecisionDesk, undoMore: UndoMore) {
    this.#desk = desk;
    this.#undoMore = undoMore;
  }

  /** The points that are held are spent. Confirming it again changes nothing. */
  async confirmReservation(ctx: Context, input: { decisionId: string }): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    return this.#reopen(ctx, input.decisionId, async (desk, { decision, consumptions }) => {
      checkReservation(decision);
      if (decision.status === 'DONE') return;
      const isUp = decision.expiresAt !== null && decision.expiresAt <= desk.now;
      if (decision.status !== 'RESERVED' || isUp) throw reservationEnded(isUp ? 'RELEASED' : decision.status);
      await moveDecision(desk.tx, decision, { from: 'RESERVED', to: 'DONE' });
      await turnConsumptions(desk.tx, [decision.id], 'REDEEMED');
      const cause = { kind: 'REDEEMED', causeId: decision.id } as const;
      await desk.settle(accountsOf(consumptions), () => cause);
      await desk.conclude(decision, 'loyalty.reservation_confirmed');
    });
  }

  /** The points that were held are free again. Releasing it again changes nothing. */
  async releaseReservation(ctx: Context, input: { decisionId: string }): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    return this.#reopen(ctx, input.decisionId, async (desk, { decision, consumptions }) => {
      checkReservation(decision);
      if (decision.status === 'RELEASED') return;
      if (decision.status !== 'RESERVED') throw reservationEnded(decision.status);
      await moveDecision(desk.tx, decision, { from: 'RESERVED', to: 'RELEASED' });
      await giveBack(desk, [decision], consumptions);
    });
  }

  /** Releases reservations whose time is up; answers how many. For the clock; it is told of every one of them. */
  async releaseExpired(ctx: Context): Promise<number> {
    const due = await findLapsedReservations(ctx.pool, ctx.clock.now(), mostReleasedAtOnce);
    let released = 0;
    for (const [programId, decisions] of groupBy(due, (one) => one.programId)) {
      released += await this.#releaseAll(ctx, programId, decisions);
    }
    return released;
  }

  /**
   * Undoes what was decided: points go back to the lots that they came from, or are taken back where they were given and
   * have not been spent. Undoing it again changes nothing.
   */
  async reverseDecision(ctx: Context, input: { decisionId: string; reason: string }): Promise<Decision> {
    requireScope(ctx, 'loyalty:operate');
    const reason = checkReason(input.reason);
    return this.#reopen(ctx, input.decisionId, async (desk, { decision, consumptions }) => {
      if (decision.status === 'REVERSED') return;
      checkReversible(ctx, decision);
      await moveDecision(desk.tx, decision, { from: 'DONE', to: 'REVERSED' });
      await turnConsumptions(desk.tx, [decision.id], null);
      await this.#undoMore(desk, decision);
      const lots = await worthNothing(desk, decision);
      const accounts = withLots(accountsOf(consumptions), lots);
      const cause = { kind: 'REVERSED', causeId: decision.id } as const;
      await desk.settle(accounts, () => cause);
      await desk.conclude({ ...decision, reason }, 'loyalty.decision_reversed');
    });
  }

  /** With everybody locked whose points it moves; answers the decision as it is then. */
  async #reopen(
    ctx: Context,
    id: string,
    work: (desk: OpenDesk, reopened: Reopened) => Promise<void>,
  ): Promise<Decision> {
    const [found] = await findDecisions(ctx.pool, [id]);
    if (!found) throw notFound('loyalty decision', toPublicId('ldc', id));
    const taken = await findConsumptionsOf(ctx.pool, [id]);
    const { programId } = found;
    return this.#desk.open(ctx, { programId, parties: partiesOf([found], taken) }, async (desk) => {
      const [decision] = await findDecisions(desk.tx, [id]);
      const consumptions = await findConsumptionsOf(desk.tx, [id]);
      await work(desk, { decision: decision!, consumptions });
      const [after] = await findDecisions(desk.tx, [id]);
      return after!;
    });
  }

  async #releaseAll(ctx: Context, programId: string, due: readonly Decision[]): Promise<number> {
    const ids = due.map(({ id }) => id);
    const taken = await findConsumptionsOf(ctx.pool, ids);
    return this.#desk.open(ctx, { programId, parties: partiesOf(due, taken) }, async (desk) => {
      const released = new Set(await releaseDecisions(desk.tx, due, desk.now));
      const decisions = due.filter(({ id }) => released.has(id));
      const consumptions = await findConsumptionsOf(desk.tx, [...released]);
      await giveBack(desk, decisions, consumptions);
      return released.size;
    });
  }
}

interface Reopened {
  readonly decision: Decision;
  readonly consumptions: readonly ConsumptionOfDecision[];
}

/** Of reservations that have been marked as released. */
async function giveBack(
  desk: OpenDesk,
  decisions: readonly Decision[],
  consumptions: readonly ConsumptionOfDecision[],
): Promise<void> {
  await turnConsumptions(
    desk.tx,
    decisions.map(({ id }) => id),
    null,
  );
  const decisionOf = new Map(consumptions.map((one) => [accountName(one), one.decisionId]));
  await desk.settle(accountsOf(consumptions), (account) => {
    return { kind: 'RELEASED', causeId: decisionOf.get(accountName(account)) ?? null };
  });
  for (const decision of decisions) await desk.conclude(decision, 'loyalty.reservation_released');
}

function partiesOf(decisions: readonly Decision[], consumptions: readonly ConsumptionOfDecision[]): NamedParty[] {
  const others = decisions.flatMap(({ kind, subjectId }) => (kind === 'TRANSFER' && subjectId ? [subjectId] : []));
  const recordIds = [...decisions, ...consumptions].map(({ recordId }) => recordId);
  return [...new Set([...recordIds, ...others])]
    .sort()
    .map((id) => ({ field: 'input.decisionId', by: 'RECORD', id, anybody: true, optional: true }));
}

function checkReservation({ kind, id }: Decision): void {
  if (kind === 'RESERVATION') return;
  throw badInput(`${toPublicId('ldc', id)} is no reservation but a ${kind}.`, 'input.decisionId');
}

function checkReversible(ctx: Context, { status, points, kind }: Decision): void {
  if (status !== 'DONE') {
    throw new DomainError('BAD_USER_INPUT', `It is ${status}: a reservation is released, not reversed.`, {
      field: 'input.decisionId',
    });
  }
  const gives = kind === 'ADJUSTMENT' || kind === 'BONUS';
  if (gives && (points > mostOperated || points < -mostOperated) && !hasScope(ctx, 'loyalty:manage')) {
    requireScope(ctx, 'loyalty:manage');
  }
}

/** The lots that the decision gave, taken back. Throws `INSUFFICIENT_POINTS` where they have been spent. */
async function worthNothing(desk: OpenDesk, decision: Decision): Promise<LotTerms[]> {
  const { programId, wallet, recordId, subjectId, kind } = decision;
  if (wallet === null) return [];
  const recordIds = kind === 'TRANSFER' && subjectId !== null ? [subjectId] : [recordId];
  const accounts = recordIds.map((id): AccountKey => ({ recordId: id, programId, wallet }));
  const [lots, consumptions] = await Promise.all([findLots(desk.tx, accounts), findConsumptions(desk.tx, accounts)]);
  const given = lots.filter(({ source, sourceId }) => source === 'DECISION' && sourceId === decision.id);
  if (given.length === 0) return [];
  const granted = given.reduce((sum, lot) => sum + lot.granted, 0n);
  const others = lots.filter((lot) => lot.source !== 'DEBT' && !given.includes(lot));
  const debt = desk.debtOf({ programId, wallet });
  const uncovered = (of: typeof lots) => {
    const left = allocate({ lots: of, consumptions, debt }, desk.now).uncovered;
    return Object.values(left).reduce((sum, points) => sum + points, 0n);
  };
  const missing = uncovered(others) - uncovered([...others, ...given]);
  if (missing > 0n) throw insufficientPoints({ wallet, requested: granted, available: granted - missing });
  return given.map((lot) => ({ ...lot, grants: [], granted: 0n }));
}

function accountsOf(consumptions: readonly ConsumptionOfDecision[]): AccountKey[] {
  const accounts = consumptions.map(({ recordId, programId, wallet }) => ({ recordId, programId, wallet }));
  return [...new Map(accounts.map((account) => [accountName(account), account])).values()];
}

function withLots(accounts: readonly AccountKey[], lots: readonly LotTerms[]): TouchedAccount[] {
  const touched = new Map<string, TouchedAccount>(accounts.map((account) => [accountName(account), account]));
  for (const [name, of] of groupBy(lots, accountName)) {
    const { recordId, programId, wallet } = of[0]!;
    touched.set(name, { recordId, programId, wallet, lots: of });
  }
  return [...touched.values()];
}
