import { setTimeout as wait } from 'node:timers/promises';
import type { KeyMeter } from '../access/key-meter.service.ts';
import { requireScope } from '../access/scopes.ts';
import { type CurrentRules, RulesChanged } from '../identity/current-rules.service.ts';
import { holdRules } from '../identity/identity-rules.queries.ts';
import { TraitIntroduction } from '../identity/trait-introduction.service.ts';
import type { Context, Platform } from '../kernel/context.ts';
import { badInput, DomainError } from '../kernel/errors.ts';
import { toPublicId } from '../kernel/ids.ts';
import type { Metrics } from '../kernel/metrics.ts';
import type { SharedBook } from '../kernel/shared-books.queries.ts';
import { mapInTurns } from '../kernel/turns.ts';
import { BatchScheduler } from './batch-scheduler.ts';
import { discreet, discretionOf, outsideBoundary } from './bounded-ingest.ts';
import { failureKind } from './ingest-failure.ts';
import { ensurePartitions, type Month, monthOf } from './partitions.queries.ts';
import { insertQuarantined, type NewQuarantineItem } from './quarantine.queries.ts';
import { type Outcome, recordBatch } from './record-batch.service.ts';
import type { AcceptedTouchpoint, IngestResult, IngestWarning, TouchpointDraft } from './touchpoint.ts';
import type { Refusal, TouchpointsRecorded, TouchpointsRefused } from './touchpoints.events.ts';
import { type ValidationSettings, type Verdict, validateTouchpoint } from './validate.ts';

export const maximumEvents = 1000;
const maximumAttempts = 6;
/** Some two milliseconds of work. */
const eventsOfATurn = 50;

export interface IngestOptions {
  readonly settings: Omit<ValidationSettings, 'rules'>;
  readonly rules: CurrentRules;
  /** Reactions of upper modules, in order; see the wiring. */
  readonly reactions: readonly TouchpointsRecorded[];
  /** What they work by. */
  readonly books?: readonly SharedBook<unknown>[];
  /** Which touchpoints must not be stored, and not be kept in quarantine either. */
  readonly refuse?: TouchpointsRefused;
  /** Batches under way at once: while some wait for the database or for a lock, another is prepared. */
  readonly concurrency?: number;
  readonly maximumQueued?: number;
  /** Counts what was stored by key. */
  readonly meter?: Pick<KeyMeter, 'countTouchpoints'>;
  readonly metrics?: Pick<Metrics, 'ingestedTouchpoints' | 'ingestBatchSize' | 'ingestBatchDuration'>;
}

interface Quarantined {
  readonly status: 'QUARANTINED';
  readonly code: string;
  /** Of the body that is kept. */
  readonly fingerprint: string;
}

type Judgement = Outcome | Quarantined;

/** The one way in for touchpoints and traits. */
export class IngestService {
  readonly #platform: Platform;
  readonly #options: IngestOptions;
  readonly #batches: BatchScheduler<AcceptedTouchpoint, Judgement>;
  readonly #traits = new TraitIntroduction();
  #months: ReadonlySet<Month> = new Set();

