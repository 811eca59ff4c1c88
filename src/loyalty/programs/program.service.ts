import { audit } from '../../access/audit.service.ts';
import { requireScope } from '../../access/scopes.ts';
import { foldCase } from '../../conditions/fold-case.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError, notFound } from '../../kernel/errors.ts';
import { fingerprintUuid, toPublicId } from '../../kernel/ids.ts';
import { canonicalJson, type JsonObject } from '../../kernel/json.ts';
import { checkIdempotencyKey, checkReason } from '../../kernel/request-input.ts';
import type { Phase, ProgramVersion } from '../program.ts';
import { isEarning, versionAt } from '../terms.ts';
import { type GivenDefinition, givenOf } from './given-program.ts';
import { laterId } from './later-id.ts';
import { planPhase } from './phase-plan.ts';
import { lockProgramBook, turnProgramPage } from './program-book.queries.ts';
import { prepareDefinition } from './program-definition.service.ts';
import { checkEffectiveAt, checkProgramName, checkUntil } from './program-input.ts';
import {
  beginSweep,
  deletePhases,
  findLeverChanges,
  findPhases,
  findProgramNames,
  findPrograms,
  findVersions,
  insertLeverChange,
  insertPhase,
  insertProgram,
  lockProgramDesk,
  type ProgramView,
  publishDraft,
  replaceDraft,
  saveProgram,
  type VersionView,
} from './programs.queries.ts';
import { checkLeversFit, checkTurn, checkWalletsStay } from './publication.ts';
import type { RuleConditions } from './rule-conditions.ts';

export interface CreateProgram {
  readonly name: string;
  readonly definition: GivenDefinition;
  readonly reason?: string | null;
  readonly idempotencyKey?: string | null;
}

/** Ids are UUIDs here. */
export interface UpdateProgramDraft {
  readonly programId: string;
  /** Another name counts at once: it belongs to no version. */
  readonly name?: string | null;
  readonly definition?: GivenDefinition | null;
  /** The latest version as the caller knows it: another one is refused. */
  readonly expectedVersion?: number | null;
  readonly reason?: string | null;
}

export interface PublishProgram {
  readonly programId: string;
  readonly expectedVersion?: number | null;
  readonly effectiveAt?: Date | null;
  readonly reason?: string | null;
}

export interface SetProgramPhase {
  readonly programId: string;
  readonly phase: Phase;
  readonly effectiveAt?: Date | null;
  readonly reason?: string | null;
}

export interface TurnLever {
  readonly programId: string;
  readonly lever: string;
  /** Decimal text. */
  readonly value: string;
  readonly effectiveAt?: Date | null;
  readonly until?: Date | null;
  readonly reason?: string | null;
}

/**
 * Changes what programmes say. Everything is prepared at the desk, one programme after the other; only then is the book
 * locked, which keeps everybody from earning. What is in the past stays as it was: points were granted by it.
 */
export class ProgramService {
  readonly #conditions: RuleConditions;

  constructor(conditions: RuleConditions) {
    this.#conditions = conditions;
  }

