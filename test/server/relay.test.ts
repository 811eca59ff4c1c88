import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePublicId, toPublicId } from '../../src/kernel/ids.ts';
import { createSchema } from '../../src/server/schema.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { RelayWorld } from './relay-world.ts';

const schema: GraphQLSchema = createSchema(new Map());
const objects = Object.values(schema.getTypeMap()).filter(isObjectType);
const nodeTypes = schema.getPossibleTypes(schema.getType('Node') as never);

interface ConnectionField {
  readonly place: string;
  readonly parent: GraphQLObjectType;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Every field in the schema that is a list with cursors. */
const connectionFields: ConnectionField[] = objects.flatMap((parent) =>
  Object.values(parent.getFields())
    .filter(({ type }) => getNamedType(type).name.endsWith('Connection'))
    .map((field) => ({ place: `${parent.name}.${field.name}`, parent, field })),
);
const argumentOf = ({ field }: ConnectionField, name: string) => {
  const found = field.args.find((argument) => argument.name === name);
  return found && String(found.type);
};

describe('the schema follows the connection specification of Relay', () => {
  const connections = objects.filter(({ name }) => name.endsWith('Connection'));

  test.each(connections.map((type) => [type.name, type] as const))('%s', (_name, type) => {
    const { edges, pageInfo, nodes } = type.getFields();
    const edge = getNamedType(edges!.type) as GraphQLObjectType;
    expect(String(edges!.type)).toBe(`[${edge.name}!]!`);
    expect(edge.name).toMatch(/Edge$/);
    expect(String(pageInfo!.type)).toBe('PageInfo!');
    const { node, cursor } = edge.getFields();
    // A scalar, enum, interface, union or object, or non-null of it; never a list.
    const inner = isNonNullType(node!.type) ? node!.type.ofType : node!.type;
    expect(isListType(inner)).toBe(false);
    expect(String(nodes!.type)).toBe(`[${getNamedType(node!.type).name}!]!`);
    const scalar = getNamedType(cursor!.type);
    expect(isScalarType(scalar) && typeof scalar.serialize('abc')).toBe('string');
  });

  test('what has pages is called a connection, and only that', () => {
    const paged = objects.filter((type) => 'pageInfo' in type.getFields()).map(({ name }) => name);
    // A table has rows, and no nodes.
    expect(paged.splice(paged.indexOf('MetricTable'), 1)).toEqual(['MetricTable']);
    expect(paged).toEqual(connections.map(({ name }) => name));
    expect(connectionFields.length).toBeGreaterThan(25);
  });

  test('PageInfo', () => {
    const fields = Object.values((schema.getType('PageInfo') as GraphQLObjectType).getFields());
    expect(Object.fromEntries(fields.map(({ name, type }) => [name, String(type)]))).toEqual({
      hasNextPage: 'Boolean!',
      hasPreviousPage: 'Boolean!',
      startCursor: 'Cursor',
      endCursor: 'Cursor',
    });
  });

  test.each(connectionFields.map((one) => [one.place, one] as const))('%s takes its arguments', (_place, one) => {
    expect([argumentOf(one, 'first'), argumentOf(one, 'after')]).toEqual(['Int', 'Cursor']);
    const backward = [argumentOf(one, 'last'), argumentOf(one, 'before')];
    expect([
      [undefined, undefined],
      ['Int', 'Cursor'],
    ]).toContainEqual(backward);
    expect(isNonNullType(one.field.type)).toBe(true);
  });
});

describe('the schema follows the object identification of Relay', () => {
  test('Node and Query.node', () => {
    const node = schema.getType('Node');
    expect(
      isInterfaceType(node) && Object.values(node.getFields()).map(({ name, type }) => `${name}: ${type}`),
    ).toEqual(['id: ID!']);
    const { node: root } = schema.getQueryType()!.getFields();
    expect(String(root!.type)).toBe('Node');
    expect(root!.args.map(({ name, type }) => `${name}: ${type}`)).toEqual(['id: ID!']);
  });
});

let server: TestServer;
let world: RelayWorld;
beforeAll(async () => {
  server = await startTestServer();
  world = new RelayWorld(server, schema);
  await world.fill();
}, 60_000);
afterAll(() => server.close());

describe('an id leads back to what it is of', () => {
  test.each(nodeTypes.map(({ name }) => name))('%s', async (name) => {
    const id = world.ids.get(name);
    expect(id, `There is no ${name} in the test's world: make one.`).toBeDefined();
    const query = 'query ($id: ID!) { node(id: $id) { __typename id } }';
    expect(await world.ask(query, { id })).toEqual({ node: { __typename: name, id } });
    const { prefix } = parsePublicId(id!)!;
    const nobody = toPublicId(prefix as 'cus', '01990000-0000-7000-8000-000000000000');
    expect(await world.ask(query, { id: nobody })).toEqual({ node: null });
  });

  test('what is no id, or not one of a node, is refused', async () => {
    for (const id of ['', 'x', 'cus_', 'cus_zzz', toPublicId('lot', '01990000-0000-7000-8000-000000000000')]) {
      const { errors } = await server.graphql('query ($id: ID!) { node(id: $id) { id } }', { id });
      expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'id' });
    }
  });
});

