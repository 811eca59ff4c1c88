import { auditAll } from '../access/audit.service.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { DomainError } from '../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../kernel/ids.ts';
import { canonicalJson } from '../kernel/json.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { type CurrentRules, RulesChanged } from './current-rules.service.ts';
import type { DecisionKind } from './decision.ts';
import { checkDecisionBase, type DecisionBase } from './decision-input.ts';
import {
  type DecisionRow,
  findDecisions,
  findRecordsOfDecisions,
  insertDecisionRecords,
  insertDecisions,
} from './decisions.queries.ts';
import type { CustomersRegrouped } from './identity.events.ts';
import { lockIdentities } from './identity.queries.ts';
import { holdRules } from './identity-rules.queries.ts';
import { findOwners } from './recount.queries.ts';
import { type Regrouped, type RegroupSettings, regroup, type Seeds } from './regroup.service.ts';
import type { Cause } from './regrouping.ts';

export interface DecisionSettings {
  readonly idSecret: string;
  readonly defaultRegion: string;
  readonly rules: CurrentRules;
  /** What other modules keep up to date about customers, in order. */
  readonly reactions: readonly CustomersRegrouped[];
}

export interface Decided {
  readonly decision: DecisionRow;
  /** Customers, as they are now, of the records that the decision is about. */
  readonly customerIds: readonly string[];
}

/** Decisions that were made or taken back at once, and why. */
export interface Logged {
  readonly decisions: readonly DecisionRow[];
  readonly customerIds: readonly string[];
  readonly reason: string;
}

/** What a decision says, once its input is understood. */
export interface Statement {
  readonly sideA: readonly string[];
  readonly sideB?: readonly string[];
  readonly identifierId?: string;
  readonly regroupingId?: string;
  /** Identifiers that may join since, or not any more. */
  readonly relieved?: readonly string[];
  /** An earlier decision that it takes back. */
  readonly takesBack?: string;
}

/** How every decision is made: once, under the rules in force and the identity lock, with all that follows from it. */
export class DecisionDesk {
  readonly #settings: DecisionSettings;

  constructor(settings: DecisionSettings) {
    this.#settings = settings;
  }

  /**
   * Makes a decision. `prepare` runs in the transaction and answers what the decision says; it may throw. A repeat under
   * the same idempotency key changes nothing; with another input it throws `IDEMPOTENCY_CONFLICT`.
   */
  async decide(
    ctx: Context,
    kind: DecisionKind,
    input: DecisionBase & object,
    prepare: (tx: Tx, id: string) => Promise<Statement>,
  ): Promise<Decided> {
    checkDecisionBase(input);
    const id = this.#decisionId(ctx, input.idempotencyKey);
    const fingerprint = fingerprintUuid(canonicalJson({ ...input, kind }));
    return this.inRules(ctx, async (tx) => {
      const before = await this.#findRepeat(tx, id, fingerprint);
      if (before) return before;
      const statement = await prepare(tx, id);
      await this.#write(tx, ctx, { id, kind, fingerprint, reason: input.reason }, statement);
      const about = [...statement.sideA, ...(statement.sideB ?? [])];
      await this.#conclude(tx, ctx, { id, ...statement }, about);
      const decided = await this.answer(tx, id, about);
      const { decision, customerIds } = decided;
      const logged = { customerIds, reason: input.reason };
      await this.log(tx, ctx, 'identity.decided', { decisions: [decision], ...logged });
      if (statement.takesBack !== undefined) {
        const decisions = await findDecisions(tx, [statement.takesBack]);
        await this.log(tx, ctx, 'identity.revoked', { decisions, ...logged });
      }
      return decided;
    });
  }

