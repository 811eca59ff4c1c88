import { audit } from '../../access/audit.service.ts';
import { appendChanges, type NewChange } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { groupBy } from '../../kernel/lists.ts';
import type { Calendar } from '../earning/calendar.ts';
import type { ConsumptionBucket } from '../ledger/bucket.ts';
import { findConsumptions, findLots } from '../ledger/ledger.queries.ts';
import type { Ledger, TouchedAccount } from '../ledger/ledger.service.ts';
import type { Cause } from '../ledger/ledger-changes.ts';
import { type AccountKey, accountName, type Lot, type LotTerms } from '../ledger/lot.ts';
import { type DebtOf, debtPolicies } from '../members/debt-policy.ts';
import type { LoyaltyMoved } from '../members/loyalty-clock.service.ts';
import type { TierCause } from '../members/member-occasion.ts';
import { pointChanges } from '../members/point-changes.ts';
import type { Phase, Program, Wallet } from '../program.ts';
import { phaseAt, type Terms, termsAt } from '../terms.ts';
import { auditActionOf, type Decision, type DecisionKind, type DecisionStatus, entryKindOf } from './decision.ts';
import {
  findAccountsOf,
  findLapsedConsumptions,
  insertConsumptions,
  insertDecisions,
  lapseConsumptions,
  type NewDecision,
} from './decisions.queries.ts';
import type { MembershipOfCustomer } from './parties.queries.ts';
import { idempotencyConflict, insufficientPoints, programNotOpen } from './refusals.ts';
import { planTaking, type Spendable, type Taking } from './taking.ts';

/**
 * Counts the facts of customers anew whose membership or given tier changed, in the transaction that changed it: enters the
 * difference, and answers what changed for the change feed. Their rows are locked.
 */
export type Recount = (
  tx: Tx,
  recounted: { readonly at: Date; readonly customerIds: readonly string[]; readonly cause: RecountCause },
) => Promise<readonly NewChange[]>;

export type RecountCause = Extract<TierCause, 'MEMBERSHIP' | 'OVERRIDE' | 'CLOCK'>;

export interface DeskSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
  readonly ledger: Ledger;
  readonly calendar: Calendar;
  readonly recount: Recount;
  /** What follows from other points, tiers and memberships, in the same transaction and in this order. */
  readonly reactions?: readonly LoyaltyMoved[];
}

/** Somebody whose row is locked. */
export interface Member {
  readonly field: string;
  /** By which they were named. */
  readonly namedRecordId: string;
  /** Of their earliest active membership; who has none: the founding record. */
  readonly recordId: string;
  readonly customerId: string;
  /** Null where an automatic programme has them without one, and for who is none. */
  readonly membershipId: string | null;
  readonly isMember: boolean;
  /** All that their records carry, the earliest first. */
  readonly memberships: readonly MembershipOfCustomer[];
  /** Who spends together with them, they themselves included. */
  readonly mates: readonly string[];
}

export interface DeskParts {
  readonly tx: Tx;
  readonly ctx: Context;
  readonly program: Program;
  readonly members: readonly Member[];
  readonly settings: DeskSettings;
}

/** What a decision comes to. */
export interface Outcome {
  readonly recordId: string;
  readonly points: bigint;
  readonly wallet: string | null;
  readonly subjectId?: string | null;
  readonly status?: DecisionStatus;
  readonly expiresAt?: Date | null;
  readonly takings?: readonly Taking[];
  readonly bucket?: ConsumptionBucket;
  /** Points that it gives. */
  readonly lots?: readonly LotTerms[];
  readonly detail?: JsonObject | null;
}

/** What is known of a decision before anything is decided. */
export interface DecisionHead {
  readonly id: string;
  readonly kind: DecisionKind;
  readonly at: Date;
  readonly reason: string | null;
  readonly fingerprint: string;
}

const spendingPhases: ReadonlySet<Phase> = new Set<Phase>(['PILOT', 'LAUNCH', 'LIVE', 'SUNSET']);