  constructor(platform: Platform, options: IngestOptions) {
    this.#platform = platform;
    this.#options = options;
    this.#batches = new BatchScheduler({
      run: (touchpoints) => this.#record(touchpoints),
      maximumItems: maximumEvents,
      maximumWaitMs: 5,
      maximumWaitBehindMs: 25,
      maximumQueued: options.maximumQueued ?? 20_000,
      concurrency: options.concurrency ?? 3,
      recordOf: ({ recordId }) => recordId,
      identifiersOf: ({ identifiers }) => identifiers,
      idOf: (touchpoint) => touchpoint.id,
      customerOf: (judgement) => (judgement.status === 'QUARANTINED' ? null : judgement.customerId),
    });
  }

  /** Touchpoints that wait for their batch. */
  get queued(): number {
    return this.#batches.queued;
  }

  /**
   * Records touchpoints; answers one result for each, in order, when everything that follows from them is committed.
   * Throws `OVERLOADED` (nothing taken) and `SERVICE_UNAVAILABLE` (unknown what was taken): repeat the call then; what
   * was stored already answers DUPLICATE.
   */
  async submit(ctx: Context, drafts: readonly TouchpointDraft[]): Promise<IngestResult[]> {
    requireScope(ctx, 'ingest');
    if (drafts.length > maximumEvents) {
      throw badInput(`At most ${maximumEvents} events a call, got ${drafts.length}.`, 'events');
    }
    const discretion = discretionOf(ctx.viewer);
    if (!discretion) return this.#submitAll(ctx, drafts);
    const refused = drafts.map((draft) => outsideBoundary(ctx.viewer, draft));
    const inside = drafts.filter((_, index) => !refused[index]);
    const results = (await this.#submitAll(ctx, inside)).values();
    return drafts.map((draft, index) => {
      const why = refused[index];
      return why ? rejectedResult(draft, why) : discreet(results.next().value!, discretion);
    });
  }

  async #submitAll(ctx: Context, drafts: readonly TouchpointDraft[]): Promise<IngestResult[]> {
    const items = drafts.map((draft) => ({ draft, receivedAt: ctx.clock.now() }));
    if (ctx.viewer.test) return this.#rehearse(items);
    const results = await this.#submit(items);
    this.#options.meter?.countTouchpoints(ctx.viewer.keyId, results.filter(isStored).length);
    return results;
  }

  /** Says what would become of them by themselves. Whether they were stored before, or would contradict, is not looked at. */
  async #rehearse(items: readonly { draft: TouchpointDraft; receivedAt: Date }[]): Promise<IngestResult[]> {
    const verdicts = await this.#validate(items);
    return verdicts.map((verdict, index) =>
      verdict.ok ? validResult(verdict.touchpoint) : rejectedResult(items[index]!.draft, verdict),
    );
  }

  /** Touchpoints that came before, with the time at which they came. For the quarantine. */
  async resubmit(items: readonly { draft: TouchpointDraft; receivedAt: Date }[]): Promise<IngestResult[]> {
    return this.#submit(items);
  }

  /** Resolves when everything taken is committed. */
  drained(): Promise<void> {
    return this.#batches.drained();
  }

  async #submit(items: readonly { draft: TouchpointDraft; receivedAt: Date }[]): Promise<IngestResult[]> {
    const verdicts = await this.#validate(items);
    const accepted = verdicts.filter((verdict) => verdict.ok).map((verdict) => verdict.touchpoint);
    const judgements = (await this.#batches.add(accepted)).values();
    const results = verdicts.map((verdict, index) => {
      if (verdict.ok) return acceptedResult(verdict.touchpoint, judgements.next().value!);
      return rejectedResult(items[index]!.draft, verdict);
    });
    for (const { status } of results) this.#options.metrics?.ingestedTouchpoints.inc({ status });
    return results;
  }

  /** In slices: batches under way have statements to send meanwhile, and other callers a turn. */
  #validate(items: readonly { draft: TouchpointDraft; receivedAt: Date }[]): Promise<Verdict[]> {
    const settings = this.#validationSettings();
    return mapInTurns(items, eventsOfATurn, ({ draft, receivedAt }) => validateTouchpoint(draft, receivedAt, settings));
  }

  async #record(touchpoints: readonly AcceptedTouchpoint[]): Promise<Judgement[]> {
    // Reversed, so that of several with one id the first is kept.
    const firsts = new Map(touchpoints.toReversed().map((touchpoint) => [touchpoint.id, touchpoint]));
    const judgements = await this.#recordOrQuarantine([...firsts.values()]);
    this.#platform.feed.wake();
    return touchpoints.map((touchpoint) => {
      const judgement = judgements.get(touchpoint.id)!;
      return touchpoint === firsts.get(touchpoint.id) ? judgement : repeat(touchpoint, judgement);
    });
  }

  /** Halves a batch that fails until the touchpoints at fault stand alone; all others are committed. */
  async #recordOrQuarantine(touchpoints: readonly AcceptedTouchpoint[]): Promise<Map<string, Judgement>> {
    try {
      return await this.#recordWithRetries(touchpoints);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'SERVICE_UNAVAILABLE') throw error;
      if (touchpoints.length === 1) return this.#quarantine(touchpoints[0]!, error);
      const half = Math.ceil(touchpoints.length / 2);
      const first = await this.#recordOrQuarantine(touchpoints.slice(0, half));
      const second = await this.#recordOrQuarantine(touchpoints.slice(half));
      return new Map([...first, ...second]);
    }
  }

  async #recordWithRetries(accepted: readonly AcceptedTouchpoint[]): Promise<Map<string, Outcome>> {
    let touchpoints = accepted;
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#preparePartitions(touchpoints);
        await this.#introduceTraits(touchpoints);
        const timed = this.#options.metrics?.ingestBatchDuration.startTimer();
        const outcomes = await this.#platform.pool.begin((tx) => recordBatch(tx, this.#recordSettings(), touchpoints));
        timed?.();
        this.#options.metrics?.ingestBatchSize.observe(touchpoints.length);
        return touchpoints === accepted ? outcomes : withWarningsOf(touchpoints, outcomes);
      } catch (error) {
        if (error instanceof RulesChanged) touchpoints = await this.#validateAnew(touchpoints);
        else await this.#afterFailure(error, attempt);
      }
    }
  }

  #recordSettings() {
    const { clock, ids } = this.#platform;
    const { rules, reactions, books, refuse } = this.#options;
    return { now: clock.now(), ids, inForce: rules.inForce, reactions, books, refuse };
  }

  #validationSettings(): ValidationSettings {
    return { ...this.#options.settings, rules: this.#options.rules.inForce.rules };
  }

  /** Other rules: other values may be blocked, other kinds may name a person. No rule rejects a touchpoint. */
  async #validateAnew(touchpoints: readonly AcceptedTouchpoint[]): Promise<AcceptedTouchpoint[]> {
    await this.#options.rules.reload(this.#platform.pool);
    const settings = this.#validationSettings();
    return touchpoints.map((touchpoint) => {
      const verdict = validateTouchpoint(touchpoint.draft, touchpoint.receivedAt, settings);
      return verdict.ok ? verdict.touchpoint : touchpoint;
    });
  }

  /** Returns where another attempt may help, throws where it can't. */
  async #afterFailure(error: unknown, attempt: number): Promise<void> {
    const kind = failureKind(error);
    if (kind === 'UNAVAILABLE') throw this.#unavailable(error);
    if (kind === 'POISON' || attempt >= maximumAttempts) throw error;
    if (kind === 'NO_PARTITION') this.#months = new Set();
    else
      this.#platform.log.warn({ err: error, attempt }, 'A batch gave way to another transaction and is tried again.');
    await wait(attempt * 5);
  }

  async #preparePartitions(touchpoints: readonly AcceptedTouchpoint[]): Promise<void> {
    const months = new Set(touchpoints.map((touchpoint) => monthOf(touchpoint.occurredAt)));
    const missing = months.difference(this.#months);
    if (missing.size === 0) return;
    await ensurePartitions(this.#platform.pool, [...missing].sort());
    this.#months = this.#months.union(missing);
  }

  #introduceTraits(touchpoints: readonly AcceptedTouchpoint[]): Promise<void> {
    const { pool, clock } = this.#platform;
    return this.#traits.introduce(
      pool,
      touchpoints.map((touchpoint) => touchpoint.traits),
      clock.now(),
    );
  }

  async #quarantine(touchpoint: AcceptedTouchpoint, error: unknown): Promise<Map<string, Judgement>> {
    const { code, reason } = describe(error);
    const { id, draft, receivedAt, fingerprint } = touchpoint;
    this.#platform.log.error({ err: error, touchpointId: toPublicId('tp', id) }, 'A touchpoint was quarantined.');
    const item = { id, draft, receivedAt, code, reason };
    const refusal = await this.#keep(touchpoint, item).catch((failure: unknown) => {
      // Whatever it is: the touchpoint is neither stored nor kept, and only its sender has it.
      throw this.#unavailable(failure);
    });
    if (refusal) return new Map([[id, { status: 'REJECTED', refusal, customerId: null, fingerprint }]]);
    return new Map([[id, { status: 'QUARANTINED', code, fingerprint }]]);
  }

  /** Whoever must not be stored may have become so since the batch failed: it is looked at under the same lock as there. */
  #keep(touchpoint: AcceptedTouchpoint, item: NewQuarantineItem): Promise<Refusal | undefined> {
    const { refuse } = this.#options;
    return this.#platform.pool.begin(async (tx) => {
      await holdRules(tx);
      const refusal = (await refuse?.(tx, [touchpoint]))?.get(touchpoint.id);
      if (!refusal) await insertQuarantined(tx, [item], this.#platform.clock.now());
      return refusal;
    }) as Promise<Refusal | undefined>;
  }

  #unavailable(cause: unknown): DomainError {
    this.#platform.log.error({ err: cause }, 'The database is not available; touchpoints were not taken.');
    return new DomainError('SERVICE_UNAVAILABLE', 'The database is not available. Send the same events again.', {
      retryAfterMs: 1000,
    });
  }
}

