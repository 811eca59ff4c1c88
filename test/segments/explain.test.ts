import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, openSegmentApi, type SegmentApi } from './api-fixture.ts';

let api: SegmentApi;
beforeAll(async () => {
  api = await openSegmentApi();
});
afterAll(() => api.close());

const explain = `query ($customerId: ID!, $segmentId: ID!) {
  explainMembership(customerId: $customerId, segmentId: $segmentId) {
    customer { id } segment { id } version isMember verdict agrees since dueAt at
    lastChange { entered cause causeId }
    judgements { path depth kind text verdict found }
  }
}`;

interface Explanation {
  readonly isMember: boolean;
  readonly verdict: boolean;
  readonly agrees: boolean | null;
  readonly dueAt: string | null;
  readonly since: string | null;
  readonly judgements: { path: string; text: string | null; verdict: boolean; found: unknown }[];
  readonly [field: string]: unknown;
}

async function explained(customerId: string, segmentId: string, scopes = everything): Promise<Explanation> {
  const answer = await api.ask<{ explainMembership: Explanation }>(explain, { customerId, segmentId }, scopes);
  return answer.explainMembership;
}

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

describe('explainMembership', () => {
  test('says of every part what was found, since when and until when', async () => {
    const inner = await api.create('Visitors', { text: 'count of explain.viewed in the last 30 days is at least 2' });
    const list = await api.create('Guests', { kind: 'LIST' });
    const id = await api.create('Welcome', {
      text: `in segment ${inner} and not on list ${list} and (plan is "gold" or plan is "silver")`,
    });
    const viewed = { type: 'explain.viewed', traits: { plan: 'gold' } };
    const ann = await api.person(
      'explain-ann',
      { ...viewed, occurredAt: daysAgo(20) },
      { ...viewed, occurredAt: daysAgo(5) },
    );
    const found = await explained(ann, id);
    expect(found).toMatchObject({
      customer: { id: ann },
      segment: { id },
      version: 1,
      isMember: true,
      verdict: true,
      agrees: true,
      lastChange: { entered: true, cause: 'EVENT', causeId: expect.stringMatching(/^tp_/) },
    });
    expect(new Date(found.dueAt!).getTime()).toBeCloseTo(Date.now() + 10 * 86_400_000, -5);
    const part = (path: string, depth: number, kind: string, text: string, verdict: boolean, value: unknown = null) => {
      return { path, depth, kind, text, verdict, found: value };
    };
    expect(found.judgements).toEqual([
      part(
        'definition',
        0,
        'all',
        `in segment ${inner} and not on list ${list} and (plan is "gold" or plan is "silver")`,
        true,
      ),
      part('definition.all[0]', 1, 'segment', `in segment ${inner}`, true),
      part(
        'definition.all[0].segment',
        2,
        'event',
        'count of explain.viewed in the last 30 days is at least 2',
        true,
        2,
      ),
      part('definition.all[1]', 1, 'not', `not on list ${list}`, true),
      part('definition.all[1].not', 2, 'list', `on list ${list}`, false, false),
      part('definition.all[2]', 1, 'any', 'plan is "gold" or plan is "silver"', true),
      part('definition.all[2].any[0]', 2, 'trait', 'plan is "gold"', true, 'gold'),
      part('definition.all[2].any[1]', 2, 'trait', 'plan is "silver"', false, 'gold'),
    ]);
  });

  test('follows the list and the merge, and agrees with what is stored', async () => {
    const list = await api.create('Agreeing', { kind: 'LIST' });
    const ann = await api.person('agree-ann', { occurredAt: '2026-01-01T00:00:00Z' });
    const bob = await api.person('agree-bob', { occurredAt: '2026-02-01T00:00:00Z' });
    expect(await explained(ann, list)).toMatchObject({ isMember: false, agrees: true, since: null, lastChange: null });
    await api.ask('mutation ($input: SegmentListInput!) { addToSegmentList(input: $input) { changed } }', {
      input: { segmentId: list, customerIds: [bob] },
    });
    await api.merge(ann, bob);
    expect(await explained(bob, list)).toMatchObject({
      customer: { id: ann },
      isMember: true,
      agrees: true,
      lastChange: { entered: true, cause: 'MERGE', causeId: bob },
    });
  });

  test('of a segment that is still being built says what will be', async () => {
    const ann = await api.person('building-ann');
    const { createSegment } = await api.ask<{ createSegment: { segment: { id: string } } }>(
      'mutation { createSegment(input: { name: "Building", text: "everyone" }) { segment { id } } }',
    );
    const found = await explained(ann, createSegment.segment.id);
    expect(found).toMatchObject({ version: 1, isMember: false, verdict: true, agrees: null });
    await api.node.builder.finish();
    expect(await explained(ann, createSegment.segment.id)).toMatchObject({ isMember: true, agrees: true });
  });

  test('shows nothing that is masked for the caller', async () => {
    const id = await api.create('Called Doe', { text: 'lastName is "Doe" and not plan is "gold"' });
    const ann = await api.person('masked-ann', { traits: { lastName: 'Doe', plan: 'basic' } });
    const blind = everything.filter((scope) => scope !== 'pii:read');
    const found = await explained(ann, id, blind);
    expect(found).toMatchObject({ isMember: true, agrees: true });
    expect(JSON.stringify(found)).not.toContain('Doe');
    expect(found.judgements.map(({ text, found: value }) => [text, value])).toEqual([
      [null, null],
      [null, '•••'],
      ['not plan is "gold"', null],
      ['plan is "gold"', 'basic'],
    ]);
    const seeing = await explained(ann, id);
    expect(seeing.judgements[1]).toMatchObject({ text: 'lastName is "Doe"', found: 'Doe' });
  });

  test('refuses who and what there is not, and a key that must not read', async () => {
    const id = await api.create('Refusing', { text: 'everyone' });
    const ann = await api.person('refusing-ann');
    const nobody = 'cus_01h2xcejqtf2nbrexx3vqjhp41';
    const nothing = 'seg_01h2xcejqtf2nbrexx3vqjhp41';
    expect((await api.refusal(explain, { customerId: nobody, segmentId: id })).code).toBe('NOT_FOUND');
    expect((await api.refusal(explain, { customerId: ann, segmentId: nothing })).code).toBe('NOT_FOUND');
    expect((await api.refusal(explain, { customerId: id, segmentId: id })).details.field).toBe('customerId');
    for (const scopes of [['segments:read'], ['customers:read']])
      expect((await api.refusal(explain, { customerId: ann, segmentId: id }, scopes)).code).toBe('FORBIDDEN');
  });
});