  /** A transaction under the rules in force and the identity lock; begun again where the rules changed meanwhile. */
  async inRules<T>(ctx: Context, work: (tx: Tx) => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const result = await ctx.pool.begin(async (tx) => {
          const [version] = await Promise.all([holdRules(tx), lookUpByIndex(tx), lockIdentities(tx)]);
          if (version !== this.#settings.rules.inForce.version) throw new RulesChanged();
          return work(tx);
        });
        ctx.feed.wake();
        return result as T;
      } catch (error) {
        if (!(error instanceof RulesChanged)) throw error;
        await this.#settings.rules.reload(ctx.pool);
      }
    }
  }

  regroup(
    tx: Tx,
    ctx: Context,
    cause: Cause,
    seeds: Seeds & { readonly touched?: readonly string[] },
  ): Promise<Regrouped> {
    return regroup(tx, this.#regroupSettings(ctx), cause, seeds);
  }

  async answer(tx: Tx, id: string, about: readonly string[]): Promise<Decided> {
    const [[decision], customerIds] = await Promise.all([findDecisions(tx, [id]), findOwners(tx, about)]);
    return { decision: decision!, customerIds };
  }

  /** Tells the change feed and the audit log. */
  async log(
    tx: Tx,
    ctx: Context,
    topic: 'identity.decided' | 'identity.revoked',
    { decisions, customerIds, reason }: Logged,
  ): Promise<void> {
    const customers = customerIds.length > 0 ? customerIds : [null];
    const changes = decisions.flatMap(({ id, kind }) =>
      customers.map((customerId) => ({ topic, customerId, subjectId: id, detail: { kind } })),
    );
    await appendChanges(tx, ctx.clock.now(), changes);
    const customersSeen = customerIds.map((customerId) => toPublicId('cus', customerId));
    const acts = decisions.map(({ id, kind }) => {
      return { action: topic, subject: toPublicId('dec', id), reason, detail: { kind, customers: customersSeen } };
    });
    await auditAll(tx, ctx, acts);
  }

  #decisionId(ctx: Context, key: string | null | undefined): string {
    if (key == null) return ctx.ids.uuid();
    return deriveUuid(this.#settings.idSecret, 'decision', ctx.viewer.keyId, key);
  }

  async #findRepeat(tx: Tx, id: string, fingerprint: string): Promise<Decided | undefined> {
    const [decision] = await findDecisions(tx, [id]);
    if (!decision) return undefined;
    if (decision.fingerprint !== fingerprint) {
      throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
        field: 'input.idempotencyKey',
      });
    }
    const about = await findRecordsOfDecisions(tx, [id]);
    return this.answer(
      tx,
      id,
      about.map(({ recordId }) => recordId),
    );
  }

  async #write(
    tx: Tx,
    ctx: Context,
    base: { id: string; kind: DecisionKind; fingerprint: string; reason: string },
    { sideA, sideB = [], identifierId, regroupingId }: Statement,
  ): Promise<void> {
    const about = { identifierId: identifierId ?? null, regroupingId: regroupingId ?? null };
    const said = { sideA, sideB, ...about, weight: null, modelVersion: null };
    const decision = { ...base, ...said, actor: ctx.viewer.name };
    await insertDecisions(tx, [decision], ctx.clock.now());
    if (sideA.length + sideB.length > 0) await insertDecisionRecords(tx, [decision]);
  }

  /** Throws `IDENTITY_CONFLICT` where an earlier decision stands against this one. */
  async #conclude(
    tx: Tx,
    ctx: Context,
    { id, sideA, sideB = [], relieved = [] }: Statement & { id: string },
    touched: readonly string[],
  ): Promise<void> {
    const seeds = { recordIds: [...sideA, ...sideB], identifierIds: relieved, touched };
    if (seeds.recordIds.length === 0) return;
    const { resolution } = await this.regroup(tx, ctx, { cause: 'DECISION', causeId: id }, seeds);
    const obstacle = resolution.refused.find(({ evidenceId }) => evidenceId === id);
    if (obstacle === undefined) return;
    const against = toPublicId('dec', obstacle.limitedBy!);
    throw new DomainError(
      'IDENTITY_CONFLICT',
      `The decision ${against} says that they are not the same person. Revoke it first.`,
      { decisionId: against },
    );
  }

  #regroupSettings({ clock, ids }: Context): RegroupSettings {
    const { rules, reactions } = this.#settings;
    return { now: clock.now(), ids, rules: rules.inForce.rules, reactions };
  }
}
