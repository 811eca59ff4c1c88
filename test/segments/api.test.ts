import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everything, openSegmentApi, type SegmentApi } from './api-fixture.ts';

let api: SegmentApi;
beforeAll(async () => {
  api = await openSegmentApi();
});
afterAll(() => api.close());

const viewed = (type: string) => ({
  event: { match: { types: [type] }, count: { comparison: 'AT_LEAST', value: '1' }, window: { ever: true } },
});

const create = `mutation ($input: CreateSegmentInput!) {
  createSegment(input: $input) {
    segment { id name description kind status version latestVersion definition text costClass memberCount
              build { version phase failures } }
  }
}`;
const update = `mutation ($input: UpdateSegmentInput!) {
  updateSegment(input: $input) { segment { id name description version latestVersion definition text } }
}`;

interface Shown {
  readonly id: string;
  readonly definition: unknown;
  readonly text: string | null;
  readonly [field: string]: unknown;
}

describe('createSegment', () => {
  test('answers the segment at once, being built; its members follow', async () => {
    const ann = await api.person('create-ann', { type: 'create.seen' });
    const input = { name: 'Those who saw', description: 'of the test', definition: viewed('create.seen') };
    const { createSegment } = await api.ask<{ createSegment: { segment: Shown } }>(create, { input });
    const { id, ...shown } = createSegment.segment;
    expect(shown).toEqual({
      name: 'Those who saw',
      description: 'of the test',
      kind: 'DYNAMIC',
      status: 'ACTIVE',
      version: null,
      latestVersion: 1,
      definition: viewed('create.seen'),
      text: 'count of create.seen ever is at least 1',
      costClass: 'LIGHT',
      memberCount: 0,
      build: { version: 1, phase: 'EVALUATING', failures: 0 },
    });

    await api.node.builder.finish();
    const { segment } = await api.ask<{ segment: Shown }>(
      `query ($id: ID) { segment(id: $id) {
         version memberCount build { phase }
         members { nodes { customerId customer { id } segment { id } version dueAt } }
         log { nodes { entered cause causeId version customerId } } } }`,
      { id },
    );
    expect(segment).toEqual({
      version: 1,
      memberCount: 1,
      build: null,
      members: { nodes: [{ customerId: ann, customer: { id: ann }, segment: { id }, version: 1, dueAt: null }] },
      log: { nodes: [{ entered: true, cause: 'DEFINITION', causeId: null, version: 1, customerId: ann }] },
    });
  });

  test('takes the condition in words as well', async () => {
    const id = await api.create('In words', { text: 'count of words.seen in the last 30 days is at least 2' });
    const { segment } = await api.ask<{ segment: Shown }>('query ($id: ID) { segment(id: $id) { definition } }', {
      id,
    });
    expect(segment.definition).toEqual({
      event: {
        match: { types: ['words.seen'] },
        count: { comparison: 'AT_LEAST', value: '2' },
        window: { last: { count: 30, unit: 'DAY' } },
      },
    });
  });

  test.each([
    ['neither', {}, 'BAD_USER_INPUT', 'input.definition'],
    ['both', { text: 'everyone', definition: { everyone: true } }, 'BAD_USER_INPUT', 'input.text'],
    ['a fault in a tree', { definition: { all: [] } }, 'BAD_USER_INPUT', 'input.definition.all'],
    ['a fault in words', { text: 'count of' }, 'BAD_USER_INPUT', 'input.text'],
    ['a definition of a list', { kind: 'LIST', text: 'everyone' }, 'BAD_USER_INPUT', 'input.text'],
    ['no name', { name: ' ', text: 'everyone' }, 'BAD_USER_INPUT', 'input.name'],
    [
      'a segment that nobody has',
      { definition: { segment: { id: 'seg_01h2xcejqtf2nbrexx3vqjhp41' } } },
      'BAD_USER_INPUT',
      'input.definition',
    ],
    ['too long a reason', { text: 'everyone', reason: 'x'.repeat(501) }, 'BAD_USER_INPUT', 'input.reason'],
  ])('refuses %s, and says where', async (_what, input, code, field) => {
    const error = await api.refusal(create, { input: { name: 'Refused', ...input } });
    expect({ code: error.code, field: error.details.field }).toEqual({ code, field });
  });

  test('refuses a name that another has', async () => {
    const id = await api.create('Taken', { text: 'everyone' });
    const error = await api.refusal(create, { input: { name: ' Taken ', text: 'everyone' } });
    expect(error.details.field).toBe('input.name');
    expect(error.message).toContain(id);
  });

  test('a repeat with the same key has an effect once; another input with it is refused', async () => {
    const input = { name: 'Once', text: 'everyone', idempotencyKey: 'once' };
    const first = await api.ask<{ createSegment: { segment: Shown } }>(create, { input });
    const again = await api.ask<{ createSegment: { segment: Shown } }>(create, { input });
    expect(again.createSegment.segment.id).toBe(first.createSegment.segment.id);
    const error = await api.refusal(create, { input: { ...input, name: 'Twice' } });
    expect(error.code).toBe('IDEMPOTENCY_CONFLICT');
  });
});

