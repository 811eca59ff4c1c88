import {
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Boundary } from '../../src/kernel/boundary.ts';
import type { Viewer } from '../../src/kernel/context.ts';
import { conditionFields } from '../../src/server/boundary-rules/condition-fields.ts';
import { nodeRules } from '../../src/server/boundary-rules/node-rules.ts';
import { allRules, ruleOf } from '../../src/server/boundary-rules/rule-of.ts';
import { refusedFields } from '../../src/server/document-access.ts';
import { createSchema } from '../../src/server/schema.ts';
import { nodeFinders } from '../../src/server/wiring.ts';

const schema = createSchema(new Map());
const objectTypes = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !type.name.startsWith('__'),
);
const coordinates = objectTypes.flatMap((type) =>
  Object.keys(type.getFields()).map((field) => [type.name, field] as const),
);

describe('every field of the schema has a rule for keys whose data are limited', () => {
  test('and where there is none, it is named here', () => {
    const without = coordinates.filter(([type, field]) => ruleOf(type, field) === undefined);
    expect(without.map(([type, field]) => `${type}.${field}`)).toEqual([]);
  });

  test('no rule is of something that the schema does not have', () => {
    const stale = Object.entries(allRules).flatMap(([name, rules]) => {
      const type = schema.getType(name);
      if (!isObjectType(type)) return [name];
      if (typeof rules === 'string') return [];
      return Object.keys(rules)
        .filter((field) => field !== '*' && !type.getFields()[field])
        .map((field) => `${name}.${field}`);
    });
    expect(stale).toEqual([]);
  });

  test('a type with one rule for all of its fields leads to nobody by itself', () => {
    const leading = objectTypes
      .filter(({ name }) => typeof allRules[name] === 'string' && allRules[name] !== 'OTHERS')
      .flatMap((type) => leadsTo(type).map((field) => `${type.name}.${field}`));
    expect(leading).toEqual([]);
  });

  test('whatever leads to a customer, a record or a touchpoint is cut there, or refused', () => {
    const people = ['Customer', 'SourceRecord', 'Touchpoint'];
    const open = coordinates.filter(([type, field]) => {
      const of = (schema.getType(type) as GraphQLObjectType).getFields()[field]!;
      const isList = /Connection$|Edge$/.test(type);
      return (
        !isList && people.includes(getNamedType(of.type).name) && ['FREE', 'INSIDE'].includes(ruleOf(type, field)!)
      );
    });
    expect(open.map(([type, field]) => `${type}.${field}`)).toEqual([]);
  });

  test('a new field would be refused, and found by this test', () => {
    expect(ruleOf('Customer', 'secrets')).toBeUndefined();
    expect(ruleOf('Query', 'secrets')).toBeUndefined();
    expect(ruleOf('CustomerConnection', 'averageAge')).toBeUndefined();
    expect(ruleOf('Mutation', 'anything')).toBe('OTHERS');
  });
});

test('every kind of id that node(id) takes has a rule', () => {
  expect([...nodeFinders.keys()].filter((prefix) => nodeRules[prefix] === undefined)).toEqual([]);
});

test('every interface is known: fields of interfaces are let through, as what they are of was found by a rule', () => {
  expect(
    Object.values(schema.getTypeMap())
      .filter(isInterfaceType)
      .map(({ name }) => name),
  ).toEqual(['Node']);
});

test('whatever takes a condition is known: conditions could tell what fields may not', () => {
  const roots = [schema.getQueryType()!, schema.getMutationType()!, schema.getSubscriptionType()!];
  const taking = roots.flatMap((root) =>
    Object.values(root.getFields())
      .filter(({ args }) => args.some((arg) => takes(getNamedType(arg.type), 'ConditionInput')))
      .map(({ name }) => `${root.name}.${name}`),
  );
  expect(taking.length).toBeGreaterThan(0);
  expect(taking.filter((coordinate) => !conditionFields.has(coordinate))).toEqual([]);
});

