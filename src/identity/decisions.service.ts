import { requireScope } from '../access/scopes.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { badInput, DomainError, notFound } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import { type Decided, DecisionDesk, type DecisionSettings } from './decide.service.ts';
import { isLinking } from './decision.ts';
import { checkDecisionBase, checkDistinct, type DecisionBase } from './decision-input.ts';
import {
  type DecisionRow,
  findDecisions,
  findLinksAmong,
  findRecordsOfDecisions,
  reinstateDecision,
  removeClaims,
  restoreClaims,
  revokeDecisions,
} from './decisions.queries.ts';
import { findCarried, findErased, findNeighbourhood, findRecords, type RecordState } from './identity.queries.ts';
import { identifierId, normaliseIdentifier } from './normalise.ts';
import { findIdentifierKind, findMembers, findOwners, recountClaimants } from './recount.queries.ts';
import { readEvidence } from './regroup-records.service.ts';
import { findRegrouping, type RegroupingRow } from './regroupings.queries.ts';
import { resolveSaid } from './resolve-said.ts';
import { countedUpTo } from './rules.ts';
import { isPartedBy, type Sides, sidesByChoice, sidesByMerge } from './unmerge.ts';

export interface Unlinked {
  readonly decisions: readonly DecisionRow[];
  /** Customers, as they are now, of all records that the decisions are about. */
  readonly customerIds: readonly string[];
}

const mostRecords = 1000;
const mostCustomers = 50;

/** What stewards and matchers decide about who is who. Every decision is a fact, can be taken back, and says why. */
export class DecisionService {
  readonly #settings: DecisionSettings;
  readonly #desk: DecisionDesk;

  constructor(settings: DecisionSettings) {
    this.#settings = settings;
    this.#desk = new DecisionDesk(settings);
  }