describe('updateSegment', () => {
  test('another definition is a new version; what is left out stays', async () => {
    const id = await api.create('Before', { text: 'everyone', description: 'stays' });
    const { updateSegment } = await api.ask<{ updateSegment: { segment: Shown } }>(update, {
      input: { segmentId: id, name: 'After', text: 'not everyone', expectedVersion: 1, reason: 'nobody is better' },
    });
    expect(updateSegment.segment).toMatchObject({
      name: 'After',
      description: 'stays',
      version: 1,
      latestVersion: 2,
      text: 'everyone',
    });
    await api.node.builder.finish();
    const { segment } = await api.ask<{ segment: unknown }>(
      `query ($id: ID) { segment(id: $id) {
         version text versions { version phase text reason actor entered departed servedAt } } }`,
      { id },
    );
    expect(segment).toMatchObject({
      version: 2,
      text: 'not everyone',
      versions: [
        { version: 2, phase: 'SERVED', text: 'not everyone', reason: 'nobody is better', actor: 'test', entered: 0 },
        { version: 1, phase: 'RETIRED', text: 'everyone', reason: null, departed: 0 },
      ],
    });
  });

  test('what was read can be given back, and changes nothing', async () => {
    const list = await api.create('Round trip list', { kind: 'LIST' });
    const definition = {
      all: [
        { any: [{ list: { id: list } }, { trait: { trait: 'plan', operator: 'IN', values: ['a', 'b'] } }] },
        { not: { members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: viewed('round.trip') } } },
        { event: { ...viewed('x').event, window: { absolute: { from: '2026-01-01T00:00:00.000Z' } } } },
      ],
    };
    const id = await api.create('Round trip', { definition });
    const read = await api.ask<{ segment: Shown }>('query ($id: ID) { segment(id: $id) { definition text } }', { id });
    for (const said of [{ definition: read.segment.definition }, { text: read.segment.text }]) {
      const { updateSegment } = await api.ask<{ updateSegment: { segment: Shown } }>(update, {
        input: { segmentId: id, ...said },
      });
      expect(updateSegment.segment.latestVersion).toBe(1);
    }
  });

  test('refuses where somebody was faster', async () => {
    const id = await api.create('Contested', { text: 'everyone' });
    const error = await api.refusal(update, { input: { segmentId: id, text: 'not everyone', expectedVersion: 7 } });
    expect(error.code).toBe('VERSION_CONFLICT');
    expect(error.details).toMatchObject({ currentVersion: 1, field: 'input.expectedVersion' });
  });

  test('null takes the description away', async () => {
    const id = await api.create('Described', { text: 'everyone', description: 'as it was' });
    const { updateSegment } = await api.ask<{ updateSegment: { segment: Shown } }>(update, {
      input: { segmentId: id, description: null },
    });
    expect(updateSegment.segment.description).toBeNull();
  });

  test('refuses a definition that leads back to itself', async () => {
    const inner = await api.create('Inner', { text: 'everyone' });
    const outer = await api.create('Outer', { text: `in segment ${inner}` });
    for (const id of [inner, outer]) {
      const error = await api.refusal(update, { input: { segmentId: inner, text: `in segment ${id}` } });
      expect(error.code).toBe('SEGMENT_CYCLE');
      expect(error.details.field).toBe('input.text');
    }
  });
});

