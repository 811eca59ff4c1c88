import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/kernel/json.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { type IngestFixture, openIngest, touchpoint } from '../support/ingest.ts';
import { openView, type ViewApi } from '../support/view.ts';

let database: TestDatabase;
let fixture: IngestFixture;
let view: ViewApi;

interface Person {
  readonly user: string;
  readonly day: string;
  readonly source: string;
  readonly traits: JsonObject;
  readonly orders: string[];
}

const people: Person[] = [
  {
    user: 'ada',
    day: '01',
    source: 'shop',
    traits: { language: 'de', city: 'Bern', visits: 3, nickname: 'Ad_a%' },
    orders: ['100.00', '0.55'],
  },
  { user: 'bob', day: '02', source: 'shop', traits: { language: 'de', visits: 30 }, orders: ['20.00'] },
  { user: 'cyn', day: '03', source: 'crm', traits: { language: 'fr', visits: '30' }, orders: [] },
  { user: 'dan', day: '03', source: 'crm', traits: { language: null }, orders: [] },
  { user: 'eve', day: '05', source: 'crm', traits: {}, orders: [] },
];

beforeAll(async () => {
  database = await openTestDatabase();
  fixture = await openIngest(database.pool);
  view = await openView(database.url);
  await meet(...people);
});

afterAll(async () => {
  await view.close();
  await database.close();
});

async function meet(...persons: Person[]): Promise<void> {
  const drafts = persons.flatMap(({ user, day, source, traits, orders }) => {
    const who = {
      source,
      key: user,
      identifiers: [{ kind: 'userId', value: user }],
      occurredAt: `2026-05-${day}T10:00:00Z`,
    };
    return [
      touchpoint({ ...who, traits }),
      ...orders.map((amount) => touchpoint({ ...who, type: 'order.completed', value: { amount, currency: 'EUR' } })),
    ];
  });
  const results = await fixture.ingest.submit(fixture.ctx, drafts);
  expect(results.every((result) => result.status === 'STORED')).toBe(true);
}

