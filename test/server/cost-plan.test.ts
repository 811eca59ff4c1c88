import fc from 'fast-check';
import {
  buildSchema,
  defaultFieldResolver,
  executeSync,
  type GraphQLObjectType,
  getOperationAST,
  parse,
  validate,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { CostCompiler } from '../../src/server/cost-compiler.ts';
import { estimateCost, eventsOf, measureCost, openingOf } from '../../src/server/cost-plan.ts';

const schema = buildSchema(`
  interface Thing { id: ID! }
  type Person implements Thing {
    id: ID! name: String!
    friends(first: Int! = 5): [Person!]!
    posts(first: Int, last: Int): PostConnection!
    tags: [Tag!]!
    best: Person
  }
  type Tag { name: String! owner: Person! }
  type Post implements Thing { id: ID! title: String! author: Person! likes: [Person!]! }
  type PostEdge { cursor: String! node: Post! }
  type PageInfo { hasNextPage: Boolean! }
  type PostConnection { edges: [PostEdge!]! nodes: [Post!]! pageInfo: PageInfo! }
  type Payload { person: Person }
  type Query { person(id: ID): Person thing: Thing people(first: Int): [Person!]! }
  type Mutation { ingest(events: [Int!]!): Payload rename: Payload }
  type Subscription { renamed: Payload }
`);
// As in the platform: what looks something up has a resolver.
for (const [type, names] of Object.entries({
  Person: ['friends', 'posts', 'tags', 'best'],
  Post: ['author', 'likes'],
  Tag: ['owner'],
})) {
  for (const name of names)
    (schema.getType(type) as GraphQLObjectType).getFields()[name]!.resolve = defaultFieldResolver;
}

const compiler = new CostCompiler(schema);

function compile(query: string) {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  return compiler.compile(document, getOperationAST(document)!);
}

const estimate = (query: string, variables = {}) => estimateCost(compile(query), variables);
const measure = (query: string, data: object, variables = {}) =>
  measureCost(compile(query), variables, data as Record<string, unknown>);

describe('at worst', () => {
  test.each<[string, number, object?]>([
    // A look-up is a point; what comes with its object is none.
    ['{ __typename }', 1],
    ['{ person { id name } }', 1],
    ['{ a: person { id } b: person { id } c: person { id } }', 3],
    ['{ person { best { best { id } } } }', 3],
    // A list is a point, and one for each of its objects.
    ['{ person { friends { name } } }', 1 + 1 + 5],
    ['{ person { friends(first: 3) { name } } }', 1 + 1 + 3],
    ['{ person { friends(first: 3) { friends(first: 2) { name } } } }', 1 + 1 + 3 * (1 + (1 + 2))],
    ['query ($n: Int!) { person { friends(first: $n) { name } } }', 1 + 1 + 7, { n: 7 }],
    ['query ($n: Int! = 7) { person { friends(first: $n) { name } } }', 1 + 1 + 7, { n: 7 }],
    // Nobody says how many: 50 of a page, 10 of another list.
    ['{ people { name } }', 1 + 50],
    ['{ person { tags { name } } }', 1 + 1 + 10],
    ['{ person { tags { owner { name } } } }', 1 + 1 + 10 * 2],
    // No page is longer than 200, whatever is asked for; that is refused later.
    ['{ person { friends(first: 1000000) { name } } }', 1 + 1 + 200],
    ['{ person { friends(first: -5) { name } } }', 1 + 1],
    // A connection costs its objects once, in whichever form, and when it shows none.
    ['{ person { posts(first: 3) { nodes { title } } } }', 1 + 1 + 3],
    ['{ person { posts(last: 4) { edges { cursor node { title } } } } }', 1 + 1 + 4],
    ['{ person { posts(first: 3) { nodes { title } edges { node { id } } } } }', 1 + 1 + 3],
    ['{ person { posts(first: 3) { pageInfo { hasNextPage } } } }', 1 + 1 + 3],
    ['{ person { posts(first: 3) { nodes { author { name } } } } }', 1 + 1 + 3 * 2],
    ['{ person { posts(first: 3) { edges { node { author { name } } } } } }', 1 + 1 + 3 * 2],
    // What is one field in the answer counts once; aliases are fields of their own.
    ['{ person { best { id } best { name } ...F } } fragment F on Person { best { name } }', 2],
    ['{ person { a: best { id } b: best { id } } }', 3],
    ['{ person { friends(first: 2) { id } friends(first: 2) { best { id } } } }', 1 + 1 + 2 * 2],
    // Of an interface the dearest type counts, not all of them.
    ['{ thing { ... on Person { best { id } } ... on Post { author { id } likes { id } } } }', 1 + 1 + 11],
    ['{ thing { ... on Person { a: best { id } } ... on Person { b: best { id } c: best { id } } } }', 1 + 3],
    ['{ person { ... on Thing { id ... on Person { best { id } } } } }', 2],
    // What is left out costs nothing; what was asked for by a variable does.
    ['query ($yes: Boolean!) { person { best @include(if: $yes) { id } } }', 2, { yes: true }],
    ['query ($yes: Boolean!) { person { best @include(if: $yes) { id } } }', 1, { yes: false }],
    ['query ($yes: Boolean!) { person { ... @skip(if: $yes) { best { id } } best { name } } }', 2, { yes: true }],
    [
      'query ($yes: Boolean!) { person { ...F @skip(if: $yes) } } fragment F on Person { best { id } }',
      2,
      { yes: false },
    ],
    ['{ person { best @skip(if: true) { id } } }', 1],
    // Mutations cost ten, ingestion by its events, subscriptions by their events.
    ['mutation { rename { person { name } } }', 10],
    ['mutation { a: rename { person { best { id } } } b: rename { person { id } } }', 21],
    ['mutation { ingest(events: [1, 2, 3]) { person { name } } }', 2],
    ['mutation ($e: [Int!]!) { ingest(events: $e) { person { name } } }', 101, { e: Array(1_000).fill(1) }],
    // The schema is answered from memory.
    ['{ __schema { types { name fields { name type { name } } } } }', 100],
    ['{ __type(name: "Person") { name } }', 10],
  ])('%s: %d', (query, points, variables) => {
    expect(estimate(query, variables)).toBe(points);
  });

  test('a subscription: ten to open it, then for each event one and what it shows', () => {
    const set = compile('subscription { renamed { person { friends(first: 4) { name } } } }');
    expect(estimateCost(openingOf(set), {})).toBe(10);
    expect(estimateCost(eventsOf(set), {})).toBe(1 + 1 + 4);
  });
});

describe('by the answer', () => {
  test.each<[string, object, number]>([
    ['{ person { best { id } } }', { person: null }, 1],
    ['{ person { best { id } } }', { person: { best: null } }, 2],
    ['{ person { friends(first: 100) { name } } }', { person: { friends: [{ name: 'a' }] } }, 1 + 1 + 1],
    ['{ person { friends(first: 100) { name } } }', { person: { friends: [] } }, 2],
    [
      '{ person { f: friends(first: 9) { best { id } } } }',
      { person: { f: [{ best: null }, { best: null }] } },
      2 + 2 * 2,
    ],
    [
      '{ person { posts(first: 9) { nodes { author { id } } } } }',
      { person: { posts: { nodes: [{ author: {} }] } } },
      2 + 2,
    ],
    [
      '{ person { posts { e: edges { node { author { id } } } } } }',
      { person: { posts: { e: [{ node: { author: {} } }] } } },
      4,
    ],
    // It doesn't show how many were read: no more is given back than is known.
    ['{ person { posts(first: 9) { pageInfo { hasNextPage } } } }', { person: { posts: { pageInfo: {} } } }, 2 + 9],
    ['{ thing { ... on Person { best { id } } ... on Post { likes { id } } } }', { thing: { best: { id: 1 } } }, 2],
    ['{ __typename }', { __typename: 'Query' }, 1],
  ])('%s with %j: %d', (query, data, points) => {
    expect(measure(query, data)).toBe(points);
  });
});

/** A world in which every list has as many members as its `first` allows, up to three. */
function worldOf(size: number) {
  const make = (depth: number): Record<string, unknown> => {
    const several = (count: number, of: () => unknown) =>
      Array.from({ length: depth > 4 ? 0 : Math.min(size, count) }, of);
    const next = () => make(depth + 1);
    const post = () => ({ __typename: 'Post', id: 'p', title: 't', author: next, likes: () => several(10, next) });
    return {
      __typename: 'Person',
      id: 'x',
      name: 'n',
      best: depth > 4 ? null : next,
      friends: ({ first }: { first: number }) => several(first, next),
      tags: () => several(10, () => ({ name: 't', owner: next })),
      posts: ({ first, last }: { first?: number; last?: number }) => {
        const nodes = several(first ?? last ?? 50, post);
        return { nodes, edges: nodes.map((node) => ({ cursor: 'c', node })), pageInfo: { hasNextPage: false } };
      },
    };
  };
  return {
    person: () => make(0),
    thing: () => make(0),
    people: ({ first }: { first?: number }) => Array.from({ length: Math.min(size, first ?? 50) }, () => make(0)),
  };
}

const leaf = fc.constantFrom('id', 'name', '__typename');
const selection: fc.Arbitrary<string> = fc.letrec<{ one: string; set: string }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'query' },
    leaf,
    tie('set').map((set) => `best { ${set} }`),
    fc.tuple(fc.nat(3), tie('set')).map(([first, set]) => `f${first}: friends(first: ${first}) { ${set} }`),
    fc
      .tuple(fc.nat(3), tie('set'))
      .map(([first, set]) => `p${first}: posts(first: ${first}) { nodes { author { ${set} } } }`),
    fc
      .tuple(fc.nat(3), tie('set'))
      .map(([last, set]) => `e${last}: posts(last: ${last}) { edges { node { likes { ${set} } } } }`),
    tie('set').map((set) => `tags { owner { ${set} } }`),
    tie('set').map((set) => `... on Thing { ... on Person { ${set} } }`),
    fc.tuple(fc.boolean(), tie('set')).map(([yes, set]) => `... @include(if: ${yes}) { ${set} }`),
  ),
  set: fc.array(tie('one'), { minLength: 1, maxLength: 3, depthIdentifier: 'query' }).map((all) => all.join(' ')),
})).set;

describe('for random operations', () => {
  const operation = fc
    .tuple(fc.constantFrom('person', 'thing', 'people(first: 2)'), selection)
    .map(([root, set]) => (root === 'thing' ? `{ thing { ... on Person { ${set} } } }` : `{ ${root} { ${set} } }`));

  test('no answer costs more than was asked for, and a full one costs just that', () => {
    let full = 0;
    fc.assert(
      fc.property(operation, fc.nat(10), (query, size) => {
        const document = parse(query);
        fc.pre(validate(schema, document).length === 0);
        const set = compile(query);
        const { data, errors } = executeSync({ schema, document, rootValue: worldOf(size) });
        expect(errors).toBeUndefined();
        const [worst, actual] = [estimateCost(set, {}), measureCost(set, {}, data!)];
        expect(actual).toBeLessThanOrEqual(worst);
        expect(actual).toBeGreaterThanOrEqual(1);
        if (size === 10) full += Number(actual === worst);
      }),
      { numRuns: 600 },
    );
    expect(full).toBeGreaterThan(5);
  });
});