  async create(ctx: Context, input: CreateProgram): Promise<ProgramView> {
    requireScope(ctx, 'loyalty:manage');
    const name = checkProgramName(input.name);
    const reason = checkReason(input.reason);
    const id = idOf(ctx, input.idempotencyKey);
    const { idempotencyKey: _, ...said } = input;
    const fingerprint = fingerprintUuid(canonicalJson({ create: said }));
    return this.#atDesk(ctx, id, async (tx) => {
      const [repeated] = await findPrograms(tx, [id]);
      if (repeated) return checkRepeat(repeated, fingerprint);
      await checkNameFree(tx, { id, name });
      const definition = await this.#prepare(ctx, tx, input.definition);
      const now = ctx.clock.now();
      await insertProgram(tx, { id, name, now, fingerprint });
      await replaceDraft(tx, { programId: id, version: 1, definition, actor: ctx.viewer.name, reason, now });
      await tell(tx, ctx, { id, what: 'CREATED', reason, detail: { version: 1 } });
    });
  }

  /** Every change of a draft counts as another version: so a number always means one and the same text. */
  async updateDraft(ctx: Context, input: UpdateProgramDraft): Promise<ProgramView> {
    requireScope(ctx, 'loyalty:manage');
    const { programId: id } = input;
    const reason = checkReason(input.reason);
    const name = input.name == null ? null : checkProgramName(input.name);
    return this.#atDesk(ctx, id, async (tx) => {
      const desk = await getAtDesk(tx, id, input.expectedVersion);
      if (input.definition != null) await this.#redraft(tx, ctx, { id, desk, given: input.definition, reason });
      if (name !== null) await rename(tx, ctx, { id, name, reason });
    });
  }

  /** From then on it never changes. It takes the segments that it names as they are served now. */
  async publish(ctx: Context, input: PublishProgram): Promise<ProgramView> {
    requireScope(ctx, 'loyalty:manage');
    const { programId: id } = input;
    const reason = checkReason(input.reason);
    return this.#atDesk(ctx, id, async (tx) => {
      const { draft, published } = await getAtDesk(tx, id, input.expectedVersion);
      if (!draft) throw badInput('There is no draft to publish: its latest version is published.', 'input.programId');
      const definition = await this.#prepare(ctx, tx, givenOf(draft.definition));
      checkWalletsStay(definition, published, 'input.programId');
      const leverValues = await findLeverChanges(tx, [id]);
      const now = await openBook(tx, ctx);
      // Nobody has earned anything by a programme that has said nothing yet: it may begin in the past.
      const effectiveAt = checkEffectiveAt(input.effectiveAt, now, { mayBeOver: published.length === 0 });
      checkInOrder(effectiveAt, published.at(-1));
      checkLeversFit(definition, { leverValues, effectiveAt });
      const { version } = draft;
      await publishDraft(tx, { programId: id, version, definition, effectiveAt, actor: ctx.viewer.name, reason, now });
      await saveProgram(tx, id, { publishedVersion: version, now });
      if (effectiveAt < now) await beginSweep(tx, id);
      const detail = { version, effectiveAt: effectiveAt.toISOString() };
      await tell(tx, ctx, { id, what: 'PUBLISHED', reason, detail });
    });
  }

  /** What was planned for that instant or later falls away. */
  async setPhase(ctx: Context, input: SetProgramPhase): Promise<ProgramView> {
    requireScope(ctx, 'loyalty:manage');
    const { programId: id, phase } = input;
    const reason = checkReason(input.reason);
    return this.#atDesk(ctx, id, async (tx) => {
      const { published } = await getAtDesk(tx, id);
      const timeline = await findPhases(tx, [id]);
      const now = await openBook(tx, ctx);
      const mayBeOver = !timeline.some((change) => isEarning(change.phase) && change.effectiveAt <= now);
      const effectiveAt = checkEffectiveAt(input.effectiveAt, now, { mayBeOver });
      if (isEarning(phase) && !versionAt({ versions: published }, effectiveAt)) {
        throw badInput('No version is in force then that says what is earned: publish one.', 'input.phase');
      }
      const { add, drop } = planPhase(timeline, { phase, effectiveAt, now });
      if (drop.length > 0)
        await deletePhases(
          tx,
          id,
          drop.map((planned) => planned.id),
        );
      if (add) {
        const last = timeline
          .map((change) => change.id)
          .sort()
          .at(-1);
        await insertPhase(tx, { ...add, ...by(ctx), programId: id, id: laterId(ctx.ids.uuid(), last), reason });
      }
      await saveProgram(tx, id, { now });
      if (effectiveAt < now) await beginSweep(tx, id);
      const dropped = drop.map((planned) => ({ phase: planned.phase, effectiveAt: planned.effectiveAt.toISOString() }));
      const detail = { phase, effectiveAt: effectiveAt.toISOString(), ...(drop.length > 0 ? { dropped } : {}) };
      await tell(tx, ctx, { id, what: 'PHASE_SET', reason, detail });
    });
  }

  async turnLever(ctx: Context, input: TurnLever): Promise<ProgramView> {
    requireScope(ctx, 'loyalty:manage');
    const { programId: id, lever } = input;
    const reason = checkReason(input.reason);
    return this.#atDesk(ctx, id, async (tx) => {
      const { published } = await getAtDesk(tx, id);
      const turns = await findLeverChanges(tx, [id]);
      const now = await openBook(tx, ctx);
      const effectiveAt = checkEffectiveAt(input.effectiveAt, now);
      const until = checkUntil(input.until, effectiveAt);
      const value = checkTurn(published, { lever, value: input.value, effectiveAt, until });
      const turn = { lever, value, effectiveAt, until };
      const turnId = laterId(ctx.ids.uuid(), turns.at(-1)?.id);
      await insertLeverChange(tx, { ...turn, ...by(ctx), programId: id, id: turnId, reason, recordedAt: now });
      await saveProgram(tx, id, { now });
      const times = { effectiveAt: effectiveAt.toISOString(), until: until?.toISOString() ?? null };
      await tell(tx, ctx, { id, what: 'LEVER_TURNED', reason, detail: { lever, value, ...times } });
    });
  }

  async #redraft(
    tx: Tx,
    ctx: Context,
    { id, desk, given, reason }: { id: string; desk: AtDesk; given: GivenDefinition; reason: string | null },
  ): Promise<void> {
    const { latest, draft, published } = desk;
    const definition = await this.#prepare(ctx, tx, given);
    checkWalletsStay(definition, published, 'input.definition.wallets');
    if (draft && canonicalJson(draft.definition) === canonicalJson(definition)) return;
    const [version, now] = [latest.version + 1, ctx.clock.now()];
    await replaceDraft(tx, { programId: id, version, definition, actor: ctx.viewer.name, reason, now });
    await saveProgram(tx, id, { now });
    await tell(tx, ctx, { id, what: 'DRAFTED', reason, detail: { version } });
  }

  #prepare(ctx: Context, tx: Tx, given: GivenDefinition) {
    return prepareDefinition(ctx, tx, this.#conditions, { given, field: 'input.definition' });
  }

  async #atDesk(ctx: Context, id: string, work: (tx: Tx) => Promise<void>): Promise<ProgramView> {
    await ctx.pool.begin(async (tx) => {
      await lockProgramDesk(tx);
      await work(tx);
    });
    ctx.loaders.clear();
    ctx.feed.wake();
    return getProgram(ctx, id);
  }
}

