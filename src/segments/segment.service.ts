import { audit } from '../access/audit.service.ts';
import { requireScope } from '../access/scopes.ts';
import type { Condition } from '../conditions/condition.ts';
import { appendChanges } from '../kernel/changes.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { badInput, DomainError, notFound } from '../kernel/errors.ts';
import { fingerprintUuid, toPublicId } from '../kernel/ids.ts';
import { canonicalJson } from '../kernel/json.ts';
import { checkIdempotencyKey, checkReason } from '../kernel/request-input.ts';
import { type GivenDefinition, getDefinition, type ReadDefinition, readDefinition } from './given-definition.ts';
import { lockBook, turnPage } from './segment-book.queries.ts';
import type { SegmentBuilder } from './segment-builder.service.ts';
import type { BuildingVersion } from './segment-builds.queries.ts';
import { type Prepared, prepareDefinition } from './segment-definition.service.ts';
import type { SegmentEvaluator } from './segment-evaluator.service.ts';
import {
  findDependants,
  findSegmentByName,
  findSegments,
  findVersions,
  insertSegment,
  insertVersion,
  type SegmentKind,
  type SegmentView,
  saveSegment,
} from './segments.queries.ts';

export interface CreateSegment extends GivenDefinition {
  readonly name: string;
  readonly description?: string | null;
  /** DYNAMIC when left out, which needs a definition or text; LIST has neither. */
  readonly kind?: SegmentKind | null;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

export interface UpdateSegment extends GivenDefinition {
  readonly segmentId: string;
  readonly name?: string | null;
  /** Null or blank takes it away; left out, it stays. */
  readonly description?: string | null;
  /** The latest version as the caller knows it: another one is refused. */
  readonly expectedVersion?: number | null;
  readonly reason?: string | null;
}

/** Nobody: what an archived segment is rebuilt to. */
const nobody: Condition = { not: { everyone: true } };

type Stored = Pick<Prepared, 'definition' | 'pins'>;

/** Creates, changes and archives segments. Members follow in the background, see {@link SegmentBuilder}. */
export class SegmentService {
  readonly #evaluator: Pick<SegmentEvaluator, 'language'>;
  readonly #builder: Pick<SegmentBuilder, 'wake'>;

  constructor(evaluator: Pick<SegmentEvaluator, 'language'>, builder: Pick<SegmentBuilder, 'wake'>) {
    this.#evaluator = evaluator;
    this.#builder = builder;
  }