/** A transaction in which something is decided: everybody concerned is locked, and what the programme says is held. */
export class OpenDesk {
  readonly tx: Tx;
  readonly ctx: Context;
  readonly now: Date;
  readonly program: Program;
  readonly members: readonly Member[];
  readonly settings: DeskSettings;
  readonly debtOf: DebtOf;
  readonly #customerOf: Map<string, string>;
  readonly #changes: NewChange[] = [];
  /** Whose points, tier or membership are others now. */
  readonly #moved = new Set<string>();

  constructor({ tx, ctx, program, members, settings }: DeskParts) {
    this.tx = tx;
    this.ctx = ctx;
    this.now = ctx.clock.now();
    this.program = program;
    this.members = members;
    this.settings = settings;
    this.debtOf = debtPolicies([program], this.now);
    this.#customerOf = new Map(
      members.flatMap(({ recordId, namedRecordId, customerId }) => [
        [recordId, customerId],
        [namedRecordId, customerId],
      ]),
    );
  }

  /** What applies at the instant. Throws `PROGRAM_NOT_OPEN` where points don't move then. */
  termsAt(at: Date): Terms {
    const terms = termsAt(this.program, at);
    const phase = phaseAt(this.program, at);
    if (!terms || !spendingPhases.has(phase)) throw programNotOpen(this.program.name, phase);
    return terms;
  }

  /** By its key; the only one there is, where none is named. */
  walletAt(at: Date, key: string | null | undefined): Wallet {
    const { wallets } = this.termsAt(at).definition;
    const wallet = key == null && wallets.length === 1 ? wallets[0] : wallets.find((one) => one.key === key);
    if (wallet) return wallet;
    const keys = wallets.map((one) => one.key).join(', ');
    throw badInput(`Expected one of the programme's wallets (${keys}), got ${key ?? 'none'}.`, 'input.wallet');
  }

  /** All that these customers may spend of a wallet. What reservations held whose time is up is theirs again. */
  async spendable(wallet: string, customerIds: readonly string[]): Promise<Spendable[]> {
    const programId = this.program.id;
    const accounts = await findAccountsOf(this.tx, { programId, wallet, customerIds });
    if (accounts.length === 0) return [];
    for (const { recordId, customerId } of accounts) this.#customerOf.set(recordId, customerId);
    const [lapsed, lots, consumptions] = await Promise.all([
      findLapsedConsumptions(this.tx, accounts, this.now),
      findLots(this.tx, accounts),
      findConsumptions(this.tx, accounts),
    ]);
    if (lapsed.length > 0) await this.#lapse(lapsed);
    const gone = new Set(lapsed.map((one) => `${one.decisionId} ${accountName(one)}`));
    const lotsOf = groupBy(lots, accountName);
    const takenOf = groupBy(
      consumptions.filter((one) => !gone.has(`${one.decisionId} ${accountName(one)}`)),
      accountName,
    );
    return accounts.map(({ customerId, ...account }) => ({
      account,
      customerId,
      lots: (lotsOf.get(accountName(account)) ?? []).filter(({ source }) => source !== 'DEBT'),
      consumptions: takenOf.get(accountName(account)) ?? [],
      debt: this.debtOf(account),
    }));
  }

  /** Throws `INSUFFICIENT_POINTS` where these customers have too few. */
  async take(
    { id, at }: Pick<DecisionHead, 'id' | 'at'>,
    { wallet, points, customerIds }: { wallet: string; points: bigint; customerIds: readonly string[] },
  ): Promise<readonly Taking[]> {
    const accounts = await this.spendable(wallet, customerIds);
    const { available, takings } = planTaking(accounts, { decisionId: id, points, at, now: this.now });
    if (takings) return takings;
    throw insufficientPoints({ wallet, available, requested: points });
  }

  /** Writes a decision with all that follows from it, and tells of it. */
  async enter(head: DecisionHead, outcome: Outcome): Promise<Decision> {
    const { takings = [], bucket = 'REDEEMED', lots = [], detail = null, ...said } = outcome;
    const decision: NewDecision = {
      ...head,
      programId: this.program.id,
      status: 'DONE',
      subjectId: null,
      expiresAt: null,
      ...said,
      recordedAt: this.now,
      actor: this.ctx.viewer.name,
      detail,
    };
    const [written] = await Promise.all([
      insertDecisions(this.tx, [decision]),
      this.#consume(decision, { takings, bucket }),
    ]);
    // The same key, at the same time, about somebody else.
    if (written.length === 0) throw idempotencyConflict();
    const cause = { kind: entryKindOf[head.kind], causeId: head.id };
    await this.settle(touchedBy(takings, lots), () => cause);
    await this.conclude(decision);
    return decision;
  }

  /** Brings accounts to where they should be now. */
  async settle(accounts: readonly TouchedAccount[], causeOf: (lot: Lot) => Cause): Promise<void> {
    const settling = { at: this.now, causeOf, debtOf: this.debtOf };
    const entered = await this.settings.ledger.settle(this.tx, accounts, settling);
    const changes = pointChanges(entered, ({ recordId }) => this.#customerOf.get(recordId) ?? null);
    this.#changes.push(...changes);
    for (const { customerId } of changes) if (customerId !== null) this.#moved.add(customerId);
  }

  /** Of what moves no points. */
  tell(customerId: string, what: string): void {
    const detail = { accounts: [], kinds: [], what };
    this.#moved.add(customerId);
    this.#changes.push({ topic: 'loyalty.changed', customerId, subjectId: this.program.id, detail });
  }

  /** Facts are counted otherwise from now on. */
  async recount(customerIds: readonly string[], cause: RecountCause): Promise<void> {
    for (const customerId of customerIds) this.#moved.add(customerId);
    this.#changes.push(...(await this.settings.recount(this.tx, { at: this.now, customerIds, cause })));
  }

  /** Lines of the audit log and of the change feed. */
  async conclude(decision: Decision, action: string = auditActionOf[decision.kind]): Promise<void> {
    const { id, kind, points, wallet, reason } = decision;
    await audit(this.tx, this.ctx, {
      action,
      subject: toPublicId('ldc', id),
      reason,
      detail: { program: toPublicId('prg', decision.programId), kind, points: Number(points), wallet },
    });
  }

  /** After everything else. */
  async publish(): Promise<void> {
    const moved = { at: this.now, customerIds: [...this.#moved].sort() };
    if (moved.customerIds.length > 0) {
      for (const react of this.settings.reactions ?? []) this.#changes.push(...(await react(this.tx, moved)));
    }
    await appendChanges(this.tx, this.now, this.#changes);
  }

  /** Whose record it is, for telling. */
  know(recordId: string, customerId: string): void {
    this.#customerOf.set(recordId, customerId);
  }

  async #consume(
    { id, at, programId }: Decision,
    { takings, bucket }: { takings: readonly Taking[]; bucket: ConsumptionBucket },
  ): Promise<void> {
    if (takings.length === 0) return;
    const consumptions = takings.map(({ account, points }) => ({
      ...account,
      programId,
      decisionId: id,
      at,
      points,
      bucket,
    }));
    await insertConsumptions(this.tx, consumptions);
  }

  async #lapse(lapsed: readonly (AccountKey & { readonly decisionId: string })[]): Promise<void> {
    await lapseConsumptions(this.tx, lapsed);
    for (const [causeId, accounts] of groupBy(lapsed, (one) => one.decisionId)) {
      await this.settle(accounts, () => ({ kind: 'RELEASED', causeId }));
    }
  }
}

function touchedBy(takings: readonly Taking[], lots: readonly LotTerms[]): TouchedAccount[] {
  const touched = new Map<string, TouchedAccount>();
  for (const { account } of takings) touched.set(accountName(account), account);
  for (const [name, given] of groupBy(lots, accountName)) {
    const { recordId, programId, wallet } = given[0]!;
    touched.set(name, { recordId, programId, wallet, lots: given });
  }
  return [...touched.values()];
}
