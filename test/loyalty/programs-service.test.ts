import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { DomainError } from '../../src/kernel/errors.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import type { Lever } from '../../src/loyalty/program.ts';
import { ProgramService } from '../../src/loyalty/programs/program.service.ts';
import { loadPrograms } from '../../src/loyalty/programs/program-book.queries.ts';
import { ProgramBook } from '../../src/loyalty/programs/program-book.service.ts';
import { findProgramBy, listAllPrograms, ProgramReader } from '../../src/loyalty/programs/program-reader.service.ts';
import { findVersions } from '../../src/loyalty/programs/programs.queries.ts';
import { termsAt } from '../../src/loyalty/terms.ts';
import { openSegments, type SegmentsFixture } from '../segments/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { exampleDefinition, exampleRule, publishProgram, ruleConditions } from './programs-support.ts';

let database: TestDatabase;
let segments: SegmentsFixture;
let ctx: Context;
let service: ProgramService;
let reader: ProgramReader;

beforeAll(async () => {
  database = await openTestDatabase();
  segments = await openSegments(database.pool);
  ctx = segments.ctx;
  const conditions = ruleConditions(segments.evaluator);
  service = new ProgramService(conditions);
  reader = new ProgramReader(conditions);
});
beforeEach(() => segments.clock.set('2026-11-01T12:00:00Z'));
afterAll(() => database.close());

const at = (text: string) => new Date(text);

function as(...scopes: string[]): Context {
  return { ...ctx, viewer: { ...ctx.viewer, scopes: new Set(scopes) } };
}

async function refusal(work: Promise<unknown>): Promise<{ code: string; field: unknown; message: string }> {
  const error = await work.then(
    () => {
      throw new Error('It was not refused.');
    },
    (thrown: DomainError) => thrown,
  );
  return { code: error.code, field: error.details?.field, message: error.message };
}

async function programOf(id: string) {
  const found = (await loadPrograms(database.pool)).find((program) => program.id === id);
  if (!found) throw new Error('It is not in the book.');
  return found;
}

const lever = (overrides: Partial<Lever> = {}): Lever => ({
  key: 'bonus',
  name: 'Bonus',
  initial: '1',
  minimum: '1',
  maximum: '3',
  owner: 'Marketing',
  ...overrides,
});
const withLever = (overrides: Partial<Lever> = {}) =>
  exampleDefinition({
    levers: [lever(overrides)],
    rules: [exampleRule({ earns: { spend: { points: { lever: 'bonus' }, per: '1', currency: 'CHF' } } })],
  });