function describe(error: unknown): { code: string; reason: string } {
  if (error instanceof DomainError) return { code: error.code, reason: error.message };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? `DATABASE_${code}` : 'PROCESSING_FAILED',
    reason: String(message ?? error),
  };
}

/** A second touchpoint with the same message id in one batch. */
function repeat(touchpoint: AcceptedTouchpoint, judgement: Judgement): Judgement {
  const { fingerprint } = judgement;
  if (judgement.status === 'REJECTED') return judgement;
  if (touchpoint.fingerprint !== fingerprint) return { customerId: null, ...judgement, status: 'CONFLICT' };
  return judgement.status === 'QUARANTINED' ? judgement : { ...judgement, status: 'DUPLICATE' };
}

const conflict = {
  code: 'MESSAGE_ID_CONFLICT',
  message: 'This message id was used before with another body. The stored touchpoint was kept; nothing was changed.',
};

/** Other rules came into force between the validation that the caller's answer is made of and the recording. */
function withWarningsOf(touchpoints: readonly AcceptedTouchpoint[], outcomes: ReadonlyMap<string, Outcome>) {
  const warningsOf = new Map(touchpoints.map(({ id, warnings }) => [id, warnings]));
  return new Map([...outcomes].map(([id, outcome]) => [id, { ...outcome, validatedAnew: warningsOf.get(id) }]));
}