  async create(ctx: Context, input: CreateSegment): Promise<SegmentView> {
    requireScope(ctx, 'segments:manage');
    const kind = input.kind ?? 'DYNAMIC';
    const name = checkName(input.name);
    const description = checkDescription(input.description);
    const reason = checkReason(input.reason);
    const id = idOf(ctx, input.idempotencyKey);
    const given = kind === 'LIST' ? noDefinition(input) : getDefinition(input, 'input.');
    const { idempotencyKey: _, ...said } = input;
    const fingerprint = fingerprintUuid(canonicalJson({ create: said }));
    await this.#inBook(ctx, async (tx) => {
      const prepared = given ? await this.#prepare(ctx, tx, id, given) : onList(id);
      const now = ctx.clock.now();
      if (!(await insertSegment(tx, { id, name, description, kind, now }))) return checkRepeat(tx, id, fingerprint);
      await checkNameFree(tx, { id, name });
      await this.#addVersion(tx, ctx, {
        segmentId: id,
        version: 1,
        prepared,
        reason,
        fingerprint,
      });
      await tell(tx, ctx, { id, what: 'CREATED', version: 1, reason });
    });
    return getSegment(ctx, id);
  }

  /** Another definition becomes a new version: the served one counts until it has been built. */
  async update(ctx: Context, input: UpdateSegment): Promise<SegmentView> {
    requireScope(ctx, 'segments:manage');
    const { segmentId: id, expectedVersion } = input;
    const reason = checkReason(input.reason);
    const name = input.name == null ? null : checkName(input.name);
    const description = input.description === undefined ? undefined : checkDescription(input.description);
    const given = readDefinition(input, 'input.');
    await this.#inBook(ctx, async (tx) => {
      const segment = await getActive(tx, id);
      if (expectedVersion != null && expectedVersion !== segment.latestVersion)
        throw versionConflict(segment, expectedVersion);
      if (name !== null) await checkNameFree(tx, { id, name });
      await saveSegment(tx, id, { name, description, status: null, now: ctx.clock.now() });
      const version = await this.#redefine(tx, ctx, { segment, given, reason });
      await tell(tx, ctx, { id, what: 'UPDATED', version, reason });
    });
    return getSegment(ctx, id);
  }

  /** Its members leave in the background; then nothing evaluates it any more. Refused while others name it. */
  async archive(
    ctx: Context,
    { segmentId: id, ...said }: { segmentId: string; reason?: string | null },
  ): Promise<SegmentView> {
    requireScope(ctx, 'segments:manage');
    const reason = checkReason(said.reason);
    await this.#inBook(ctx, async (tx) => {
      const [found] = await findSegments(tx, [id]);
      if (!found) throw noSegment(id);
      if (found.status !== 'ACTIVE') return;
      await checkNoDependants(tx, found);
      await saveSegment(tx, id, { name: null, status: 'ARCHIVING', now: ctx.clock.now() });
      const version = found.latestVersion + 1;
      const prepared = { definition: nobody, pins: {} };
      await this.#addVersion(tx, ctx, {
        segmentId: id,
        version,
        prepared,
        reason,
        fingerprint: fingerprintUuid('archive'),
      });
      await tell(tx, ctx, { id, what: 'ARCHIVED', version, reason });
    });
    return getSegment(ctx, id);
  }

  /** Evaluates everybody anew, by the same definition: for when what is stored was found to be wrong. */
  async rebuild(ctx: Context, segmentId: string): Promise<SegmentView> {
    requireScope(ctx, 'segments:manage');
    await this.#inBook(ctx, async (tx) => {
      const { latestVersion } = await getActive(tx, segmentId);
      const [latest] = await findVersions(tx, [segmentId]);
      const { definition, pins, fingerprint } = latest!;
      const version = latestVersion + 1;
      const reason = 'Rebuilt.';
      await this.#addVersion(tx, ctx, { segmentId, version, prepared: { definition, pins }, reason, fingerprint });
      await tell(tx, ctx, { id: segmentId, what: 'UPDATED', version, reason });
    });
    return getSegment(ctx, segmentId);
  }

  /** Whoever names a segment follows its new version. In the transaction that serves it, under the lock on the book. */
  async followServed(tx: Tx, { segmentId, version }: BuildingVersion, now: Date): Promise<void> {
    for (const dependant of await findDependants(tx, segmentId)) {
      const [latest] = await findVersions(tx, [dependant.id]);
      if (!latest || latest.pins[segmentId] === version) continue;
      await insertVersion(tx, {
        ...latest,
        version: latest.version + 1,
        pins: { ...latest.pins, [segmentId]: version },
        reason: `${toPublicId('seg', segmentId)} has a new version.`,
        now,
      });
    }
  }

  async #redefine(
    tx: Tx,
    ctx: Context,
    { segment, given, reason }: { segment: SegmentView; given: ReadDefinition | null; reason: string | null },
  ): Promise<number> {
    if (given === null) return segment.latestVersion;
    if (segment.kind === 'LIST') throw listHasNone(given.field);
    const prepared = await this.#prepare(ctx, tx, segment.id, given);
    const [latest] = await findVersions(tx, [segment.id]);
    if (
      latest &&
      canonicalJson([latest.definition, latest.pins]) === canonicalJson([prepared.definition, prepared.pins])
    )
      return latest.version;
    const version = segment.latestVersion + 1;
    await this.#addVersion(tx, ctx, {
      segmentId: segment.id,
      version,
      prepared,
      reason,
      fingerprint: fingerprintUuid(canonicalJson(prepared.definition)),
    });
    return version;
  }

  #prepare(ctx: Context, tx: Tx, segmentId: string, { condition, field }: ReadDefinition): Promise<Prepared> {
    return prepareDefinition(ctx, tx, this.#evaluator.language, { segmentId, definition: condition, field });
  }

  async #addVersion(
    tx: Tx,
    ctx: Context,
    {
      prepared,
      ...version
    }: { segmentId: string; version: number; prepared: Stored; reason: string | null; fingerprint: string },
  ): Promise<void> {
    const { definition, pins } = prepared;
    await insertVersion(tx, { ...version, definition, pins, actor: ctx.viewer.name, now: ctx.clock.now() });
    await turnPage(tx);
  }

  /** Segments change one at a time, and while nothing is evaluated: whoever evaluates next knows of the change. */
  async #inBook(ctx: Context, work: (tx: Tx) => Promise<void>): Promise<void> {
    await ctx.pool.begin(async (tx) => {
      await lockBook(tx);
      await work(tx);
    });
    ctx.loaders.clear();
    ctx.feed.wake();
    this.#builder.wake();
  }
}