describe('archiveSegment', () => {
  const archive = `mutation ($input: ArchiveSegmentInput!) { archiveSegment(input: $input) { segment { status } } }`;

  test('is refused while others name it; then its members leave, and its name is free', async () => {
    const ann = await api.person('archive-ann', { type: 'archive.seen' });
    const inner = await api.create('Named', { definition: viewed('archive.seen') });
    const outer = await api.create('Naming', { definition: { segment: { id: inner } } });
    expect(await api.members(outer)).toEqual([ann]);
    const related = await api.ask<{ inner: unknown; outer: unknown }>(
      `query ($inner: ID, $outer: ID) {
         inner: segment(id: $inner) { dependencies { id } dependants { id } }
         outer: segment(id: $outer) { dependencies { id } dependants { id } text }
       }`,
      { inner, outer },
    );
    expect(related).toEqual({
      inner: { dependencies: [], dependants: [{ id: outer }] },
      outer: { dependencies: [{ id: inner }], dependants: [], text: `in segment ${inner}` },
    });
    const error = await api.refusal(archive, { input: { segmentId: inner } });
    expect({ code: error.code, dependants: error.details.dependants }).toEqual({
      code: 'SEGMENT_IN_USE',
      dependants: [outer],
    });

    await api.ask(archive, { input: { segmentId: outer, reason: 'no longer needed' } });
    await api.node.builder.finish();
    await api.ask(archive, { input: { segmentId: inner } });
    await api.node.builder.finish();
    const { segment, segments } = await api.ask<{ segment: unknown; segments: { nodes: { name: string }[] } }>(
      `query ($id: ID) {
         segment(id: $id) { status memberCount log { nodes { entered cause } } }
         segments(statuses: [ARCHIVED], first: 200) { nodes { name } }
       }`,
      { id: inner },
    );
    expect(segment).toEqual({
      status: 'ARCHIVED',
      memberCount: 0,
      log: {
        nodes: [
          { entered: false, cause: 'DEFINITION' },
          { entered: true, cause: 'DEFINITION' },
        ],
      },
    });
    expect(segments.nodes.map(({ name }) => name)).toEqual(['Naming', 'Named']);
    await api.create('Named', { text: 'everyone' });
  });
});