describe('a document is looked at before anything of it runs', () => {
  const segments = { segments: ['01890a5d-ac96-774b-bcce-b302099a8057'] };

  test.each<[string, Boundary, string, string[]]>([
    ['a field of everybody', segments, '{ households { nodes { id } } }', ['Query.households', 'Household.id']],
    [
      'a nested one',
      segments,
      '{ customers { nodes { id relations { households { role } } } } }',
      ['Customer.relations', 'CustomerRelations.households', 'HouseholdRelation.role'],
    ],
    [
      'in a fragment',
      segments,
      '{ customers { nodes { ...f } } } fragment f on Customer { regroupings { id } }',
      ['Customer.regroupings', 'IdentityRegrouping.id'],
    ],
    ['behind an interface', segments, '{ node(id: "x") { id ... on Household { name } } }', ['Household.name']],
    [
      'every mutation',
      segments,
      'mutation { scoreCustomers { customers } }',
      ['Mutation.scoreCustomers', 'ScoreCustomersPayload.customers'],
    ],
    [
      'what is of whole customers',
      { touchpointTypes: ['order.*'] },
      '{ customers { nodes { id orders { orders } } } }',
      ['Customer.orders'],
    ],
    [
      'what is of whole records',
      { stores: ['Basel'] },
      '{ customers { nodes { records { id traits { name } } } } }',
      ['SourceRecord.traits', 'RecordTrait.name'],
    ],
    [
      'but not of records of one source',
      { sources: ['pos'] },
      '{ customers { nodes { records { id traits { name } } } } }',
      [],
    ],
    [
      'nor whole customers for who sees whole ones',
      segments,
      '{ customers { nodes { orders { orders } kpis { orders } } } }',
      [],
    ],
    [
      'a denied field',
      { fields: { deny: ['Customer.identifiers'] } },
      '{ customers { nodes { id identifiers { value } } } }',
      ['Customer.identifiers'],
    ],
    [
      'a denied type',
      { fields: { deny: ['Identifier.*'] } },
      '{ customers { nodes { identifiers { value } } } }',
      ['Identifier.value'],
    ],
    [
      'a denied field behind an interface',
      { fields: { deny: ['Customer.id'] } },
      '{ node(id: "x") { id } }',
      ['Node.id'],
    ],
    [
      'what is not allowed',
      { fields: { allow: ['Query.customer', 'Customer.traits'] } },
      '{ customer { id traits { name } } segments { nodes { id } } }',
      ['Customer.id', 'Query.segments'],
    ],
    [
      'what is allowed, with what is below',
      { fields: { allow: ['Query.customers', 'Customer.id'] } },
      '{ customers { nodes { id } pageInfo { endCursor } } }',
      [],
    ],
    [
      'conditions, where fields are limited',
      { fields: { deny: ['Customer.traits'] } },
      '{ segmentPreview(text: "everyone") { size } }',
      ['Query.segmentPreview'],
    ],
  ])('%s', (_what, boundary, query, fields) => {
    expect(refused(query, { boundary })).toEqual(fields);
  });

  test('who only sends may ask for what became of it, and nothing else', () => {
    const sent = 'mutation { ingest(events: []) { accepted results { messageId status } } }';
    expect(refused(sent, { writeOnly: true })).toEqual([]);
    expect(refused('{ viewer { name } }', { writeOnly: true })).toEqual(['Query.viewer']);
    expect(refused('subscription { changes { cursor } }', { writeOnly: true })).toEqual(['Subscription.changes']);
  });

  test('nothing is refused to a key without a boundary', () => {
    expect(refused('{ households { nodes { id } } }', {})).toEqual([]);
  });

  test('an operation that is not run is not looked at', () => {
    const both = 'query a { viewer { name } } query b { households { nodes { id } } }';
    expect(refused(both, { boundary: segments })).toEqual([]);
  });
});

function refused(query: string, rights: Pick<Viewer, 'boundary' | 'writeOnly'>): string[] {
  const document = parse(query);
  const viewer: Viewer = { keyId: 'x', name: 'x', scopes: new Set(), ...rights };
  const operation = document.definitions[0] as OperationDefinitionNode;
  return refusedFields(schema as GraphQLSchema, document, { operation, viewer }).map(
    ({ originalError }) => (originalError as unknown as { details: { field: string } }).details.field,
  );
}

/** Fields by which a type leads to one whose fields have rules of their own. */
function leadsTo(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields())
    .filter((field) => typeof allRules[getNamedType(field.type).name.replace(/Connection$|Edge$/, '')] === 'object')
    .map(({ name }) => name);
}

function takes(type: GraphQLNamedType, wanted: string, seen = new Set<string>()): boolean {
  if (type.name === wanted) return true;
  if (!isInputObjectType(type) || seen.has(type.name)) return false;
  seen.add(type.name);
  return Object.values(type.getFields()).some((field) => takes(getNamedType(field.type), wanted, seen));
}