export async function getSegment(ctx: Context, id: string): Promise<SegmentView> {
  const [segment] = await findSegments(ctx.pool, [id]);
  if (!segment) throw noSegment(id);
  return segment;
}

export function noSegment(id: string): DomainError {
  return notFound('segment', toPublicId('seg', id));
}

async function getActive(tx: Tx, id: string): Promise<SegmentView> {
  const [segment] = await findSegments(tx, [id]);
  if (!segment) throw noSegment(id);
  if (segment.status === 'ACTIVE') return segment;
  throw badInput(`The segment ${JSON.stringify(segment.name)} is archived.`, 'input.segmentId');
}

/** Of a list: being on it. */
function onList(id: string): Stored {
  return { definition: { list: { id } }, pins: {} };
}

function noDefinition({ definition, text }: GivenDefinition): null {
  if (definition != null) throw listHasNone('input.definition');
  if (text != null) throw listHasNone('input.text');
  return null;
}

function listHasNone(field: string): DomainError {
  return badInput('A list has no definition: add and remove customers.', field);
}

/** Of this API key's: two integrations that count from 1 don't meet. */
function idOf(ctx: Context, idempotencyKey: string | null | undefined): string {
  const key = checkIdempotencyKey(idempotencyKey);
  return key === null ? ctx.ids.uuid() : fingerprintUuid(`segments\n${ctx.viewer.keyId}\n${key}`);
}

async function checkRepeat(tx: Tx, id: string, fingerprint: string): Promise<void> {
  const first = (await findVersions(tx, [id])).at(-1);
  if (first?.fingerprint === fingerprint) return;
  throw new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used for another segment. A new request needs a new key.',
    { field: 'input.idempotencyKey' },
  );
}

async function checkNameFree(tx: Tx, { id, name }: { id: string; name: string }): Promise<void> {
  const other = await findOtherByName(tx, { id, name });
  if (!other) return;
  throw badInput(`There is a segment of this name already: ${toPublicId('seg', other.id)}.`, 'input.name');
}

async function findOtherByName(tx: Tx, { id, name }: { id: string; name: string }): Promise<SegmentView | undefined> {
  const found = await findSegmentByName(tx, name, id);
  return found && found.status !== 'ARCHIVED' ? found : undefined;
}

async function checkNoDependants(tx: Tx, segment: SegmentView): Promise<void> {
  const dependants = await findDependants(tx, segment.id);
  if (dependants.length === 0) return;
  const names = dependants.map(({ name }) => JSON.stringify(name)).join(', ');
  throw new DomainError('SEGMENT_IN_USE', `Other segments name this one: ${names}. Change or archive those first.`, {
    dependants: dependants.map(({ id }) => toPublicId('seg', id)),
  });
}

async function tell(
  tx: Tx,
  ctx: Context,
  {
    id,
    what,
    version,
    reason = null,
  }: { id: string; what: 'CREATED' | 'UPDATED' | 'ARCHIVED'; version: number; reason?: string | null },
): Promise<void> {
  const detail = { what, version };
  await audit(tx, ctx, { action: `segments.${what.toLowerCase()}`, subject: toPublicId('seg', id), reason, detail });
  await appendChanges(tx, ctx.clock.now(), [{ topic: 'segment.changed', customerId: null, subjectId: id, detail }]);
}

function checkName(name: string): string {
  const tidy = name.trim();
  if (tidy.length >= 1 && tidy.length <= 200 && !/\p{Cc}/u.test(tidy)) return tidy;
  throw badInput(`Expected a name of 1 to 200 characters, got ${tidy.length}.`, 'input.name');
}

function checkDescription(description: string | null | undefined): string | null {
  const tidy = description?.trim() || null;
  if (tidy !== null && tidy.length > 2000)
    throw badInput(`At most 2000 characters, got ${tidy.length}.`, 'input.description');
  return tidy;
}

function versionConflict({ latestVersion }: SegmentView, expected: number): DomainError {
  return new DomainError(
    'VERSION_CONFLICT',
    `Expected version ${expected} to be the latest, but ${latestVersion} is: somebody changed the segment meanwhile.`,
    { field: 'input.expectedVersion', currentVersion: latestVersion },
  );
}