function acceptedResult(touchpoint: AcceptedTouchpoint, judgement: Judgement): IngestResult {
  if (judgement.status === 'REJECTED') return refusedResult(touchpoint, judgement.refusal!);
  if (judgement.status !== 'QUARANTINED') return new RecordedResult(touchpoint, judgement);
  const { messageId, warnings } = touchpoint;
  const { status, code } = judgement;
  const message = 'It could not be processed and is kept in quarantine, from where it can be replayed.';
  return { messageId, warnings, status, code, message, touchpointId: null, customerId: null };
}

/** Public ids are made when somebody asks: it is a good part of the work on an event, and most callers look at `status`. */
class RecordedResult implements IngestResult {
  readonly messageId: string;
  readonly status: Outcome['status'];
  readonly code: string | null;
  readonly message: string | null;
  readonly warnings: readonly IngestWarning[];
  readonly #id: string;
  readonly #customerId: string | null;

  constructor(touchpoint: AcceptedTouchpoint, { status, customerId, warnings = [], validatedAnew }: Outcome) {
    this.messageId = touchpoint.messageId;
    this.status = status;
    this.code = status === 'CONFLICT' ? conflict.code : null;
    this.message = status === 'CONFLICT' ? conflict.message : null;
    this.warnings = [...(validatedAnew ?? touchpoint.warnings), ...warnings];
    this.#id = touchpoint.id;
    this.#customerId = customerId;
  }

  get touchpointId(): string {
    return toPublicId('tp', this.#id);
  }

  get customerId(): string | null {
    return this.#customerId && toPublicId('cus', this.#customerId);
  }
}

function refusedResult({ messageId }: AcceptedTouchpoint, { code, message }: Refusal): IngestResult {
  return { messageId, status: 'REJECTED', code, message, touchpointId: null, customerId: null, warnings: [] };
}

function isStored({ status }: IngestResult): boolean {
  return status === 'STORED';
}

function validResult({ messageId, warnings }: AcceptedTouchpoint): IngestResult {
  return { messageId, warnings, status: 'VALID', code: null, message: null, touchpointId: null, customerId: null };
}

function rejectedResult(draft: TouchpointDraft, { code, message }: { code: string; message: string }): IngestResult {
  const messageId = typeof draft.messageId === 'string' ? draft.messageId : '';
  return { messageId, status: 'REJECTED', code, message, touchpointId: null, customerId: null, warnings: [] };
}
