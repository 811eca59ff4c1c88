import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput, notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import { checkReason } from '../../kernel/request-input.ts';
import {
  countOverdue,
  endPolicy,
  findPolicy,
  listPolicies,
  lockPolicies,
  type OverdueCount,
  type RetentionPolicyRow,
  savePolicy,
} from './retention.queries.ts';
import {
  checkPolicy,
  cutOff,
  exceptionsOf,
  type GivenPolicy,
  meantTypes,
  type PolicyTerms,
} from './retention-policy.ts';

export interface RetentionServiceParts {
  /** Types of touchpoints that people earn by: null, all. Deleting them would take back what was earned. */
  readonly earningTypes: (db: Database) => Promise<readonly string[] | null>;
  /** Another policy is in force. */
  readonly changed: () => void;
}

export interface RetentionPreview {
  readonly terms: PolicyTerms;
  readonly before: Date;
  readonly counts: readonly OverdueCount[];
  /** There is more than was counted. */
  readonly isMore: boolean;
}

/** As many are counted for a preview. */
const mostCounted = 1_000_000;

export async function findRetentionPolicy(ctx: Context, id: string): Promise<RetentionPolicyRow | null> {
  requireScope(ctx, 'privacy:manage');
  return (await findPolicy(ctx.pool, id)) ?? null;
}

/** Of all policies in force together: a figure of the server's, for whoever watches it. */
export async function retentionFailures(db: Database): Promise<number> {
  const policies = await listPolicies(db);
  return policies.reduce((sum, { failures }) => sum + failures, 0);
}

/** For how long touchpoints are kept. */
export class RetentionService {
  readonly #parts: RetentionServiceParts;

  constructor(parts: RetentionServiceParts) {
    this.#parts = parts;
  }

  async list(ctx: Context): Promise<RetentionPolicyRow[]> {
    requireScope(ctx, 'privacy:manage');
    return listPolicies(ctx.pool);
  }

  /** The policy for these types, instead of the one that there may be. Setting the same again changes nothing. */
  async set(ctx: Context, input: GivenPolicy & { readonly reason: string }): Promise<RetentionPolicyRow> {
    requireScope(ctx, 'privacy:manage');
    const [terms, reason] = [checkPolicy(input), demandReason(input.reason)];
    const row = await ctx.pool.begin(async (tx) => {
      await lockPolicies(tx);
      const policies = await listPolicies(tx);
      await this.#checkEarning(tx, terms, policies);
      const before = policies.find(({ pattern }) => pattern === terms.pattern);
      if (before && before.keepDays === terms.keepDays && before.what === terms.what) return before;
      const id = before?.id ?? ctx.ids.uuid();
      await savePolicy(tx, { id, ...terms, reason, actor: ctx.viewer.name }, ctx.clock.now());
      await audit(tx, ctx, {
        ...{ action: 'privacy.retention_set', subject: toPublicId('ret', id), reason },
        detail: { types: terms.pattern, keepDays: terms.keepDays, what: terms.what },
      });
      return findPolicy(tx, id);
    });
    this.#parts.changed();
    return row as RetentionPolicyRow;
  }

  /** Takes a policy back: what it has deleted stays deleted. */
  async remove(ctx: Context, input: { readonly id: string; readonly reason: string }): Promise<RetentionPolicyRow> {
    requireScope(ctx, 'privacy:manage');
    const reason = demandReason(input.reason);
    const row = await ctx.pool.begin(async (tx) => {
      await lockPolicies(tx);
      const policy = await findPolicy(tx, input.id);
      if (!policy) throw notFound('retention policy', toPublicId('ret', input.id));
      if (policy.endedAt !== null) return policy;
      const others = (await listPolicies(tx)).filter(({ id }) => id !== policy.id);
      for (const other of others) await this.#checkEarning(tx, other, others);
      await endPolicy(tx, policy.id, ctx.clock.now());
      await audit(tx, ctx, {
        ...{ action: 'privacy.retention_removed', subject: toPublicId('ret', policy.id), reason },
        detail: { types: policy.pattern },
      });
      return findPolicy(tx, policy.id);
    });
    return row as RetentionPolicyRow;
  }

  /** What a policy would do if it were set now, beside those that are in force. Reads everything that it means. */
  async preview(ctx: Context, input: GivenPolicy): Promise<RetentionPreview> {
    requireScope(ctx, 'privacy:manage');
    const terms = checkPolicy(input);
    const now = ctx.clock.now();
    if (terms.keepDays === null) return { terms, before: now, counts: [], isMore: false };
    const policies = await listPolicies(ctx.pool);
    const exceptions = exceptionsOf(
      terms.pattern,
      policies.map(({ pattern }) => pattern),
    );
    const before = cutOff(terms.keepDays, now);
    const counts = await countOverdue(ctx.pool, { ...terms, exceptions, before }, mostCounted);
    const counted = counts.reduce((sum, { touchpoints }) => sum + touchpoints, 0);
    return { terms, before, counts, isMore: counted >= mostCounted };
  }

  async #checkEarning(tx: Tx, terms: PolicyTerms, policies: readonly PolicyTerms[]): Promise<void> {
    if (terms.what !== 'DELETE' || terms.keepDays === null) return;
    const earning = await this.#parts.earningTypes(tx);
    const patterns = policies.map(({ pattern }) => pattern);
    const meant = earning === null ? [terms.pattern] : meantTypes(terms, earning, patterns);
    if (meant.length === 0) return;
    throw badInput(
      `Points are earned by ${meant.join(', ')}: deleting that would take them back. Use ANONYMIZE, or keep these types by a policy ` +
        'of their own first.',
      'input.what',
    );
  }
}

function demandReason(reason: string): string {
  const tidy = checkReason(reason);
  if (tidy === null) throw badInput('Say why, for those who come later.', 'input.reason');
  return tidy;
}