interface Listed {
  customers: {
    nodes: { id: string; identifiers: { value: string }[] }[];
    edges: { cursor: string }[];
    totalCount: number;
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}

const listQuery = `query ($filter: CustomerFilter, $orderBy: CustomerOrder, $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    nodes { id identifiers { value } } edges { cursor } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function list(
  variables: Record<string, unknown>,
  scopes?: string[],
): Promise<Listed['customers'] & { names: string[] }> {
  const { customers } = await view.ask<Listed>(listQuery, variables, scopes);
  return { ...customers, names: customers.nodes.map((node) => node.identifiers[0]!.value) };
}

const byFirstSeen = (direction: string) => ({ orderBy: { field: 'FIRST_SEEN', direction } });

describe('filters', () => {
  const trait = (name: string, operator: string, value?: unknown) => ({ trait: { name, operator, value } });
  it.each<[string, object, string[]]>([
    ['a trait by value', trait('language', 'EQUALS', 'de'), ['ada', 'bob']],
    [
      'a trait by another value, missing and null included',
      trait('language', 'NOT_EQUALS', 'de'),
      ['cyn', 'dan', 'eve'],
    ],
    ['a trait that is there; null is not', trait('language', 'EXISTS'), ['ada', 'bob', 'cyn']],
    ['a trait that is not there', trait('language', 'NOT_EXISTS'), ['dan', 'eve']],
    ['numbers with numbers, never with text', trait('visits', 'GREATER', 3), ['bob']],
    ['numbers, the bound included', trait('visits', 'LESS_OR_EQUAL', 30), ['ada', 'bob']],
    ['text with text, never with numbers', trait('visits', 'GREATER_OR_EQUAL', '3'), ['cyn']],
    ['the start of text, wildcards taken literally', trait('nickname', 'STARTS_WITH', 'Ad_'), ['ada']],
    ['the start of text that only a wildcard would match', trait('nickname', 'STARTS_WITH', 'A%'), []],
    ['a part of text, without case', trait('city', 'CONTAINS', 'ER'), ['ada']],
    ['a source', { source: 'shop' }, ['ada', 'bob']],
    ['a number of orders', { orders: { gte: 1, lt: 2 } }, ['bob']],
    ['touchpoints', { touchpoints: { gt: 1 } }, ['ada', 'bob']],
    ['net revenue, exactly', { netRevenue: { currency: 'EUR', gte: '100.55' } }, ['ada']],
    ['net revenue just missed', { netRevenue: { currency: 'EUR', gt: '100.55' } }, []],
    ['net revenue of those without any', { netRevenue: { currency: 'EUR', lte: '0' } }, ['cyn', 'dan', 'eve']],
    ['a period, half-open', { firstSeen: { from: '2026-05-02T10:00:00Z', to: '2026-05-03T10:00:00Z' } }, ['bob']],
    ['an identifier in another spelling', { identifier: { kind: 'userId', value: '  ada ' } }, ['ada']],
    ['an identifier that cannot be one', { identifier: { kind: 'email', value: 'nonsense' } }, []],
    ['identified ones', { identified: false }, []],
    ['not', { not: { source: 'shop' } }, ['cyn', 'dan', 'eve']],
    ['not, of what is unknown', { not: trait('visits', 'GREATER', 3) }, ['ada', 'cyn', 'dan', 'eve']],
    [
      'or',
      { or: [{ source: 'shop', orders: { gt: 1 } }, { lastSeen: { from: '2026-05-05T00:00:00Z' } }] },
      ['ada', 'eve'],
    ],
    [
      'and',
      {
        and: [
          { source: 'crm' },
          { not: { or: [trait('language', 'EXISTS'), { firstSeen: { from: '2026-05-04T00:00:00Z' } }] } },
        ],
      },
      ['dan'],
    ],
    ['nothing', {}, ['ada', 'bob', 'cyn', 'dan', 'eve']],
  ])('by %s', async (_what, filter, expected) => {
    const found = await list({ filter, ...byFirstSeen('ASC') });
    expect([...found.names].sort()).toEqual(expected);
    expect(found.totalCount).toBe(expected.length);
  });

  it.each<[string, object, string]>([
    ['is nested too deep', { not: { not: { not: { not: { not: { source: 'x' } } } } } }, 'filter.not.not.not.not.not'],
    ['has too many conditions', { or: Array.from({ length: 60 }, () => ({ source: 'x' })) }, 'filter.or[49].source'],
    ['has an empty list', { and: [{ or: [] }] }, 'filter.and[0].or'],
    ['misses a value', { trait: { name: 'language', operator: 'EQUALS' } }, 'filter.trait.value'],
    [
      'has a value too many',
      { not: { trait: { name: 'language', operator: 'EXISTS', value: 1 } } },
      'filter.not.trait.value',
    ],
    ['compares an object', { trait: { name: 'language', operator: 'LESS', value: {} } }, 'filter.trait.value'],
    [
      'has a period that ends before it starts',
      { lastSeen: { from: '2026-05-02T00:00:00Z', to: '2026-05-01T00:00:00Z' } },
      'filter.lastSeen.to',
    ],
  ])('that %s is refused, with the place of the fault', async (_what, filter, field) => {
    await expect(list({ filter })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field } });
  });

  it('leave no prepared statement behind, whatever their shape', async () => {
    const { pool } = view;
    for (const source of ['a', 'b', 'c']) {
      await list({ filter: { or: Array.from({ length: source.charCodeAt(0) - 90 }, () => ({ source })) } });
    }
    const [row] = await pool<{ kept: number }[]>`
      select count(*)::int as kept from pg_prepared_statements 
      where statement like '%from customers c%' and statement not like '%pg_prepared_statements%'`;
    expect(row?.kept).toBe(0);
  });
});

describe('paging', () => {
  it.each(['ASC', 'DESC'])('forwards (%s) sees everybody once, ties included', async (direction) => {
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof list>> = await list({ ...byFirstSeen(direction), first: 2, after });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...page.names);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    const all = await list({ ...byFirstSeen(direction) });
    expect(seen).toEqual(all.names);
    expect([...seen].sort()).toEqual(['ada', 'bob', 'cyn', 'dan', 'eve']);
  });

  it('backwards gives the same order from the other end', async () => {
    const all = await list(byFirstSeen('ASC'));
    const end = await list({ ...byFirstSeen('ASC'), last: 2 });
    expect(end.names).toEqual(all.names.slice(-2));
    expect(end.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
    const middle = await list({ ...byFirstSeen('ASC'), last: 2, before: end.pageInfo.startCursor });
    expect(middle.names).toEqual(all.names.slice(1, 3));
    expect(middle.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
  });

  it('takes the cursor of any edge', async () => {
    const all = await list(byFirstSeen('DESC'));
    const rest = await list({ ...byFirstSeen('DESC'), after: all.edges[1]!.cursor });
    expect(rest.names).toEqual(all.names.slice(2));
  });

  it('neither skips nor repeats when somebody new comes in between', async () => {
    const first = await list({ ...byFirstSeen('DESC'), first: 2 });
    await meet({ user: 'fay', day: '09', source: 'late', traits: {}, orders: [] });
    const second = await list({ ...byFirstSeen('DESC'), first: 2, after: first.pageInfo.endCursor });
    expect(new Set([...first.names, ...second.names]).size).toBe(4);
    expect(second.names).not.toContain('fay');
  });

  it.each([0, 201, -1])('refuses a page of %i', async (first) => {
    await expect(list({ first })).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'first' } });
  });

  it('refuses cursors that are none, and those of another order', async () => {
    const { edges } = await list(byFirstSeen('ASC'));
    for (const after of [
      '',
      'x',
      'Y3VzdG9tZXJz',
      Buffer.from('customers.LAST_SEEN.DESC/99999999999999999/x').toString('base64url'),
      'a'.repeat(5000),
      edges[0]!.cursor,
    ]) {
      await expect(list({ after })).rejects.toMatchObject({ code: 'CURSOR_INVALID', details: { field: 'after' } });
    }
  });
});

describe('without pii:read', () => {
  const poor = ['customers:read'];

  it('identifiers and keys of records are masked', async () => {
    const query = `{ customer(identifier: { kind: "userId", value: "ada" }) { identifiers { value given } records { key identifiers { value } traits { name value masked } } traits { name value masked otherValues { value } provenance { value } } } }`;
    const { customer } = await view.ask<{ customer: unknown }>(query, {}, poor);
    expect(JSON.parse(JSON.stringify(customer))).toEqual({
      identifiers: [{ value: '•••', given: null }],
      records: [
        {
          key: '•••',
          identifiers: [{ value: '•••' }],
          traits: [
            { name: 'city', value: '•••', masked: true },
            { name: 'language', value: 'de', masked: false },
            { name: 'nickname', value: '•••', masked: true },
            { name: 'visits', value: '•••', masked: true },
          ],
        },
      ],
      traits: [
        { name: 'city', value: '•••', masked: true, otherValues: [], provenance: { value: '•••' } },
        { name: 'language', value: 'de', masked: false, otherValues: [], provenance: { value: 'de' } },
        { name: 'nickname', value: '•••', masked: true, otherValues: [], provenance: { value: '•••' } },
        { name: 'visits', value: '•••', masked: true, otherValues: [], provenance: { value: '•••' } },
      ],
    });
  });

  it.each<[object, string]>([
    [{ identifier: { kind: 'userId', value: 'ada' } }, 'filter.identifier'],
    [{ not: { trait: { name: 'city', operator: 'EXISTS' } } }, 'filter.not.trait.name'],
    [{ or: [{ trait: { name: 'whatever', operator: 'EQUALS', value: 1 } }] }, 'filter.or[0].trait.name'],
  ])('a filter on masked values is refused: %j', async (filter, field) => {
    await expect(list({ filter }, poor)).rejects.toMatchObject({
      code: 'FORBIDDEN',
      details: { field, requiredScope: 'pii:read' },
    });
  });

  it('a filter on other traits is fine', async () => {
    const { totalCount } = await list(
      { filter: { trait: { name: 'language', operator: 'EQUALS', value: 'fr' } } },
      poor,
    );
    expect(totalCount).toBe(1);
  });
});

describe('customer(identifier)', () => {
  it('gives the one who was seen with it first when several share it; the filter gives all', async () => {
    const share = (key: string, day: string) =>
      touchpoint({
        source: 'till',
        key,
        occurredAt: `2026-06-${day}T10:00:00Z`,
        identifiers: [
          { kind: 'userId', value: key },
          { kind: 'deviceId', value: 'Tablet' },
        ],
      });
    await fixture.ingest.submit(fixture.ctx, [share('gus', '03'), share('hal', '01'), share('ida', '02')]);
    const { customer } = await view.ask<{ customer: { identifiers: { value: string }[] } }>(
      '{ customer(identifier: { kind: "deviceId", value: "TABLET" }) { identifiers { value } } }',
    );
    expect(customer.identifiers.map((identifier) => identifier.value)).toContain('hal');
    const all = await list({ filter: { identifier: { kind: 'deviceId', value: 'tablet' } } });
    expect(all.totalCount).toBe(3);
  });

  it('is null for what nobody carries', async () => {
    expect(await view.ask('{ customer(identifier: { kind: "userId", value: "nobody" }) { id } }')).toEqual({
      customer: null,
    });
    expect(await view.ask('{ customer(identifier: { kind: "email", value: "no e-mail" }) { id } }')).toEqual({
      customer: null,
    });
  });
});
