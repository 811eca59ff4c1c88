import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { IdentityRulesService } from '../../src/identity/identity-rules.service.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { createHousehold } from '../../src/identity/relations/household.service.ts';
import { addHouseholdMember, removeHouseholdMember } from '../../src/identity/relations/household-members.service.ts';
import { RulesRepair } from '../../src/identity/rules-repair.service.ts';
import { TraitCatalog } from '../../src/identity/trait-catalog.service.ts';
import { findDefinition } from '../../src/identity/trait-definitions.queries.ts';
import { TraitRefolder } from '../../src/identity/trait-refold.service.ts';
import { setPhase } from '../../src/segments/segment-builds.queries.ts';
import { onRefolding, onRegrouping } from '../../src/segments/segment-reactions.service.ts';
import { addBuilds } from '../../src/segments/segment-states.queries.ts';
import { regroupRevenue } from '../../src/touchpoints/regrouped-revenue.service.ts';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { touchpoint } from '../support/ingest.ts';
import { bookWith } from '../support/rules.ts';
import { openSegments, type SegmentsFixture } from './fixture.ts';
import { expectTruth } from './truth.ts';

let database: TestDatabase;
let node: SegmentsFixture;

beforeEach(async () => {
  database = await openTestDatabase();
  node = await openSegments(database.pool);
});

afterEach(() => database.close());

const inBern: Condition = { trait: { trait: 'city', operator: 'EQUALS', value: 'Bern' } };
const sawTwo: Condition = {
  event: {
    match: { types: ['page.viewed'] },
    count: { comparison: 'AT_LEAST', value: '2' },
    window: { last: { count: 60, unit: 'DAY' } },
  },
};

async function send(...drafts: Partial<TouchpointDraft>[]): Promise<void> {
  const results = await node.ingest.submit(node.ctx, drafts.map(touchpoint));
  expect(results.map(({ status }) => status)).toEqual(drafts.map(() => 'STORED'));
}

async function customerOf(kind: string, value: string): Promise<string> {
  const [row] = await database.pool<{ id: string }[]>`
    select r.customer_id as id from identifiers i join claims c on c.identifier_id = i.id join records r on r.id = c.record_id
    where i.kind = ${kind} and i.value = ${value} order by c.first_seen_at limit 1`;
  return row!.id;
}

/** Why the last one entered or left. */
async function lastCause(segmentId: string): Promise<string> {
  const [row] = await database.pool<{ cause: string }[]>`
    select cause from segment_log where segment_id = ${segmentId} order by id desc limit 1`;
  return row!.cause;
}