describe('reading', () => {
  test('by id, by name and by node; null where there is none', async () => {
    const id = await api.create('Found', { text: 'everyone' });
    const found = await api.ask(
      `query ($id: ID!) {
         byId: segment(id: $id) { id } byName: segment(name: "Found") { id } byNode: node(id: $id) { id __typename }
         nobody: segment(name: "found") { id } nowhere: segment(id: "seg_01h2xcejqtf2nbrexx3vqjhp41") { id }
       }`,
      { id },
    );
    expect(found).toEqual({
      byId: { id },
      byName: { id },
      byNode: { id, __typename: 'Segment' },
      nobody: null,
      nowhere: null,
    });
    expect((await api.refusal('{ segment { id } }')).code).toBe('BAD_USER_INPUT');
  });

  test('pages through segments forwards and backwards', async () => {
    const names = ['Page 1', 'Page 2', 'Page 3'];
    for (const name of names) await api.create(name, { text: 'everyone' });
    type Answer = {
      segments: {
        nodes: { name: string }[];
        pageInfo: { endCursor: string; startCursor: string; hasNextPage: boolean };
      };
    };
    const query = `query ($first: Int, $after: Cursor, $last: Int, $before: Cursor) {
      segments(first: $first, after: $after, last: $last, before: $before) {
        nodes { name } pageInfo { endCursor startCursor hasNextPage } } }`;
    const one = await api.ask<Answer>(query, { first: 2 });
    const two = await api.ask<Answer>(query, { first: 1, after: one.segments.pageInfo.endCursor });
    expect([...one.segments.nodes, ...two.segments.nodes].map(({ name }) => name)).toEqual(names.toReversed());
    const back = await api.ask<Answer>(query, { last: 2, before: two.segments.pageInfo.startCursor });
    expect(back.segments).toEqual({ ...one.segments, pageInfo: { ...one.segments.pageInfo, hasNextPage: true } });
  });

  test('pages through members, forwards and backwards, who entered last first', async () => {
    const id = await api.create('Paged', { definition: viewed('paged.seen') });
    const people: string[] = [];
    for (const key of ['paged-a', 'paged-b', 'paged-c']) {
      api.node.clock.set(new Date(api.node.clock.now().getTime() + 10));
      people.push(await api.person(key, { type: 'paged.seen' }));
    }
    type Page = { nodes: { customerId: string }[]; pageInfo: { startCursor: string; endCursor: string } };
    const query = `query ($id: ID, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
      segment(id: $id) { members(first: $first, after: $after, last: $last, before: $before) {
        nodes { customerId } pageInfo { startCursor endCursor } } } }`;
    const page = async (args: object) =>
      (await api.ask<{ segment: { members: Page } }>(query, { id, ...args })).segment.members;
    const idsOf = ({ nodes }: Page) => nodes.map(({ customerId }) => customerId);
    const [newest, middle, oldest] = people.toReversed();
    const first = await page({ first: 2 });
    const second = await page({ first: 2, after: first.pageInfo.endCursor });
    expect([idsOf(first), idsOf(second)]).toEqual([[newest, middle], [oldest]]);
    expect(idsOf(await page({ last: 1, before: second.pageInfo.startCursor }))).toEqual([middle]);
  });

  test('tells who was a member at an instant, by the log', async () => {
    const { clock } = api.node;
    const later = () => clock.set(new Date(clock.now().getTime() + 1_000));
    const start = clock.now();
    const id = await api.create('Then', {
      definition: { all: [viewed('then.in'), { not: viewed('then.out') }] },
    });
    later();
    const ann = await api.person('then-ann', { type: 'then.in' });
    const withAnn = clock.now();
    later();
    const bob = await api.person('then-bob', { type: 'then.in' });
    const withBoth = clock.now();
    later();
    await api.person('then-ann', { type: 'then.out' });
    const withBob = clock.now();
    const query = `query ($id: ID, $at: DateTime, $first: Int, $after: Cursor) { segment(id: $id) {
      members(at: $at, first: $first, after: $after) { nodes { customerId since dueAt } pageInfo { endCursor } } } }`;
    type Answer = {
      segment: { members: { nodes: { customerId: string; since: string }[]; pageInfo: { endCursor: string } } };
    };
    const at = async (instant: Date, args: object = {}) =>
      (await api.ask<Answer>(query, { id, at: instant.toISOString(), ...args })).segment.members;
    const idsAt = async (instant: Date) => (await at(instant)).nodes.map(({ customerId }) => customerId);
    expect(await idsAt(start)).toEqual([]);
    expect(await idsAt(withAnn)).toEqual([ann]);
    const both = [ann, bob].sort().reverse();
    expect(await idsAt(withBoth)).toEqual(both);
    expect(await idsAt(withBob)).toEqual([bob]);
    const page = await at(withBoth, { first: 1 });
    expect(page.nodes.map(({ customerId }) => customerId)).toEqual(both.slice(0, 1));
    const next = await at(withBoth, { first: 1, after: page.pageInfo.endCursor });
    expect(next.nodes.map(({ customerId }) => customerId)).toEqual(both.slice(1));
  });

  test('a customer has their segments and the history of them, also that of whom they absorbed', async () => {
    const id = await api.create('Merged', { definition: viewed('merged.seen') });
    const ann = await api.person('merged-ann', { type: 'merged.seen', occurredAt: '2026-01-01T00:00:00Z' });
    const bob = await api.person('merged-bob', { type: 'merged.seen', occurredAt: '2026-02-01T00:00:00Z' });
    await api.merge(ann, bob);
    const { customer } = await api.ask<{
      customer: { segments: { segment: { id: string } }[]; segmentHistory: unknown };
    }>(
      `query ($id: ID) { customer(id: $id) {
         segments { segment { id } version customer { id } }
         segmentHistory(first: 100) { nodes { entered cause causeId customerId customer { id } segment { id } } } } }`,
      { id: bob },
    );
    const segment = { id };
    expect(customer.segments.filter((membership) => membership.segment.id === id)).toEqual([
      { segment, version: 1, customer: { id: ann } },
    ]);
    const { nodes } = customer.segmentHistory as { nodes: { segment: { id: string } }[] };
    expect(nodes.filter((entry) => entry.segment.id === id)).toMatchObject([
      { entered: false, cause: 'MERGE', causeId: ann, customerId: bob, customer: { id: ann } },
      { entered: true, cause: 'EVENT', causeId: expect.stringMatching(/^tp_/), customerId: bob },
      { entered: true, cause: 'EVENT', customerId: ann },
    ]);
  });

  test('a page of segments or customers with all their fields costs a constant number of statements', async () => {
    for (const name of ['Counted 1', 'Counted 2']) {
      const inner = await api.create(name, { definition: viewed('counted.seen') });
      await api.create(`${name}, naming`, { definition: { segment: { id: inner } } });
      await api.person(name, { type: 'counted.seen' });
    }
    const segments = `query ($first: Int) { segments(first: $first) { nodes {
      definition text costClass memberCount build { phase } versions { text } dependencies { name } dependants { name }
      members(first: 3) { nodes { customer { id } segment { id } } }
      log(first: 3) { nodes { customer { id } segment { id } } } } } }`;
    const customers = `query ($first: Int) { customers(first: $first) { nodes {
      segments { segment { name memberCount text } } segmentHistory(first: 3) { nodes { segment { name } } } } } }`;
    const counts: number[] = [];
    for (const query of [segments, customers]) {
      for (const first of [2, 200]) {
        await api.ask(query, { first });
        api.view.countStatements();
        await api.ask(query, { first });
        counts.push(api.view.countStatements());
      }
    }
    // Customers of members and of the log are one read or two: whichever list is there first.
    expect(counts).toEqual([upTo(11), upTo(11), upTo(7), upTo(7)]);
  });
});

