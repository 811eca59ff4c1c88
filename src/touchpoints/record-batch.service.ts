import { RulesChanged, type RulesInForce } from '../identity/current-rules.service.ts';
import { type CustomerShare, type CustomerSpan, sharesOf } from '../identity/customer-shares.ts';
import {
  addToCustomers,
  deleteCustomers,
  foldTotals,
  insertCustomers,
  lockCustomers,
} from '../identity/customers.queries.ts';
import { type IdentityOutcome, recordEvidence } from '../identity/evidence.service.ts';
import { foldTraits } from '../identity/golden-traits.service.ts';
import { upsertTraits } from '../identity/identity.queries.ts';
import { holdRules } from '../identity/identity-rules.queries.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { holdAll, type SharedBook } from '../kernel/shared-books.queries.ts';
import { changesOf } from './batch-changes.ts';
import { type BatchFold, foldBatch } from './fold.ts';
import { identityWarnings } from './identity-warnings.ts';
import {
  addToRevenue,
  deleteReceipts,
  findReceipts,
  foldRevenue,
  insertReceipts,
  insertTouchpoints,
  unknownBody,
} from './ingest.queries.ts';
import type { AcceptedTouchpoint, IngestWarning } from './touchpoint.ts';
import type { RecordedBatch, Refusal, TouchpointsRecorded, TouchpointsRefused } from './touchpoints.events.ts';

export interface RecordSettings {
  readonly now: Date;
  readonly ids: Ids;
  /** What the touchpoints were validated with. */
  readonly inForce: RulesInForce;
  /** Reactions of upper modules, in order. */
  readonly reactions: readonly TouchpointsRecorded[];
  /** What the reactions work by: held at once for all of them. */
  readonly books?: readonly SharedBook<unknown>[];
  /** Which touchpoints must not be stored; none, if left out. */
  readonly refuse?: TouchpointsRefused;
}

export interface Outcome {
  readonly status: 'STORED' | 'DUPLICATE' | 'CONFLICT' | 'REJECTED';
  /** Of REJECTED: why. */
  readonly refusal?: Refusal;
  readonly customerId: string | null;
  /** Of the body that is stored under this id. */
  readonly fingerprint: string;
  /** Evidence that joined nobody. */
  readonly warnings?: readonly IngestWarning[];
  /** What validation says of it under the rules that it was recorded with, where those were not the first ones. */
  readonly validatedAnew?: readonly IngestWarning[];
}

/**
 * Records a batch in the caller's transaction: identity, touchpoints, sums, reactions, change feed. The number of
 * statements doesn't depend on the size of the batch. Answers touchpoint id → outcome; ids must be distinct.
 */
export async function recordBatch(
  tx: Tx,
  settings: RecordSettings,
  touchpoints: readonly AcceptedTouchpoint[],
): Promise<Map<string, Outcome>> {
  const sorted = [...touchpoints].sort((a, b) => (a.id < b.id ? -1 : 1));
  const [, version, isNew, refusals] = await Promise.all([
    lookUpByIndex(tx),
    holdRules(tx),
    insertReceipts(tx, sorted),
    settings.refuse ? settings.refuse(tx, sorted) : noRefusals,
  ]);
  if (version !== settings.inForce.version) throw new RulesChanged();
  const isRefused = ({ id }: AcceptedTouchpoint) => refusals.has(id);
  const refused = refusals.size > 0 ? sorted.filter(isRefused) : [];
  if (refused.length > 0) {
    await deleteReceipts(
      tx,
      refused.filter(({ id }) => isNew.has(id)).map(({ id }) => id),
    );
  }
  const stored = sorted.filter((touchpoint) => isNew.has(touchpoint.id) && !isRefused(touchpoint));
  const repeated = sorted.filter((touchpoint) => !isNew.has(touchpoint.id) && !isRefused(touchpoint));
  const { customerOf, warnings } = stored.length > 0 ? await recordNew(tx, settings, stored) : nothingNew;
  const outcomes = await judgeRepeated(tx, repeated);
  for (const { id, recordId, fingerprint } of stored) {
    const customerId = customerOf.get(recordId) ?? null;
    outcomes.set(id, { status: 'STORED', customerId, fingerprint, warnings: warnings.get(id) });
  }
  for (const { id, fingerprint } of refused) {
    outcomes.set(id, { status: 'REJECTED', refusal: refusals.get(id)!, customerId: null, fingerprint });
  }
  return outcomes;
}

interface Recorded {
  readonly customerOf: ReadonlyMap<string, string | null>;
  readonly warnings: ReadonlyMap<string, readonly IngestWarning[]>;
}

const noRefusals: ReadonlyMap<string, Refusal> = new Map();

const nothingNew: Recorded = { customerOf: new Map(), warnings: new Map() };

async function judgeRepeated(tx: Tx, repeated: readonly AcceptedTouchpoint[]): Promise<Map<string, Outcome>> {
  if (repeated.length === 0) return new Map();
  const receipts = await findReceipts(
    tx,
    repeated.map((touchpoint) => touchpoint.id),
  );
  const fingerprintOf = new Map(repeated.map((touchpoint) => [touchpoint.id, touchpoint.fingerprint]));
  return new Map(
    receipts.map(({ id, fingerprint, customerId }) => {
      const isSame = fingerprint === fingerprintOf.get(id) || fingerprint === unknownBody;
      const status = isSame ? 'DUPLICATE' : 'CONFLICT';
      return [id, { status, customerId, fingerprint }];
    }),
  );
}