describe('what moves people without a touchpoint', () => {
  test('a merge by hand adds up what both did, and taking it back restores both', async () => {
    await send(
      { identifiers: [{ kind: 'userId', value: 'ann' }], occurredAt: '2026-10-01T10:00:00Z' },
      { identifiers: [{ kind: 'userId', value: 'bea' }], occurredAt: '2026-10-02T10:00:00Z' },
    );
    const segment = await node.create('saw two', sawTwo);
    expect(await node.members(segment.id)).toEqual([]);
    const [ann, bea] = [await customerOf('userId', 'ann'), await customerOf('userId', 'bea')];
    const { decision } = await node.decisions.mergeCustomers(node.ctx, {
      customerIds: [ann, bea],
      reason: 'one person',
    });
    expect(await node.members(segment.id)).toEqual([ann]);
    expect(await lastCause(segment.id)).toBe('MERGE');
    await node.decisions.revokeDecision(node.ctx, { decisionId: decision.id, reason: 'two after all' });
    expect(await node.members(segment.id)).toEqual([]);
    expect(await lastCause(segment.id)).toBe('UNMERGE');
    await expectTruth(node);
  });

  test('a touchpoint of another kind that shows that two are one', async () => {
    await send(
      { identifiers: [{ kind: 'anonymousId', value: 'a' }], occurredAt: '2026-10-01T10:00:00Z' },
      { identifiers: [{ kind: 'anonymousId', value: 'b' }], occurredAt: '2026-10-02T10:00:00Z' },
    );
    const segment = await node.create('saw two', sawTwo);
    expect(await node.members(segment.id)).toEqual([]);
    const both = ['a', 'b'].map((value) => ({ kind: 'anonymousId', value }));
    await send({ type: 'identify', identifiers: both, occurredAt: '2026-10-03T10:00:00Z' });
    expect(await node.members(segment.id)).toEqual([await customerOf('anonymousId', 'a')]);
    expect(await lastCause(segment.id)).toBe('MERGE');
    await expectTruth(node);
  });

  test('other identity rules, as the repair of the past reaches them', async () => {
    await send(
      {
        source: 'web',
        key: 'a',
        identifiers: [{ kind: 'phone', value: '+41446681800' }],
        occurredAt: '2026-10-01T10:00:00Z',
      },
      {
        source: 'crm',
        key: 'b',
        identifiers: [{ kind: 'phone', value: '+41446681800' }],
        occurredAt: '2026-10-02T10:00:00Z',
      },
    );
    const segment = await node.create('saw two', sawTwo);
    expect(await node.members(segment.id)).toHaveLength(1);
    const rules = new CurrentRules();
    const service = new IdentityRulesService({ idSecret: 'x', defaultRegion: 'CH', rules });
    const evidenceOnly = bookWith('phone', { strength: 'EVIDENCE_ONLY', namesPerson: false });
    await service.update(node.ctx, { rules: evidenceOnly, reason: 'shared phones', expectedVersion: 0 });
    const repair = new RulesRepair(node.ctx, { rules, reactions: [regroupRevenue, onRegrouping(node.evaluator)] });
    await repair.catchUp();
    expect(await node.members(segment.id)).toEqual([]);
    await expectTruth(node);
  });

  test('another survivorship of a trait', async () => {
    const who = { identifiers: [{ kind: 'userId', value: 'ann' }] };
    await send(
      { ...who, source: 'crm', key: '1', traits: { city: 'Bern' }, occurredAt: '2026-10-01T10:00:00Z' },
      { ...who, source: 'web', key: '2', traits: { city: 'Basel' }, occurredAt: '2026-10-02T10:00:00Z' },
    );
    const segment = await node.create('in Bern', inBern);
    expect(await node.members(segment.id)).toEqual([]);
    const refolder = new TraitRefolder(node.ctx, { reactions: [onRefolding(node.evaluator)] });
    const catalog = new TraitCatalog(await CataloguedTraits.open(node.ctx), refolder);
    const known = await findDefinition(database.pool, 'city');
    const survivorship = { strategy: 'SOURCE_PRIORITY' as const, sources: ['crm'] };
    await catalog.updateTrait(node.ctx, {
      name: 'city',
      survivorship,
      expectedVersion: known!.version,
      reason: 'the CRM knows',
    });
    await refolder.finish();
    expect(await node.members(segment.id)).toEqual([await customerOf('userId', 'ann')]);
    expect(await lastCause(segment.id)).toBe('TRAITS');
    await expectTruth(node);
  });

  test('a household, and what its members do', async () => {
    await send(
      { identifiers: [{ kind: 'userId', value: 'ann' }], occurredAt: '2026-10-01T10:00:00Z' },
      { identifiers: [{ kind: 'userId', value: 'bea' }], occurredAt: '2026-10-02T10:00:00Z' },
    );
    const [ann, bea] = [await customerOf('userId', 'ann'), await customerOf('userId', 'bea')];
    const segment = await node.create('somebody at home saw two', {
      members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: sawTwo },
    });
    const household = await createHousehold(node.ctx, { name: 'Home', reason: 'a test' });
    for (const customerId of [ann, bea]) {
      await addHouseholdMember(node.ctx, { householdId: household.id, customerId, role: 'MEMBER', reason: 'a test' });
    }
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([]);

    await send({ identifiers: [{ kind: 'userId', value: 'bea' }], occurredAt: '2026-10-03T10:00:00Z' });
    expect(await node.members(segment.id), 'in the same commit, for both').toEqual([ann, bea].sort());

    await removeHouseholdMember(node.ctx, { householdId: household.id, customerId: bea, reason: 'moved out' });
    node.clock.set('2026-11-01T12:00:01Z');
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([]);
    expect(await lastCause(segment.id)).toBe('RELATIONS');
    await expectTruth(node);
  });

  test('an instant that comes earlier than the one that was stored', async () => {
    const who = { identifiers: [{ kind: 'userId', value: 'ann' }] };
    await send({ ...who, traits: { contractEnd: '2027-06-01' }, occurredAt: '2026-10-01T10:00:00Z' });
    const segment = await node.create('contract ends soon', {
      date: { trait: 'contractEnd', withinNext: { count: 30, unit: 'DAY' } },
    });
    await send({ ...who, traits: { contractEnd: '2027-01-10' }, occurredAt: '2026-10-02T10:00:00Z' });
    node.clock.set('2026-12-09T12:00:00Z');
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([]);
    node.clock.set('2026-12-12T12:00:00Z');
    await node.ticker.catchUp();
    expect(await node.members(segment.id)).toHaveLength(1);
    await expectTruth(node);
  });

  test('an instant that was stored before the process ended', async () => {
    await send(
      { identifiers: [{ kind: 'userId', value: 'ann' }], occurredAt: '2026-10-01T10:00:00Z' },
      { identifiers: [{ kind: 'userId', value: 'ann' }], occurredAt: '2026-10-02T10:00:00Z' },
    );
    const segment = await node.create('saw two', sawTwo);
    expect(await node.members(segment.id)).toHaveLength(1);
    const restarted = await openSegments(database.pool, { now: '2026-11-30T10:00:00Z' });
    await restarted.ticker.catchUp();
    expect(await node.members(segment.id)).toEqual([]);
    expect(await lastCause(segment.id)).toBe('CLOCK');
    await expectTruth(restarted);
  });
});

describe('while a version is being built', () => {
  test('what happens counts, not what the evaluation of everybody had read before', async () => {
    const who = { identifiers: [{ kind: 'userId', value: 'ann' }] };
    await send({ ...who, traits: { city: 'Bern' }, occurredAt: '2026-10-01T10:00:00Z' });
    const ann = await customerOf('userId', 'ann');
    const { id: segmentId } = await node.service.create(node.ctx, { name: 'in Bern', definition: inBern });
    await send({ ...who, traits: { city: 'Basel' }, occurredAt: '2026-10-02T10:00:00Z' });
    // The evaluation began before that, and writes what it saw after it.
    await addBuilds(database.pool, [{ segmentId, customerId: ann, version: 1, verdict: true, dueAt: null }]);
    await setPhase(database.pool, { segmentId, version: 1 }, 'APPLYING');
    await node.builder.finish();
    expect(await node.members(segmentId)).toEqual([]);
    await expectTruth(node);
  });
});