interface Page {
  readonly edges: readonly {
    readonly cursor: string;
    readonly node: { readonly __typename: string; readonly id?: string };
  }[];
  readonly nodes: readonly object[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** What takes more than this world has to have something in it. */
const mayBeEmpty = new Set([
  'CustomerLifecycle.transitions',
  'Query.quarantine',
  'Query.refusedLinks',
  'Query.overusedIdentifiers',
]);
/** Those to which another way leads than by the id of their parent. */
const ways: Record<string, (inner: string) => [string, (data: Found) => unknown]> = {
  CustomerLifecycle: (inner) => [`... on Customer { lifecycle { ${inner} } }`, (data) => data.lifecycle],
  LoyaltyMember: (inner) => [`... on Customer { loyalty { ${inner} } }`, (data) => (data.loyalty as unknown[])[0]],
};
type Found = Record<string, unknown>;

const page =
  '{ edges { cursor node { __typename } } nodes { __typename } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';

/** Arguments that a list can't do without. */
const needed: Record<string, string> = {
  'Query.loyaltyDecisions': 'customerId: $id, programId: $programId',
  'Query.loyaltyRewards': 'programId: $programId',
  'Query.loyaltyVouchers': 'customerId: $id, programId: $programId',
};

/** One page of a list, wherever it is. */
async function read({ place, parent, field }: ConnectionField, args: Record<string, unknown>): Promise<Page> {
  const given = [
    ...Object.entries(args).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ...(needed[place] ? [needed[place]] : []),
  ];
  const inner = `list: ${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${page}`;
  if (parent === schema.getQueryType()) {
    const known = { id: world.ids.get('Customer'), programId: world.ids.get('LoyaltyProgram') };
    const used = Object.keys(known).filter((name) => needed[place]?.includes(`$${name}`));
    const declared = used.length > 0 ? `query (${used.map((name) => `$${name}: ID!`).join(', ')}) ` : '';
    return (await world.ask<{ list: Page }>(`${declared}{ ${inner} }`, known)).list;
  }
  const way = ways[parent.name];
  const [selection, find] = way ? way(inner) : [`... on ${parent.name} { ${inner} }`, (data: Found) => data];
  const id = world.ids.get(way ? 'Customer' : parent.name);
  const { node } = await world.ask<{ node: Found }>(`query ($id: ID!) { node(id: $id) { ${selection} } }`, { id });
  return (find(node) as { list: Page }).list;
}

const cursorsOf = ({ edges }: Page) => edges.map(({ cursor }) => cursor);

describe('a list', () => {
  test.each(connectionFields.map((one) => [one.place, one] as const))(
    '%s is the same by pages and at once',
    async (place, one) => {
      const whole = await read(one, { first: 200 });
      if (!mayBeEmpty.has(place)) expect(whole.edges.length, `${place} is empty: fill it.`).toBeGreaterThan(0);
      const all = cursorsOf(whole);
      expect(new Set(all).size).toBe(all.length);
      expect(whole.nodes).toEqual(whole.edges.map(({ node }) => node));
      expect(whole.pageInfo).toEqual({
        hasNextPage: false,
        hasPreviousPage: false,
        startCursor: all[0] ?? null,
        endCursor: all.at(-1) ?? null,
      });

      const walked: string[] = [];
      let after: string | null = null;
      do {
        const part: Page = await read(one, { first: 2, ...(after === null ? {} : { after }) });
        expect(part.edges.length).toBeLessThanOrEqual(2);
        walked.push(...cursorsOf(part));
        expect(part.pageInfo.hasNextPage).toBe(walked.length < all.length);
        after = part.pageInfo.hasNextPage ? part.pageInfo.endCursor : null;
      } while (after !== null && walked.length < 50);
      expect(walked).toEqual(all.slice(0, walked.length));
    },
  );

  const backwards = connectionFields.filter((one) => argumentOf(one, 'last') !== undefined);
  test.each(backwards.map((one) => [one.place, one] as const))(
    '%s can be walked backwards, in the same order',
    async (_place, one) => {
      const all = cursorsOf(await read(one, { first: 200 }));
      const walked: string[] = [];
      let before: string | null = null;
      do {
        const part: Page = await read(one, { last: 2, ...(before === null ? {} : { before }) });
        walked.unshift(...cursorsOf(part));
        expect(part.pageInfo.hasPreviousPage).toBe(walked.length < all.length);
        before = part.pageInfo.hasPreviousPage ? part.pageInfo.startCursor : null;
      } while (before !== null && walked.length < 50);
      expect(walked).toEqual(all.slice(-walked.length));
    },
  );

  test.each(connectionFields.map((one) => [one.place, one] as const))(
    '%s refuses what makes no sense',
    async (_place, one) => {
      for (const args of [{ first: -1 }, { first: 0 }, { first: 201 }]) {
        await expect(read(one, args)).rejects.toThrow(/BAD_USER_INPUT/);
      }
      const foreign = Buffer.from('elsewhere/1/01990000-0000-7000-8000-000000000000').toString('base64url');
      for (const after of ['', 'nonsense', foreign])
        await expect(read(one, { after })).rejects.toThrow(/CURSOR_INVALID/);
    },
  );

  test('is not disturbed by what comes in while it is walked', async () => {
    const one = connectionFields.find(({ place }) => place === 'Query.apiKeys')!;
    const before = cursorsOf(await read(one, { first: 200 }));
    const first = await read(one, { first: 2 });
    await world.ask('mutation { createApiKey(input: { name: "late", scopes: [INGEST] }) { apiKey { id } } }');
    const rest = await read(one, { first: 200, after: first.pageInfo.endCursor });
    expect([...cursorsOf(first), ...cursorsOf(rest)]).toEqual(before);
    expect(rest.pageInfo.hasPreviousPage).toBe(true);
  });
});
