import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { type CurrentRules, RulesChanged } from '../../identity/current-rules.service.ts';
import { checkDecisionBase } from '../../identity/decision-input.ts';
import { holdRules } from '../../identity/identity-rules.queries.ts';
import { findOwners } from '../../identity/recount.queries.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database, Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { deriveUuid, fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type JsonObject } from '../../kernel/json.ts';
import type { RemovalReactions } from '../../touchpoints/removal.events.ts';
import { type Removed, removeTouchpoints, stopRecording } from '../../touchpoints/remove-touchpoints.service.ts';
import type { Found, PersonalTable } from '../personal-data.ts';
import { readSubject } from '../subject-access/read-subject.service.ts';
import {
  findSubjectRequest,
  findTableReceipts,
  insertSubjectRequest,
  insertTableReceipts,
  type SubjectRequest,
  type TableReceipt,
} from '../subject-requests.queries.ts';
import { deleteQuarantined, findSelected } from './partial-deletion.queries.ts';
import { checkSelection, type DeletionSelection, type GivenSelection } from './partial-deletion.ts';
import { tableReceipts } from './table-receipts.ts';

export interface PartialDeletionSettings {
  readonly idSecret: string;
  readonly rules: CurrentRules;
  readonly reactions: RemovalReactions;
  /** Finds messages in quarantine that are somebody's. */
  readonly quarantine: Pick<PersonalTable, 'find'>;
}

export interface PartialDeletionRequest extends GivenSelection {
  /** UUID of any id that the customer ever had. */
  readonly customerId: string;
  readonly reason: string;
  readonly idempotencyKey?: string | null;
  /** Do it, tell what it did, and take it back. */
  readonly dryRun?: boolean | null;
}

export interface PartialDeletion {
  /** As it is stored; of a dry run as it would be. */
  readonly request: SubjectRequest;
  readonly touchpoints: number;
  readonly receipts: readonly TableReceipt[];
  /** UUID of the customer as it is called now; null where nothing is left of it. */
  readonly customerId: string | null;
  readonly dryRun: boolean;
}

/** In one transaction, for which ingestion waits: it must stay short. */
export const mostAtOnce = 50_000;

/** Deletes some of a customer's touchpoints, as if they had never been sent. */
export class PartialDeletionService {
  readonly #settings: PartialDeletionSettings;

  constructor(settings: PartialDeletionSettings) {
    this.#settings = settings;
  }

  async deleteTouchpoints(ctx: Context, input: PartialDeletionRequest): Promise<PartialDeletion> {
    requireScope(ctx, 'privacy:manage');
    checkDecisionBase(input);
    const selection = checkSelection(input);
    const { customerId, reason } = input;
    const id =
      input.idempotencyKey == null
        ? ctx.ids.uuid()
        : deriveUuid(this.#settings.idSecret, 'data subject request', ctx.viewer.keyId, input.idempotencyKey);
    const fingerprint = fingerprintUuid(
      canonicalJson({ kind: 'PARTIAL_DELETION', customerId, reason, ...shown(selection) }),
    );
    const asked: Asked = { id, fingerprint, customerId, reason, selection };
    const survey = await this.#survey(ctx.pool, asked.customerId, null);
    const surveyed: Surveyed = { ...asked, survey };
    return input.dryRun ? this.#tryOut(ctx, surveyed) : this.#inRules(ctx, (tx) => this.#delete(tx, ctx, surveyed));
  }

  /** Reads all of the quarantine: before anything is locked, and what has come since once more. */
  async #survey(db: Database, customerId: string, after: Found | null): Promise<Found> {
    const subject = await readSubject(db, customerId);
    const found = subject && (await this.#settings.quarantine.find?.(db, { subject, after: after?.upTo ?? null }));
    return { keys: [...(after?.keys ?? []), ...(found?.keys ?? [])], upTo: found?.upTo ?? '' };
  }

  async #tryOut(ctx: Context, asked: Surveyed): Promise<PartialDeletion> {
    let done: PartialDeletion | undefined;
    await this.#inRules(ctx, async (tx) => {
      done = await this.#delete(tx, ctx, asked);
      throw new TakenBack();
    }).catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
    return { ...done!, dryRun: true };
  }

  /** Begun again where the rules changed meanwhile. */
  async #inRules(ctx: Context, work: (tx: Tx) => Promise<PartialDeletion>): Promise<PartialDeletion> {
    const { rules } = this.#settings;
    for (;;) {
      try {
        const result = await ctx.pool.begin(async (tx) => {
          await stopRecording(tx);
          if ((await holdRules(tx)) !== rules.inForce.version) throw new RulesChanged();
          return work(tx);
        });
        ctx.feed.wake();
        return result as PartialDeletion;
      } catch (error) {
        if (!(error instanceof RulesChanged)) throw error;
        await rules.reload(ctx.pool);
      }
    }
  }

  async #delete(tx: Tx, ctx: Context, asked: Surveyed): Promise<PartialDeletion> {
    const before = await findRepeat(tx, asked);
    if (before) return before;
    const subject = await readSubject(tx, asked.customerId);
    if (!subject) throw notFound('customer', toPublicId('cus', asked.customerId));
    const leaving = await findSelected(tx, subject.recordIds, asked.selection, mostAtOnce + 1);
    if (leaving.length > mostAtOnce) {
      throw badInput(`More than ${mostAtOnce} touchpoints at once. Narrow the period down.`, 'input.period');
    }
    const { rules, reactions } = this.#settings;
    const now = ctx.clock.now();
    const settings = { now, ids: ctx.ids, rules: rules.inForce.rules, reactions, keepsIdentity: false };
    const removed = leaving.length > 0 ? await removeTouchpoints(tx, settings, leaving) : null;
    const { keys } = await this.#survey(tx, asked.customerId, asked.survey);
    const quarantined = keys.length > 0 ? await deleteQuarantined(tx, keys, asked.selection) : 0;
    const owners = await findOwners(tx, subject.recordIds);
    // Where the founding record went, somebody else's id is the customer's. Of several, the first.
    const customerId = owners.find((owner) => owner === subject.customerId) ?? owners[0] ?? null;
    return record(tx, ctx, { asked, subject: subject.customerId, customerId, removed, quarantined });
  }
}

