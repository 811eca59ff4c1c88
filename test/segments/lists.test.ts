import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../src/identity/decisions.service.ts';
import type { CustomersRegrouped } from '../../src/identity/identity.events.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { loadIdSecret } from '../../src/kernel/settings.queries.ts';
import { SegmentListService } from '../../src/segments/segment-lists.service.ts';
import { onRegrouping } from '../../src/segments/segment-reactions.service.ts';
import { touchpoint } from '../support/ingest.ts';
import { openGate, untilWaiting } from '../support/locks.ts';
import { everything, openSegmentApi, type SegmentApi } from './api-fixture.ts';

let api: SegmentApi;
beforeAll(async () => {
  api = await openSegmentApi();
});
afterAll(() => api.close());

interface Payload {
  readonly changed: number;
  readonly unknown: number;
  readonly items: { field: string; outcome: string; customerId: string | null }[];
  readonly segment: { id: string; memberCount: number };
}

const mutation = (name: string) => `mutation ($input: SegmentListInput!) {
  ${name}(input: $input) { changed unknown items { field outcome customerId } segment { id memberCount } } }`;

async function add(segmentId: string, input: object, scopes = everything): Promise<Payload> {
  const query = mutation('addToSegmentList');
  const answer = await api.ask<{ addToSegmentList: Payload }>(query, { input: { segmentId, ...input } }, scopes);
  return answer.addToSegmentList;
}

async function remove(segmentId: string, input: object): Promise<Payload> {
  const query = mutation('removeFromSegmentList');
  const answer = await api.ask<{ removeFromSegmentList: Payload }>(query, { input: { segmentId, ...input } });
  return answer.removeFromSegmentList;
}

const user = (value: string) => ({ kind: 'userId', value });

describe('a list', () => {
  test('takes in who is named by id or identifier, and says what became of each', async () => {
    const list = await api.create('By hand', { kind: 'LIST' });
    const [ann, bob] = [await api.person('hand-ann'), await api.person('hand-bob')];
    const named = {
      customerIds: [ann, 'cus_01h2xcejqtf2nbrexx3vqjhp41'],
      identifiers: [
        user('hand-bob'),
        user('hand-nobody'),
        { kind: 'email', value: 'not an address' },
        user('hand-ann'),
      ],
      reason: 'the fair of May',
    };
    expect(await add(list, named)).toEqual({
      changed: 2,
      unknown: 3,
      items: [
        { field: 'input.customerIds[0]', outcome: 'ADDED', customerId: ann },
        { field: 'input.customerIds[1]', outcome: 'UNKNOWN', customerId: null },
        { field: 'input.identifiers[0]', outcome: 'ADDED', customerId: bob },
        { field: 'input.identifiers[1]', outcome: 'UNKNOWN', customerId: null },
        { field: 'input.identifiers[2]', outcome: 'UNKNOWN', customerId: null },
        { field: 'input.identifiers[3]', outcome: 'ADDED', customerId: ann },
      ],
      segment: { id: list, memberCount: 2 },
    });
    expect(await api.members(list)).toEqual([ann, bob].sort());

    const again = await add(list, { customerIds: [ann], identifiers: [user('hand-bob')] });
    expect(again).toMatchObject({ changed: 0, unknown: 0, segment: { memberCount: 2 } });
    expect(again.items.map(({ outcome }) => outcome)).toEqual(['ALREADY_THERE', 'ALREADY_THERE']);
  });

  test('lets go of who is taken off, also by those who never were on it', async () => {
    const list = await api.create('Off', { kind: 'LIST' });
    const [ann, bob] = [await api.person('off-ann'), await api.person('off-bob')];
    await add(list, { customerIds: [ann] });
    const off = await remove(list, { customerIds: [ann, bob] });
    expect(off.items.map(({ outcome }) => outcome)).toEqual(['REMOVED', 'NOT_THERE']);
    expect(off).toMatchObject({ changed: 1, segment: { memberCount: 0 } });
    const { segment } = await api.ask<{ segment: unknown }>(
      'query ($id: ID) { segment(id: $id) { definition text members { nodes { since } } log { nodes { entered cause } } } }',
      { id: list },
    );
    expect(segment).toEqual({
      definition: null,
      text: null,
      members: { nodes: [] },
      log: {
        nodes: [
          { entered: false, cause: 'LIST' },
          { entered: true, cause: 'LIST' },
        ],
      },
    });
  });

  test('moves the segments that name it in the same transaction', async () => {
    const list = await api.create('Excluded', { kind: 'LIST' });
    const others = await api.create('Everybody else', {
      definition: {
        all: [{ fact: { fact: 'TOUCHPOINTS', comparison: 'AT_LEAST', value: '1' } }, { not: { list: { id: list } } }],
      },
    });
    const ann = await api.person('excluded-ann');
    expect(await api.members(others)).toContain(ann);
    await add(list, { customerIds: [ann] });
    expect(await api.members(others)).not.toContain(ann);
    await remove(list, { customerIds: [ann] });
    expect(await api.members(others)).toContain(ann);
  });

  test('stays with the person: a merge folds, an unmerge gives each their own back', async () => {
    const list = await api.create('Folded', { kind: 'LIST' });
    const ann = await api.person('folded-ann', { occurredAt: '2026-01-01T00:00:00Z' });
    const bob = await api.person('folded-bob', { occurredAt: '2026-02-01T00:00:00Z' });
    await add(list, { customerIds: [bob] });
    const takeBack = await api.merge(ann, bob);
    expect(await api.members(list)).toEqual([ann]);
    expect((await add(list, { customerIds: [ann] })).items[0]).toMatchObject({ outcome: 'ALREADY_THERE' });
    await takeBack();
    expect(await api.members(list)).toEqual([bob]);
    const again = await api.merge(ann, bob);
    expect((await remove(list, { customerIds: [ann] })).changed).toBe(1);
    await again();
    expect(await api.members(list)).toEqual([]);
  });

  test('follows a merge that was under way', async () => {
    const { node } = api;
    const list = await api.create('Under way', { kind: 'LIST' });
    const ann = await api.person('way-ann', { occurredAt: '2026-01-01T00:00:00Z' });
    const bob = await api.person('way-bob', { occurredAt: '2026-02-01T00:00:00Z' });
    const settings = { idSecret: await loadIdSecret(node.pool), defaultRegion: 'CH' };
    const gate = openGate();
    const hold: CustomersRegrouped = (tx) => gate.reaction(tx, undefined as never);
    const reactions = [onRegrouping(node.evaluator), hold];
    const decisions = new DecisionService({ ...settings, rules: new CurrentRules(), reactions });
    const customerIds = [ann, bob].map((id) => fromPublicId('cus', id));
    const merging = decisions.mergeCustomers(node.ctx, { customerIds, reason: 'the same person' });
    await gate.reached;
    const lists = new SegmentListService(node.evaluator, settings);
    const adding = lists.add(node.ctx, { segmentId: fromPublicId('seg', list), customerIds: [customerIds[1]!] });
    await untilWaiting(node.pool, 1);
    gate.open();
    await merging;
    expect((await adding).items).toEqual([
      { field: 'input.customerIds[0]', outcome: 'ADDED', customerId: customerIds[0] },
    ]);
    expect(await api.members(list)).toEqual([ann]);
  });

  test('costs as many statements for a thousand as for one', async () => {
    const list = await api.create('Many', { kind: 'LIST' });
    const keys = Array.from({ length: 300 }, (_, index) => `many-${index}`);
    const drafts = keys.map((key) => touchpoint({ source: 'crm', key, identifiers: [user(key)] }));
    await api.node.ingest.submit(api.node.ctx, drafts);
    await add(list, { identifiers: keys.slice(0, 1).map(user) });
    await remove(list, { identifiers: keys.slice(0, 1).map(user) });
    const counts: number[] = [];
    for (const size of [1, 300]) {
      api.view.countStatements();
      expect(await add(list, { identifiers: keys.slice(-size).map(user) })).toMatchObject({ unknown: 0 });
      counts.push(api.view.countStatements());
    }
    expect(counts).toEqual([22, 22]);
    expect((await api.members(list)).length).toBe(300);
  });
});