describe('creating a programme', () => {
  test('makes a draft that counts for nobody', async () => {
    const { id } = await service.create(ctx, { name: ' Stars ', definition: exampleDefinition(), reason: 'idea' });
    const [version] = await findVersions(database.pool, [id]);
    expect(version).toMatchObject({
      version: 1,
      status: 'DRAFT',
      effectiveAt: null,
      actor: 'operator',
      reason: 'idea',
    });
    expect(await findProgramBy(ctx, { name: 'STARS' })).toMatchObject({ id, name: 'Stars', publishedVersion: null });
    expect((await loadPrograms(database.pool)).some((program) => program.id === id)).toBe(false);
    expect(await reader.versionInForce(ctx, id)).toBeNull();
  });

  test('refuses a name that another has, whatever its case', async () => {
    const { id } = await service.create(ctx, { name: 'Ünique', definition: exampleDefinition() });
    const refused = await refusal(service.create(ctx, { name: 'üNIQUE', definition: exampleDefinition() }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.name' });
    expect(refused.message).toContain(toPublicId('prg', id));
  });

  test('has an effect once for an idempotency key', async () => {
    const input = { name: 'Once', definition: exampleDefinition(), idempotencyKey: 'k' };
    const first = await service.create(ctx, input);
    expect(await service.create(ctx, input)).toEqual(first);
    const other = await refusal(service.create(ctx, { ...input, name: 'Twice' }));
    expect(other).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', field: 'input.idempotencyKey' });
  });

  test('needs the scope loyalty:manage, and reading loyalty:read', async () => {
    const input = { name: 'Secret', definition: exampleDefinition() };
    expect((await refusal(service.create(as('loyalty:read'), input))).code).toBe('FORBIDDEN');
    expect((await refusal(listAllPrograms(as('loyalty:manage'), {}, (row) => row))).code).toBe('FORBIDDEN');
    const { id } = await service.create(as('loyalty:manage'), input);
    expect((await listAllPrograms(as('loyalty:read'), { first: 200 }, (row) => row.id)).nodes).toContain(id);
  });

  test('refuses conditions on what is masked for the caller, and hides them from others', async () => {
    const manager = as('loyalty:manage', 'loyalty:read');
    const eligibility: Condition = { trait: { trait: 'email', operator: 'ENDS_WITH', value: '.ch' } };
    const personal = exampleDefinition({ rules: [exampleRule({ eligibility })] });
    const refused = await refusal(service.create(manager, { name: 'Masked', definition: personal }));
    expect(refused).toMatchObject({ code: 'FORBIDDEN', field: 'input.definition.rules[0].eligibility' });
    const where = [{ property: 'email', operator: 'ENDS_WITH', value: '.ch' }] as const;
    const tested = exampleDefinition({ rules: [exampleRule({ match: { types: ['order.completed'], where } })] });
    const untested = await refusal(service.create(manager, { name: 'Masked', definition: tested }));
    expect(untested).toMatchObject({ code: 'FORBIDDEN', field: 'input.definition.rules[0].match' });

    const { id } = await service.create(ctx, { name: 'Masked', definition: personal });
    const [shown, hidden] = [await reader.versionToShow(ctx, id), await reader.versionToShow(manager, id)];
    expect([shown.isHidden(eligibility), hidden.isHidden(eligibility)]).toEqual([false, true]);
  });

  test('refuses conditions that cost too much together', async () => {
    const match = { types: ['order.completed'] };
    const costly: Condition = {
      all: Array.from({ length: 5 }, (_, index) => ({
        sequence: {
          first: { types: [`a${index}`] },
          followedBy: match,
          within: { count: 1, unit: 'DAY' as const },
          missing: false,
          window: { ever: true as const },
        },
      })),
    };
    const rules = ['a', 'b', 'c', 'd'].map((key) => exampleRule({ key, eligibility: costly }));
    const refused = await refusal(service.create(ctx, { name: 'Costly', definition: exampleDefinition({ rules }) }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.definition.rules' });
  });
});

describe('a draft', () => {
  test('gets another number with every change, and stays as it is without one', async () => {
    const { id: programId } = await service.create(ctx, { name: 'Drafted', definition: exampleDefinition() });
    const goals = exampleDefinition({ goals: 'more' });
    await service.updateDraft(ctx, { programId, definition: goals, expectedVersion: 1 });
    await service.updateDraft(ctx, { programId, definition: goals, expectedVersion: 2 });
    const versions = await findVersions(database.pool, [programId]);
    expect(versions.map(({ version, status }) => [version, status])).toEqual([[2, 'DRAFT']]);
    const refused = await refusal(service.updateDraft(ctx, { programId, definition: goals, expectedVersion: 1 }));
    expect(refused).toMatchObject({ code: 'VERSION_CONFLICT', field: 'input.expectedVersion' });
  });

  test('of the next version leaves the published one as it is', async () => {
    const { id: programId } = await publishProgram(ctx, service);
    await service.updateDraft(ctx, { programId, definition: exampleDefinition({ goals: 'more' }) });
    expect((await reader.versionInForce(ctx, programId))?.version.version).toBe(1);
    expect((await reader.draftOf(ctx, programId))?.version).toMatchObject({
      version: 2,
      definition: { goals: 'more' },
    });
  });

  test('keeps the wallets that may hold points', async () => {
    const { id: programId } = await publishProgram(ctx, service);
    const wallets = [{ key: 'stars', name: 'Stars', debt: 'OWED' as const, pointValue: null }];
    const definition = exampleDefinition({ wallets, rules: [] });
    const refused = await refusal(service.updateDraft(ctx, { programId, definition }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.definition.wallets' });
  });

  test('is not needed for another name, which counts at once', async () => {
    const { id: programId } = await publishProgram(ctx, service, undefined, { name: 'Old name' });
    await service.updateDraft(ctx, { programId, name: 'New name' });
    expect(await programOf(programId)).toMatchObject({ name: 'New name' });
    expect(await reader.draftOf(ctx, programId)).toBeNull();
  });

  test('of a programme that there is not is not found', async () => {
    expect((await refusal(service.updateDraft(ctx, { programId: ctx.ids.uuid() }))).code).toBe('NOT_FOUND');
  });
});

describe('publishing', () => {
  test('counts from now on, or from later on', async () => {
    const { id: programId } = await publishProgram(ctx, service);
    await service.updateDraft(ctx, { programId, definition: exampleDefinition({ goals: 'more' }) });
    const effectiveAt = at('2026-12-01T00:00:00Z');
    const published = await service.publish(ctx, { programId, effectiveAt, expectedVersion: 2, reason: 'winter' });
    expect(published.publishedVersion).toBe(2);
    const program = await programOf(programId);
    expect(termsAt(program, at('2026-11-01T11:59:59.999Z'))).toBeUndefined();
    expect(termsAt(program, at('2026-11-01T12:00:00Z'))).toMatchObject({ version: 1, phase: 'LIVE' });
    expect(termsAt(program, effectiveAt)).toMatchObject({ version: 2, definition: { goals: 'more' } });
    expect((await reader.versionInForce(ctx, programId))?.version.version).toBe(1);
    segments.clock.set(effectiveAt);
    expect((await reader.versionInForce({ ...ctx }, programId))?.version.version).toBe(2);
  });

  test('is not possible in the past but for the first time, nor out of order, nor without a draft', async () => {
    const { id: programId } = await service.create(ctx, { name: 'Timely', definition: exampleDefinition() });
    await service.publish(ctx, { programId, effectiveAt: at('2026-10-01T00:00:00Z') });
    await service.updateDraft(ctx, { programId, definition: exampleDefinition({ goals: 'more' }) });
    const past = await refusal(service.publish(ctx, { programId, effectiveAt: at('2026-11-01T11:59:59Z') }));
    expect(past).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.effectiveAt' });
    await service.publish(ctx, { programId, effectiveAt: at('2026-12-01T00:00:00Z') });
    expect(await refusal(service.publish(ctx, { programId }))).toMatchObject({ field: 'input.programId' });
    await service.updateDraft(ctx, { programId, definition: exampleDefinition({ goals: 'sooner' }) });
    expect(await refusal(service.publish(ctx, { programId }))).toMatchObject({ field: 'input.effectiveAt' });
    await service.publish(ctx, { programId, effectiveAt: at('2026-12-01T00:00:00Z') });
    expect(termsAt(await programOf(programId), at('2026-12-01T00:00:00Z'))?.version).toBe(3);
  });

  test('takes a segment as it is defined then, and keeps it so', async () => {
    const bought = (type: string): Condition => ({
      event: { match: { types: [type] }, count: { comparison: 'AT_LEAST', value: '1' }, window: { ever: true } },
    });
    const segment = await segments.create('of the rule', bought('first'));
    const eligibility: Condition = { segment: { id: segment.id } };
    const definition = exampleDefinition({ rules: [exampleRule({ eligibility })] });
    const { id: programId } = await service.create(ctx, { name: 'Segmented', definition });
    await segments.service.update(ctx, { segmentId: segment.id, definition: bought('second') });
    await segments.builder.finish();
    await service.publish(ctx, { programId });
    await segments.service.update(ctx, { segmentId: segment.id, definition: bought('third') });
    await segments.builder.finish();
    const [rule] = (await programOf(programId)).versions[0]!.definition.rules;
    expect(rule?.eligibility).toEqual({ given: eligibility, resolved: bought('second') });
  });

  test('refuses a segment that there is not, with the path of the rule', async () => {
    const rules = [exampleRule(), exampleRule({ key: 'b', eligibility: { segment: { id: ctx.ids.uuid() } } })];
    const refused = await refusal(service.create(ctx, { name: 'Nobody', definition: exampleDefinition({ rules }) }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.definition.rules[1].eligibility' });
  });

  test('leaves a list as it is', async () => {
    const list = await segments.service.create(ctx, { name: 'guests', kind: 'LIST' });
    await segments.builder.finish();
    const rules = [exampleRule({ eligibility: { list: { id: list.id } } })];
    const { id } = await publishProgram(ctx, service, exampleDefinition({ rules }));
    const [rule] = (await programOf(id)).versions[0]!.definition.rules;
    expect(rule?.eligibility?.resolved).toEqual({ list: { id: list.id } });
  });

  test('refuses bounds that the lever has left', async () => {
    const { id: programId } = await publishProgram(ctx, service, withLever());
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '3' });
    await service.updateDraft(ctx, { programId, definition: withLever({ maximum: '2' }) });
    const refused = await refusal(service.publish(ctx, { programId }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', message: expect.stringContaining('Marketing') });
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '2' });
    await expect(service.publish(ctx, { programId })).resolves.toMatchObject({ publishedVersion: 2 });
  });
});

describe('the book', () => {
  test('is read anew after every change of what a programme says', async () => {
    const book = new ProgramBook();
    const { id: programId } = await publishProgram(ctx, service, withLever(), { phase: 'PREPARATION' });
    const seen = async () => (await book.current(database.pool)).find(({ id }) => id === programId)!;
    expect((await seen()).phases).toEqual([]);
    await service.setPhase(ctx, { programId, phase: 'PILOT' });
    expect((await seen()).phases).toHaveLength(1);
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '2' });
    expect((await seen()).leverValues).toHaveLength(1);
    await service.updateDraft(ctx, { programId, definition: withLever({ maximum: '5' }) });
    await service.publish(ctx, { programId });
    expect((await seen()).versions).toHaveLength(2);
  });
});

describe('a phase', () => {
  test('goes forward, keeps its history, and can be planned and called off', async () => {
    const { id: programId } = await publishProgram(ctx, service, undefined, { phase: 'PILOT' });
    segments.clock.set('2026-11-02T00:00:00Z');
    await service.setPhase(ctx, { programId, phase: 'LIVE', reason: 'all is well' });
    await service.setPhase(ctx, { programId, phase: 'SUNSET', effectiveAt: at('2026-12-01T00:00:00Z') });
    const timeline = async () => (await programOf(programId)).phases.map(({ phase }) => phase);
    expect(await timeline()).toEqual(['PILOT', 'LIVE', 'SUNSET']);
    await service.setPhase(ctx, { programId, phase: 'LIVE' });
    expect(await timeline()).toEqual(['PILOT', 'LIVE']);
    const refused = await refusal(service.setPhase(ctx, { programId, phase: 'LAUNCH' }));
    expect(refused).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.phase' });
    expect(termsAt(await programOf(programId), at('2026-11-01T13:00:00Z'))?.phase).toBe('PILOT');
  });

  test('in which points are earned needs a version that is in force', async () => {
    const { id: programId } = await service.create(ctx, { name: 'Early', definition: exampleDefinition() });
    expect(await refusal(service.setPhase(ctx, { programId, phase: 'PILOT' }))).toMatchObject({ field: 'input.phase' });
    const effectiveAt = at('2026-12-01T00:00:00Z');
    await service.publish(ctx, { programId, effectiveAt });
    expect(await refusal(service.setPhase(ctx, { programId, phase: 'PILOT' }))).toMatchObject({ field: 'input.phase' });
    await service.setPhase(ctx, { programId, phase: 'PILOT', effectiveAt });
  });

  test('that was decided later counts of two at one instant', async () => {
    const { id: programId } = await publishProgram(ctx, service, undefined, { phase: 'PILOT' });
    await service.setPhase(ctx, { programId, phase: 'LIVE' });
    expect(termsAt(await programOf(programId), ctx.clock.now())?.phase).toBe('LIVE');
  });
});

describe('a lever', () => {
  test('is turned for good or for a time, and what it was stays known', async () => {
    const { id: programId } = await publishProgram(ctx, service, withLever());
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '1.50', reason: 'spring' });
    const [effectiveAt, until] = [at('2026-12-01T00:00:00Z'), at('2027-01-01T00:00:00Z')];
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '3', effectiveAt, until });
    const program = await programOf(programId);
    const valueAt = (text: string) => termsAt(program, at(text))?.setting({ lever: 'bonus' });
    expect(['2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'].map(valueAt)).toEqual([
      '1.5',
      '3',
      '1.5',
    ]);
    const shown = await reader.versionToShow(ctx, programId);
    expect(shown.numberOf({ lever: 'bonus' })).toBe('1.5');
    expect(shown.changesOf('bonus')).toMatchObject([
      { value: '3', effectiveAt, until },
      { value: '1.5', until: null, actor: 'operator', reason: 'spring' },
    ]);
  });

  test('stays within its bounds, in the present and the future', async () => {
    const { id: programId } = await publishProgram(ctx, service, withLever());
    const turn = (input: object) =>
      refusal(service.turnLever(ctx, { programId, lever: 'bonus', value: '2', ...input }));
    expect(await turn({ value: '3.1' })).toMatchObject({ code: 'BAD_USER_INPUT', field: 'input.value' });
    expect((await turn({ value: '0' })).message).toContain('Marketing');
    expect(await turn({ value: 'two' })).toMatchObject({ field: 'input.value' });
    expect(await turn({ lever: 'malus' })).toMatchObject({ field: 'input.lever' });
    expect(await turn({ effectiveAt: at('2026-11-01T11:00:00Z') })).toMatchObject({ field: 'input.effectiveAt' });
    expect(await turn({ until: at('2026-11-01T12:00:00Z') })).toMatchObject({ field: 'input.until' });

    await service.updateDraft(ctx, { programId, definition: withLever({ maximum: '2' }) });
    await service.publish(ctx, { programId, effectiveAt: at('2026-12-01T00:00:00Z') });
    expect(await turn({ value: '3' })).toMatchObject({ field: 'input.value' });
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '3', until: at('2026-12-01T00:00:00Z') });
  });

  test('that holds whole points takes whole numbers only', async () => {
    const definition = exampleDefinition({ levers: [lever()], rules: [exampleRule({ budget: { lever: 'bonus' } })] });
    const { id: programId } = await publishProgram(ctx, service, definition);
    const refused = await refusal(service.turnLever(ctx, { programId, lever: 'bonus', value: '1.5' }));
    expect(refused).toMatchObject({ field: 'input.value', message: expect.stringContaining('whole') });
  });

  test('of a programme without a version in force cannot be turned', async () => {
    const { id: programId } = await service.create(ctx, { name: 'Unturned', definition: withLever() });
    const refused = await refusal(service.turnLever(ctx, { programId, lever: 'bonus', value: '2' }));
    expect(refused).toMatchObject({ field: 'input.effectiveAt' });
  });

  test('counts in the order of entry, whatever the clock of the node says', async () => {
    const { id: programId } = await publishProgram(ctx, service, withLever());
    const behind = { ...ctx, ids: { uuid: () => '01900000-0000-7000-8000-000000000000' } };
    await service.turnLever(ctx, { programId, lever: 'bonus', value: '2' });
    // Its audit entry has an id of its own.
    const ids = ['01900000-0000-7000-8000-000000000000'];
    await service.turnLever(
      { ...behind, ids: { uuid: () => ids.pop() ?? ctx.ids.uuid() } },
      { programId, lever: 'bonus', value: '3' },
    );
    expect(termsAt(await programOf(programId), ctx.clock.now())?.setting({ lever: 'bonus' })).toBe('3');
  });
});

test('every change is audited, and told in the change feed', async () => {
  const { id: programId } = await publishProgram(ctx, service, withLever());
  await service.updateDraft(ctx, { programId, definition: withLever({ maximum: '4' }), reason: 'more' });
  await service.turnLever(ctx, { programId, lever: 'bonus', value: '2', reason: 'why not' });
  const subject = toPublicId('prg', programId);
  const audited = await database.pool`
    select action, reason from audit_entries where subject = ${subject} order by at, id`;
  const changes = await database.pool`
    select topic, detail ->> 'what' as what from changes where subject_id = ${programId} order by tx, seq`;
  const acts = ['CREATED', 'PUBLISHED', 'PHASE_SET', 'DRAFTED', 'LEVER_TURNED'];
  expect(audited.map(({ action }) => action)).toEqual(acts.map((what) => `loyalty.program_${what.toLowerCase()}`));
  expect(audited.map(({ reason }) => reason)).toEqual([null, null, null, 'more', 'why not']);
  expect(changes.map(({ topic, what }) => [topic, what])).toEqual(
    acts.map((what) => ['loyalty.program_changed', what]),
  );
});