export async function getProgram(ctx: Context, id: string): Promise<ProgramView> {
  const [program] = await findPrograms(ctx.pool, [id]);
  if (!program) throw noProgram(id);
  return program;
}

export function noProgram(id: string): DomainError {
  return notFound('loyalty programme', toPublicId('prg', id));
}

/** A published version as the rest of loyalty sees it; in the order in which they take effect. */
export function publishedOf(versions: readonly VersionView[]): ProgramVersion[] {
  return versions
    .filter((version): version is VersionView & { effectiveAt: Date } => version.effectiveAt !== null)
    .sort((a, b) => a.effectiveAt.getTime() - b.effectiveAt.getTime() || a.version - b.version);
}

interface AtDesk {
  readonly latest: VersionView;
  readonly draft: VersionView | undefined;
  readonly published: readonly ProgramVersion[];
}

async function getAtDesk(tx: Tx, id: string, expectedVersion?: number | null): Promise<AtDesk> {
  const versions = await findVersions(tx, [id]);
  const [latest] = versions;
  if (!latest) throw noProgram(id);
  if (expectedVersion != null && expectedVersion !== latest.version) throw versionConflict(latest, expectedVersion);
  return { latest, draft: versions.find(({ status }) => status === 'DRAFT'), published: publishedOf(versions) };
}

/** Waits for whoever is earning; answers the time, which no touchpoint of theirs comes after. */
async function openBook(tx: Tx, ctx: Context): Promise<Date> {
  await lockProgramBook(tx);
  await turnProgramPage(tx);
  return ctx.clock.now();
}

async function rename(
  tx: Tx,
  ctx: Context,
  { id, name, reason }: { id: string; name: string; reason: string | null },
): Promise<void> {
  const [program] = await findPrograms(tx, [id]);
  if (program?.name === name) return;
  await checkNameFree(tx, { id, name });
  const now = await openBook(tx, ctx);
  await saveProgram(tx, id, { name, now });
  await tell(tx, ctx, { id, what: 'RENAMED', reason, detail: { name } });
}

async function checkNameFree(tx: Tx, { id, name }: { id: string; name: string }): Promise<void> {
  const folded = foldCase(name);
  const other = (await findProgramNames(tx)).find((one) => one.id !== id && foldCase(one.name) === folded);
  if (!other) return;
  throw badInput(`There is a programme of this name already: ${toPublicId('prg', other.id)}.`, 'input.name');
}

function checkInOrder(effectiveAt: Date, last: ProgramVersion | undefined): void {
  if (!last || last.effectiveAt <= effectiveAt) return;
  throw badInput(
    `Version ${last.version} takes effect at ${last.effectiveAt.toISOString()}: expected that instant or a later one.`,
    'input.effectiveAt',
  );
}

/** Of this API key's: two integrations that count from 1 don't meet. */
function idOf(ctx: Context, idempotencyKey: string | null | undefined): string {
  const key = checkIdempotencyKey(idempotencyKey);
  return key === null ? ctx.ids.uuid() : fingerprintUuid(`loyalty.programs\n${ctx.viewer.keyId}\n${key}`);
}

function checkRepeat(program: ProgramView, fingerprint: string): void {
  if (program.fingerprint === fingerprint) return;
  throw new DomainError(
    'IDEMPOTENCY_CONFLICT',
    'This idempotency key was used for another programme. A new request needs a new key.',
    { field: 'input.idempotencyKey' },
  );
}

function by(ctx: Context): { actor: string } {
  return { actor: ctx.viewer.name };
}

interface Told {
  readonly id: string;
  readonly what: 'CREATED' | 'RENAMED' | 'DRAFTED' | 'PUBLISHED' | 'PHASE_SET' | 'LEVER_TURNED';
  readonly reason: string | null;
  readonly detail: JsonObject;
}

async function tell(tx: Tx, ctx: Context, { id, what, reason, detail }: Told): Promise<void> {
  const action = `loyalty.program_${what.toLowerCase()}`;
  await audit(tx, ctx, { action, subject: toPublicId('prg', id), reason, detail });
  const line = { customerId: null, subjectId: id, detail: { what, ...detail } };
  await appendChanges(tx, ctx.clock.now(), [{ topic: 'loyalty.program_changed', ...line }]);
}

function versionConflict({ version }: VersionView, expected: number): DomainError {
  return new DomainError(
    'VERSION_CONFLICT',
    `Expected version ${expected} to be the latest, but ${version} is: somebody changed the programme meanwhile.`,
    { field: 'input.expectedVersion', currentVersion: version },
  );
}