/** Ends the transaction of a dry run. */
class TakenBack extends Error {}

interface Asked {
  readonly id: string;
  readonly fingerprint: string;
  readonly customerId: string;
  readonly reason: string;
  readonly selection: DeletionSelection;
}

interface Deleted {
  readonly asked: Asked;
  /** The customer's id before. */
  readonly subject: string;
  /** Its id now. */
  readonly customerId: string | null;
  readonly removed: Removed | null;
  readonly quarantined: number;
}

interface Surveyed extends Asked {
  /** Messages of theirs in quarantine. */
  readonly survey: Found;
}

async function findRepeat(tx: Tx, { id, fingerprint }: Asked): Promise<PartialDeletion | undefined> {
  const request = await findSubjectRequest(tx, id);
  if (!request) return undefined;
  if (request.fingerprint !== fingerprint) {
    throw new DomainError('IDEMPOTENCY_CONFLICT', 'This idempotency key was used before with another input.', {
      field: 'input.idempotencyKey',
    });
  }
  const { touchpoints, now } = request.detail as { touchpoints: number; now: string | null };
  const receipts = await findTableReceipts(tx, id);
  return { request, touchpoints, receipts, customerId: now, dryRun: false };
}

/** Writes down what was done: the request with its receipt, the audit log, the change feed. */
async function record(
  tx: Tx,
  ctx: Context,
  { asked, subject, customerId, removed, quarantined }: Deleted,
): Promise<PartialDeletion> {
  const now = ctx.clock.now();
  const touchpoints = removed?.receipt.rowsOf('touchpoints') ?? 0;
  const request: SubjectRequest = {
    ...{ id: asked.id, kind: 'PARTIAL_DELETION', status: 'DONE', customerId: subject },
    ...{ keyId: ctx.viewer.keyId, actor: ctx.viewer.name, reason: asked.reason, fingerprint: asked.fingerprint },
    ...{ requestedAt: now, finishedAt: now, expiresAt: null },
    detail: { ...shown(asked.selection), touchpoints, now: customerId },
  };
  const receipts = tableReceipts([
    ...(removed?.receipt.tables ?? []),
    ...(quarantined > 0 ? [{ table: 'quarantine', rows: quarantined }] : []),
  ]);
  await insertSubjectRequest(tx, request);
  if (receipts.length > 0) await insertTableReceipts(tx, request.id, receipts);
  const detail = { request: toPublicId('dsr', request.id), touchpoints };
  if (touchpoints > 0) {
    await appendChanges(tx, now, [{ topic: 'data.deleted', customerId: subject, subjectId: subject, detail }]);
  }
  await audit(tx, ctx, {
    action: 'privacy.touchpoints_deleted',
    subject: toPublicId('cus', subject),
    reason: asked.reason,
    detail: { ...shown(asked.selection), ...detail },
  });
  return { request, touchpoints, receipts, customerId, dryRun: false };
}

function shown({ types, sources, from, to }: DeletionSelection): JsonObject {
  return {
    ...(types === null ? {} : { types: [...types] }),
    ...(sources === null ? {} : { sources: [...sources] }),
    ...(from === null ? {} : { from: from.toISOString() }),
    ...(to === null ? {} : { to: to.toISOString() }),
  };
}