const upTo = (most: number) => expect.toSatisfy((statements: number) => statements <= most);

describe('who may', () => {
  test('why a build fails is only for who may see personal values: the database quotes them', async () => {
    const { createSegment } = await api.ask<{ createSegment: { segment: Shown } }>(create, {
      input: { name: 'Failing', text: 'everyone' },
    });
    await api.node.pool`
      update segment_versions set failures = 2, failed_at = now(), failure = 'no number: "Doe"'
      where version = 1 and phase = 'EVALUATING'`;
    const query = 'query ($id: ID) { segment(id: $id) { build { failures failure } } }';
    const asked = { id: createSegment.segment.id };
    expect(await api.ask(query, asked)).toEqual({ segment: { build: { failures: 2, failure: 'no number: "Doe"' } } });
    expect(await api.ask(query, asked, ['segments:read'])).toEqual({
      segment: { build: { failures: 2, failure: null } },
    });
    await api.node.builder.finish();
  });

  const hidden = { trait: { trait: 'lastName', operator: 'EQUALS', value: 'Secret' } };

  test('a key without segments:manage changes nothing, one without segments:read sees nothing', async () => {
    const id = await api.create('Guarded', { text: 'everyone' });
    const reader = ['segments:read'];
    expect((await api.refusal(create, { input: { name: 'x', text: 'everyone' } }, reader)).code).toBe('FORBIDDEN');
    expect((await api.refusal(update, { input: { segmentId: id } }, reader)).code).toBe('FORBIDDEN');
    for (const query of [
      '{ segments { nodes { id } } }',
      `{ segment(id: "${id}") { id } }`,
      `{ node(id: "${id}") { id } }`,
    ])
      expect((await api.refusal(query, {}, ['segments:manage', 'customers:read'])).code).toBe('FORBIDDEN');
    const members = await api.refusal(`{ segment(id: "${id}") { members { nodes { customerId } } } }`, {}, reader);
    expect(members.details.requiredScope).toBe('customers:read');
  });

  test('what a definition tests is not shown to a key that must not see such values, nor can it ask', async () => {
    const id = await api.create('Hidden', { definition: hidden });
    const blind = everything.filter((scope) => scope !== 'pii:read');
    const query = '{ segment(name: "Hidden") { definition text versions { definition text } memberCount } }';
    const { segment } = await api.ask<{ segment: unknown }>(query, {}, blind);
    expect(segment).toEqual({
      definition: null,
      text: null,
      versions: [{ definition: null, text: null }],
      memberCount: 0,
    });
    const property = {
      event: {
        ...viewed('x').event,
        match: { where: [{ property: 'billing.email', operator: 'STARTS_WITH', value: 'a' }] },
      },
    };
    for (const definition of [hidden, { not: hidden }, property, { segment: { id } }]) {
      const error = await api.refusal(create, { input: { name: 'Asking', definition } }, blind);
      expect(error.code).toBe('FORBIDDEN');
      expect(error.details).toEqual({ field: 'input.definition', requiredScope: 'pii:read' });
    }
  });
});