/**
 * Statements that don't need each other's answers are sent together: the database runs them in this order without
 * waiting for this process in between.
 */
async function recordNew(
  tx: Tx,
  settings: RecordSettings,
  touchpoints: readonly AcceptedTouchpoint[],
): Promise<Recorded> {
  const fold = foldBatch(touchpoints);
  const { now, ids, inForce } = settings;
  // What belongs to records comes first, before the identity lock, for which other batches wait: it is the larger part of
  // the work, and doesn't depend on whose the records are.
  const [, , , identity] = await Promise.all([
    insertTouchpoints(tx, touchpoints),
    fold.revenue.length > 0 && addToRevenue(tx, fold.revenue),
    fold.traits.length > 0 && upsertTraits(tx, fold.traits),
    recordEvidence(tx, { now, ids, rules: inForce.rules }, fold),
  ]);
  const { customerOf, regrouping } = identity;
  const facts = factsToRefresh(fold, identity);
  const sent: Promise<unknown>[] = [];
  const alongside = (statements: Promise<unknown>) => {
    // Where something else fails first nobody waits for them any more, and their failure must not be the process's.
    statements.catch(() => {});
    sent.push(statements);
  };
  const refreshed = refreshFacts(tx, now, facts);
  alongside(refreshed);
  holdAll(tx, settings.books ?? []);
  const recorded = {
    at: now,
    touchpoints,
    customerOf,
    customerIds: facts.touched,
    regrouped: new Set([...identity.created, ...regrouping.moved]),
    moved: regrouping.moved,
    claimed: identity.claimed.union(regrouping.concerned),
    antedated: identity.antedated,
    absorbed: regrouping.absorbed,
  };
  const changes = changesOf(recorded, fold, identity);
  if (settings.reactions.length > 0) {
    const seenOf = new Map((await refreshed).map((span) => [span.customerId, span]));
    const batch: RecordedBatch = { ...recorded, seenOf, changes, alongside };
    for (const react of settings.reactions) changes.push(...(await react(tx, batch)));
  }
  await Promise.all([...sent, appendChanges(tx, now, changes)]);
  return { customerOf, warnings: identityWarnings(touchpoints, identity) };
}

interface FactsToRefresh {
  /** All customers concerned that there are now, sorted. */
  readonly touched: readonly string[];
  /** To be locked: everybody but those whom this transaction created. */
  readonly known: readonly string[];
  readonly gone: readonly string[];
  readonly regrouped: readonly string[];
  readonly fresh: readonly CustomerShare[];
  readonly staying: readonly CustomerShare[];
  readonly spending: readonly string[];
  readonly described: readonly string[];
}

/**
 * Which customers are to be brought up to date with their records. New customers and those that kept their records take
 * the batch's share; only where records changed hands is everything folded anew.
 */
function factsToRefresh(fold: BatchFold, identity: IdentityOutcome): FactsToRefresh {
  const { absorbed, concerned } = identity.regrouping;
  const gone = new Set(absorbed.map(({ id }) => id));
  const regrouped = [...concerned].filter((id) => !gone.has(id));
  const shares = sharesOf(fold.records, identity.customerOf);
  const touched = unique([...shares.keys(), ...regrouped]);
  const created = new Set(identity.created);
  const kept = [...shares.values()].filter(({ customerId }) => !concerned.has(customerId));
  const [fresh, staying] = partition(kept, ({ customerId }) => created.has(customerId));
  const ownersOf = (folds: readonly { recordId: string }[]) =>
    folds.map(({ recordId }) => identity.customerOf.get(recordId));
  return {
    touched,
    known: unique([...touched, ...gone]).filter((id) => !created.has(id)),
    gone: [...gone],
    regrouped,
    fresh,
    staying,
    spending: unique([...ownersOf(fold.revenue), ...regrouped]),
    described: unique([...ownersOf(fold.traits), ...regrouped]),
  };
}

/** Answers since when and until when those customers have been seen who kept their records. */
async function refreshFacts(tx: Tx, now: Date, facts: FactsToRefresh): Promise<readonly CustomerSpan[]> {
  const { known, gone, regrouped, fresh, staying, spending, described } = facts;
  const [, , , , spans] = await Promise.all([
    known.length > 0 && lockCustomers(tx, known),
    gone.length > 0 && deleteCustomers(tx, gone),
    regrouped.length > 0 && foldTotals(tx, regrouped, now),
    fresh.length > 0 && insertCustomers(tx, fresh, now),
    staying.length > 0 ? addToCustomers(tx, staying, now) : [],
    spending.length > 0 && foldRevenue(tx, spending),
    described.length > 0 && foldTraits(tx, described),
  ]);
  return spans;
}

function partition<T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  const { yes = [], no = [] } = Object.groupBy(items, (item) => (belongs(item) ? 'yes' : 'no'));
  return [yes, no];
}

function unique(ids: Iterable<string | null | undefined>): string[] {
  const distinct = new Set<string>();
  for (const id of ids) if (id) distinct.add(id);
  return [...distinct].sort();
}
