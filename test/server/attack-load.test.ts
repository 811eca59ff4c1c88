import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestServer } from '../support/server.ts';
import { type Attempt, ask as askAt, openTarget, quickly, send as sendTo, type Target } from './attack-fixture.ts';

/** Attacks by load, each as somebody would try it. Bytes that are no requests: `hostile.test.ts`. */

let target: Target;
let server: TestServer;
let partner: string;
beforeAll(async () => {
  target = await openTarget();
  ({ server, partner } = target);
});
afterAll(() => target.close());

const attempt = (part: Partial<Attempt> = {}): Attempt => ({ on: server, key: partner, ...part });
const ask = (query: string, variables?: object, part?: Partial<Attempt>) => askAt(query, variables, attempt(part));
const send = (body: string, part?: Partial<Attempt>) => sendTo(body, attempt(part));

describe('overloads', () => {
  const many = (count: number, each: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => each(index)).join(' ');

  test.each<[string, string, RegExp]>([
    ['aliases', `{ viewer { ${many(1_000, (i) => `a${i}: name`)} } }`, /1000 aliases; the most is 200/],
    [
      'aliases of a dear field',
      `{ ${many(201, (i) => `a${i}: customers { totalCount }`)} }`,
      /root fields; the most is 50/,
    ],
    ['one field, over and over', `{ viewer { ${many(3_000, () => 'name')} } }`, /selections; the most is 2000/],
    ['directives', `{ viewer { name ${many(101, () => '@skip(if: false)')} } }`, /directives; the most is 100/],
    [
      'directives on fragments',
      `{ viewer { ${many(101, () => '... @include(if: true) { name }')} } }`,
      /directives; the most is 100/,
    ],
    ['a fragment in itself', '{ viewer { ...A } } fragment A on Viewer { ...A }', /endless/],
    [
      'fragments in a circle',
      '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
      /endless/,
    ],
    [
      'fragments that double',
      `{ viewer { ...F0 } } ${many(30, (i) => `fragment F${i} on Viewer { ...F${i + 1} ...F${i + 1} }`)} fragment F30 on Viewer { name }`,
      /selections; the most is 2000/,
    ],
    [
      'levels',
      `{ ${'customers { nodes { records { customer { '.repeat(6)} id ${'} } } }'.repeat(6)} }`,
      /levels|brackets|cost|customer/,
    ],
    ['tokens', `{ viewer { ${many(6_000, () => 'name')} } }`, /tokens/],
  ])('%s: refused before anything is run', async (_what, query, reason) => {
    const reply = await quickly(ask(query));
    expect(reply.codes[0]).toMatch(/^GRAPHQL_(PARSE|VALIDATION)_FAILED$/);
    expect(reply.text).toMatch(reason);
  });

  test('what is within every limit of documents and costs too much: refused by its cost', async () => {
    const query = `{ ${many(40, (i) => `a${i}: customers(first: 200) { totalCount nodes { records(first: 50) { traits { value } } } }`)} }`;
    const reply = await quickly(ask(query, undefined, { key: server.ownerKey }));
    expect([reply.status, reply.codes]).toEqual([400, ['OPERATION_TOO_EXPENSIVE']]);
  });

  test('the same field under many names costs as often', async () => {
    const cost = async (count: number) => {
      const query = `{ ${many(count, (i) => `a${i}: node(id: "cus_01h2xcejqtf2nbrexx3vqjhp41") { id }`)} }`;
      const { text } = await send(JSON.stringify({ query, extensions: { cost: true } }));
      return (JSON.parse(text) as { extensions: { cost: { requested: number } } }).extensions.cost.requested;
    };
    expect(await cost(40)).toBe(40 * (await cost(1)));
  });
});

describe('batches', () => {
  const one = { query: '{ viewer { name } }' };

  test.each<[string, unknown]>([
    ['of two', [one, one]],
    ['of one', [one]],
    ['of none', []],
    ['of a thousand', Array.from({ length: 1_000 }, () => one)],
  ])('%s: refused', async (_what, body) => {
    const reply = await send(JSON.stringify(body));
    expect([reply.status, reply.codes]).toEqual([400, ['BAD_REQUEST']]);
    expect(reply.text).not.toContain('"data"');
  });

  test('as an event stream: refused', async () => {
    const reply = await send(JSON.stringify([one, one]), {
      path: '/graphql/stream',
      headers: { accept: 'text/event-stream' },
    });
    expect(reply.status).toBeGreaterThanOrEqual(400);
    expect(reply.text).not.toContain('"data"');
  });
});

describe('huge variables', () => {
  const query = 'query ($filter: CustomerFilter) { customers(filter: $filter) { nodes { id } } }';

  test.each<[string, () => unknown]>([
    ['nested without end', () => JSON.parse(`${'{"not":'.repeat(3_000)}{}${'}'.repeat(3_000)}`)],
    ['a list of a hundred thousand', () => ({ and: Array.from({ length: 100_000 }, () => ({ not: {} })) })],
    ['text of five million letters', () => ({ trait: { trait: 'a'.repeat(5_000_000), operator: 'IS_SET' } })],
    ['a million small texts', () => ({ types: Array.from({ length: 1_000_000 }, () => 'a') })],
    ['a member __proto__', () => JSON.parse('{"__proto__": {"and": []}}')],
  ])('%s: refused before it is looked at', async (_what, filter) => {
    const reply = await ask(query, { filter: filter() });
    expect(reply.codes).toEqual(['BAD_USER_INPUT']);
    expect(reply.text).toMatch(/The variables (are nested deeper|have more than)/);
  });

  test('with much that is wrong: said in short, whatever it is about', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`unknown${index}`, 'a'.repeat(30_000)]));
    const reply = await ask(query, { filter: wrong });
    expect(reply.codes[0]).toBe('BAD_USER_INPUT');
    expect(reply.text.length).toBeLessThan(50_000);
  });

  test('are no matter of ingestion, whose events are measured one by one', async () => {
    const event = (index: number) => ({
      messageId: `huge-${index}`,
      source: 'web',
      key: `huge-${index % 7}`,
      type: 'page.viewed',
      occurredAt: '2026-03-29T10:00:00Z',
      properties: { list: Array.from({ length: 300 }, () => 'abcdef') },
    });
    const events = Array.from({ length: 500 }, (_, index) => event(index));
    const ingest = 'mutation ($events: [TouchpointInput!]!) { ingest(events: $events) { stored } }';
    expect((await ask(ingest, { events })).text).toContain('"stored":500');
    // But what comes beside them is.
    const both =
      'mutation ($events: [TouchpointInput!]!, $ids: [ID!]) { ingest(events: $events) { stored } replayQuarantined(ids: $ids) { stored } }';
    expect((await ask(both, { events, ids: Array.from({ length: 60_000 }, () => 'a') })).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('more than a body may have: refused by its length', async () => {
    const reply = await send(JSON.stringify({ query, variables: { filter: 'x'.repeat(34 * 1024 * 1024) } }));
    expect(reply.status).toBe(413);
  });

  test('ten thousand variables that nobody declared: not looked at', async () => {
    const variables = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`v${index}`, index]));
    expect((await quickly(ask('{ viewer { name } }', variables))).status).toBe(200);
  });
});