  /** Makes customers one, whatever limits say. Throws `IDENTITY_CONFLICT` where somebody decided that they are not. */
  async mergeCustomers(ctx: Context, input: DecisionBase & { customerIds: readonly string[] }): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    checkDistinct(input.customerIds, { least: 2, most: mostCustomers }, 'input.customerIds');
    return this.#desk.decide(ctx, 'MERGE', input, async (tx) => {
      const sideA = [...new Set(await getCustomerIds(tx, input.customerIds))];
      if (sideA.length < 2) throw badInput('These ids are all of one customer already.', 'input.customerIds');
      // A customer's id is that of its founding record.
      return { sideA };
    });
  }

  /** Says that records are one person's. Also gives an unidentified receipt to somebody. */
  async linkRecords(ctx: Context, input: DecisionBase & { recordIds: readonly string[] }): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    checkDistinct(input.recordIds, { least: 2, most: mostRecords }, 'input.recordIds');
    return this.#desk.decide(ctx, 'LINK', input, async (tx) => {
      const records = await getRecords(tx, input.recordIds);
      if (records.some(({ customerId }) => customerId !== null)) return { sideA: input.recordIds };
      throw badInput("At least one of the records must be somebody's.", 'input.recordIds');
    });
  }

  /** Says that two records are never the same person's; parts them if anything has joined them. */
  async vetoMatch(ctx: Context, input: DecisionBase & { recordId: string; otherRecordId: string }): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    checkDistinct([input.recordId, input.otherRecordId], { least: 2, most: 2 }, 'input.otherRecordId');
    return this.#desk.decide(ctx, 'VETO', input, async (tx) => {
      await getRecords(tx, [input.recordId, input.otherRecordId]);
      return { sideA: [input.recordId], sideB: [input.otherRecordId] };
    });
  }

  /**
   * Takes chosen records out of a customer, or undoes one of its merges. A merge that somebody decided is taken back;
   * where evidence joined them, or still does, the sides are kept apart from now on. Records that came later follow the
   * evidence.
   */
  async unmergeCustomer(
    ctx: Context,
    input: DecisionBase & { customerId: string; mergeId?: string | null; recordIds?: readonly string[] | null },
  ): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    const { customerId, mergeId, recordIds } = input;
    if ((mergeId == null) === (recordIds == null)) {
      throw badInput('Give `mergeId` or `recordIds`, exactly one of them.', 'input');
    }
    if (recordIds != null) checkDistinct(recordIds, { least: 1, most: mostRecords }, 'input.recordIds');
    return this.#desk.decide(ctx, 'UNMERGE', input, async (tx) => {
      const members = await findMembers(tx, await getCustomerId(tx, customerId));
      if (recordIds != null) return sidesByChoice(members, recordIds);
      const merge = await findRegrouping(tx, mergeId!);
      if (!merge) throw notFound('merge', toPublicId('mrg', mergeId!));
      const sides = sidesByMerge(members, merge);
      const decided = await this.#findDecisionBehind(tx, merge, sides);
      if (!decided) return { ...sides, regroupingId: merge.id };
      await this.#revoke(tx, ctx, decided, input.reason);
      // All on one side: it parts nobody, so that later evidence can join them, but is about them all the same.
      return { sideA: [...sides.sideA, ...sides.sideB], regroupingId: merge.id, takesBack: decided };
    });
  }

  /** Takes a wrong identifier away from all records of a customer, for good: repeats and replays don't bring it back. */
  async removeIdentifier(
    ctx: Context,
    input: DecisionBase & { customerId: string; identifier: { kind: string; value: string } },
  ): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    const { kind, value } = input.identifier;
    const normalised = normaliseIdentifier(kind, value, this.#settings);
    if (!normalised.ok) throw badInput(`Expected ${normalised.expected}.`, 'input.identifier.value');
    const identifier = identifierId(this.#settings.idSecret, kind, normalised.value);
    // The value itself has no place in a decision, which outlives the person's data.
    const said = { ...input, identifier };
    return this.#desk.decide(ctx, 'REMOVE_IDENTIFIER', said, async (tx, id) => {
      const members = await findMembers(tx, await getCustomerId(tx, input.customerId));
      const carriers = await removeClaims(tx, id, identifier, members);
      if (carriers.length === 0) {
        const message = `No record of this customer carries this ${kind}.`;
        throw new DomainError('NOT_FOUND', message, { field: 'input.identifier' });
      }
      const relieved = await this.#recount(tx, ctx, { identifier, kind, carriers });
      return { sideA: carriers, identifierId: identifier, relieved };
    });
  }

  /** Takes a decision back: the world is as if it had never been made. Taking it back again changes nothing. */
  async revokeDecision(ctx: Context, input: DecisionBase & { decisionId: string }): Promise<Decided> {
    requireScope(ctx, 'identity:manage');
    checkDecisionBase(input);
    const { decisionId: id, reason } = input;
    return this.#desk.inRules(ctx, async (tx) => {
      const [decision] = await findDecisions(tx, [id]);
      if (!decision) throw notFound('decision', toPublicId('dec', id));
      const said = await findRecordsOfDecisions(tx, [id]);
      const recordIds = said.map(({ recordId }) => recordId);
      if (!(await this.#revoke(tx, ctx, id, reason))) return this.#desk.answer(tx, id, recordIds);
      await this.#reinstate(tx, decision, said);
      const { identifierId: identifier } = decision;
      const identifierIds =
        identifier === null ? [] : await this.#giveBack(tx, ctx, { id, identifier, carriers: recordIds });
      const seeds = { recordIds, identifierIds, touched: recordIds };
      await this.#desk.regroup(tx, ctx, { cause: 'DECISION', causeId: id }, seeds);
      const revoked = await this.#desk.answer(tx, id, recordIds);
      const { customerIds } = revoked;
      await this.#desk.log(tx, ctx, 'identity.revoked', { decisions: [revoked.decision], customerIds, reason });
      return revoked;
    });
  }

  /**
   * Takes back every link, merge and match that names at least two of these records. Answers all there ever were, also
   * those that were taken back before: a repeat changes nothing. Throws `NOT_FOUND` where there never was any.
   */
  async unlinkRecords(ctx: Context, input: DecisionBase & { recordIds: readonly string[] }): Promise<Unlinked> {
    requireScope(ctx, 'identity:manage');
    checkDecisionBase(input);
    checkDistinct(input.recordIds, { least: 2, most: mostRecords }, 'input.recordIds');
    return this.#desk.inRules(ctx, async (tx) => {
      await getRecords(tx, input.recordIds);
      const links = (await findLinksAmong(tx, input.recordIds)).map(({ id }) => id);
      if (links.length === 0) throw new DomainError('NOT_FOUND', 'No decision links any two of these records.');
      const recordIds = (await findRecordsOfDecisions(tx, links)).map(({ recordId }) => recordId);
      const by = { actor: ctx.viewer.name, reason: input.reason, now: ctx.clock.now() };
      const revoked = await revokeDecisions(tx, links, by);
      if (revoked.length > 0) {
        const cause = { cause: 'DECISION', causeId: revoked.length === 1 ? revoked[0]! : null } as const;
        await this.#desk.regroup(tx, ctx, cause, { recordIds, identifierIds: [], touched: recordIds });
      }
      const [decisions, customerIds] = await Promise.all([findDecisions(tx, links), findOwners(tx, recordIds)]);
      const gone = decisions.filter(({ id }) => revoked.includes(id));
      if (gone.length > 0) {
        await this.#desk.log(tx, ctx, 'identity.revoked', { decisions: gone, customerIds, reason: input.reason });
      }
      return { decisions, customerIds };
    });
  }

  /** The decision that made a merge, if without it the two sides part, and nothing else does. */
  async #findDecisionBehind(tx: Tx, merge: RegroupingRow, sides: Sides): Promise<string | undefined> {
    if (merge.cause !== 'DECISION' || merge.causeId === null) return undefined;
    const [decision] = await findDecisions(tx, [merge.causeId]);
    if (!decision || decision.revokedAt !== null || !isLinking(decision.kind)) return undefined;
    const neighbourhood = await findNeighbourhood(tx, { recordIds: sides.sideA, identifierIds: [] });
    const [records, said] = await Promise.all([findRecords(tx, neighbourhood), readEvidence(tx, neighbourhood)]);
    const decisions = said.decisions.filter(({ id }) => id !== decision.id);
    const resolution = resolveSaid({ records, claims: said.claims, decisions }, this.#settings.rules.inForce.rules);
    return isPartedBy(resolution, sides) ? decision.id : undefined;
  }

  async #revoke(tx: Tx, ctx: Context, id: string, reason: string): Promise<boolean> {
    const revoked = await revokeDecisions(tx, [id], { actor: ctx.viewer.name, reason, now: ctx.clock.now() });
    return revoked.length > 0;
  }

  /** An unmerge that has one side only took back the decision behind a merge: without it, that one counts again. */
  async #reinstate(tx: Tx, { kind, regroupingId }: DecisionRow, said: readonly { side: number }[]): Promise<void> {
    if (kind !== 'UNMERGE' || regroupingId === null || said.some(({ side }) => side === 1)) return;
    const merge = await findRegrouping(tx, regroupingId);
    if (merge?.causeId) await reinstateDecision(tx, merge.causeId);
  }

  async #giveBack(
    tx: Tx,
    ctx: Context,
    { id, identifier, carriers }: { id: string; identifier: string; carriers: readonly string[] },
  ): Promise<string[]> {
    await restoreClaims(tx, identifier, id);
    const kind = (await findIdentifierKind(tx, identifier))!;
    return this.#recount(tx, ctx, { identifier, kind, carriers });
  }

  /**
   * After claims were taken away or given back. Answers the identifiers around which people must be resolved again: a
   * record that carries fewer values than before may be below its limit, and all of that kind may join it now.
   */
  async #recount(
    tx: Tx,
    ctx: Context,
    { identifier, kind, carriers }: { identifier: string; kind: string; carriers: readonly string[] },
  ): Promise<string[]> {
    const { rules } = this.#settings.rules.inForce;
    await recountClaimants(tx, [{ id: identifier, stopAt: countedUpTo(rules, kind) }], ctx.clock.now());
    return [identifier, ...(await findCarried(tx, carriers, [kind]))];
  }
}

async function getRecords(tx: Tx, ids: readonly string[]): Promise<RecordState[]> {
  const [records, erased] = await Promise.all([findRecords(tx, ids), findErased(tx, ids)]);
  const found = new Set(records.map(({ id }) => id)).difference(new Set(erased));
  const missing = ids.find((id) => !found.has(id));
  if (missing !== undefined) throw notFound('record', toPublicId('rec', missing));
  return records;
}

/** The customers behind ids, which are those of any of their records. */
async function getCustomerIds(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const records = await findRecords(tx, ids);
  const customerOf = new Map(records.map((record) => [record.id, record.customerId]));
  return ids.map((id) => {
    const customerId = customerOf.get(id);
    if (!customerId) throw notFound('customer', toPublicId('cus', id));
    return customerId;
  });
}

async function getCustomerId(tx: Tx, id: string): Promise<string> {
  const [customerId] = await getCustomerIds(tx, [id]);
  return customerId!;
}