describe('what is refused', () => {
  test.each([
    ['nobody', {}, 'input.customerIds'],
    [
      'too many',
      { customerIds: Array.from({ length: 1001 }, () => 'cus_01h2xcejqtf2nbrexx3vqjhp41') },
      'input.customerIds',
    ],
    ['an id of something else', { customerIds: ['rec_01h2xcejqtf2nbrexx3vqjhp41'] }, 'input.customerIds[0]'],
  ])('%s', async (_what, input, field) => {
    const list = await api.create(`Refused ${_what}`, { kind: 'LIST' });
    const error = await api.refusal(mutation('addToSegmentList'), { input: { segmentId: list, ...input } });
    expect({ code: error.code, field: error.details.field }).toEqual({ code: 'BAD_USER_INPUT', field });
  });

  test('a segment that is no list, or none, or archived', async () => {
    const ann = await api.person('refused-ann');
    const dynamic = await api.create('No list', { text: 'everyone' });
    const archived = await api.create('Archived list', { kind: 'LIST' });
    const archive = 'mutation ($input: ArchiveSegmentInput!) { archiveSegment(input: $input) { segment { id } } }';
    await api.ask(archive, { input: { segmentId: archived } });
    for (const [segmentId, code] of [
      [dynamic, 'BAD_USER_INPUT'],
      [archived, 'BAD_USER_INPUT'],
      ['seg_01h2xcejqtf2nbrexx3vqjhp41', 'NOT_FOUND'],
    ]) {
      const error = await api.refusal(mutation('addToSegmentList'), { input: { segmentId, customerIds: [ann] } });
      expect(error.code).toBe(code);
    }
  });

  test('a key that must not manage segments; one that must not read customers is told no ids', async () => {
    const list = await api.create('Scoped', { kind: 'LIST' });
    await api.person('scoped-ann');
    const input = { segmentId: list, identifiers: [user('scoped-ann')] };
    const reader = ['segments:read', 'customers:read'];
    expect((await api.refusal(mutation('addToSegmentList'), { input }, reader)).code).toBe('FORBIDDEN');
    const { items } = await add(list, input, ['segments:manage', 'segments:read']);
    expect(items).toEqual([{ field: 'input.identifiers[0]', outcome: 'ADDED', customerId: null }]);
  });

  test('naming as a list what is none', async () => {
    const dynamic = await api.create('Dynamic', { text: 'everyone' });
    const create = 'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }';
    const error = await api.refusal(create, { input: { name: 'Wrong', text: `on list ${dynamic}` } });
    expect({ code: error.code, field: error.details.field }).toEqual({ code: 'BAD_USER_INPUT', field: 'input.text' });
  });
});
