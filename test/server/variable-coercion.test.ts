import fc from 'fast-check';
import { getVariableValues, type OperationDefinitionNode, parse } from 'graphql';
import { expect, test } from 'vitest';
import { createSchema } from '../../src/server/schema.ts';
import { compileVariables } from '../../src/server/variable-coercion.ts';
import { library } from '../support/library-schema.ts';

const platform = createSchema(new Map());

type Values = Record<string, unknown>;

function bothWays(schema: typeof library, variables: string, given: Values) {
  const operation = parse(`query (${variables}) { __typename }`).definitions[0] as OperationDefinitionNode;
  const definitions = operation.variableDefinitions ?? [];
  return {
    ours: compileVariables(schema, definitions)(given),
    theirs: getVariableValues(schema, definitions, given).coerced,
  };
}

const coerced: [name: string, variables: string, given: Values][] = [
  ['scalars', '$a: String, $b: Int!, $c: Float, $d: Boolean', { a: '', b: 3, c: 3, d: false }],
  ['ids that are numbers', '$a: ID!, $b: [ID!]', { a: 7, b: ['1', 2] }],
  ['null', '$a: String, $b: [Int], $c: Wish', { a: null, b: null, c: null }],
  ['absent variables', '$a: String, $b: Int', {}],
  ['default values', '$a: String = "x", $b: [Int!]! = [1], $c: Wish = { number: 1 }', {}],
  ['null instead of a default value', '$a: String = "x"', { a: null }],
  ['lists of lists, with nulls', '$a: [[Int]]', { a: [[1, null], null, []] }],
  ['enums with inner values', '$a: Color!, $b: [Color]', { a: 'RED', b: ['BLUE', null] }],
  ['custom scalars that become something else', '$a: Day, $b: [Day!]', { a: '2026-03-29', b: ['2026-03-29'] }],
  ['input objects', '$a: Wish', { a: { number: 3, text: null, nested: { days: ['2026-01-01'], color: 'BLUE' } } }],
  ['defaults in input objects', '$a: Wish, $b: [Nested!]', { a: { nested: {} }, b: [{}, { color: null }] }],
  ['variables that the operation does not know', '$a: Int', { a: 1, b: 2 }],
];

test.each(coerced)('%s: as graphql-js', (_name, variables, given) => {
  const before = structuredClone(given);
  const { ours, theirs } = bothWays(library, variables, given);
  expect(theirs).toBeDefined();
  expect(plain(ours)).toEqual(plain(theirs));
  expect(given).toEqual(before);
});

const left: [name: string, variables: string, given: Values][] = [
  ['a missing variable', '$a: Int!', {}],
  ['null for what must not be', '$a: Int!', { a: null }],
  ['null in a list that must be full', '$a: [Int!]', { a: [1, null] }],
  ['a wrong scalar', '$a: String', { a: 5 }],
  ['a wrong custom scalar', '$a: Day', { a: 'never' }],
  ['an unknown enum value', '$a: Color', { a: 'PINK' }],
  ['a name from the prototype of objects', '$a: Color, $b: Wish', { a: 'toString', b: { constructor: 1 } }],
  ['an unknown member', '$a: Wish', { a: { number: 1, other: 2 } }],
  ['a member __proto__', '$a: Wish', { a: JSON.parse('{ "__proto__": { "number": 1 } }') }],
  ['a missing member', '$e: TouchpointInput!', { e: { messageId: '1', source: 'web', type: 'x' } }],
  ['a list for an object', '$a: Wish', { a: [] }],
  ['text for an object', '$a: Wish', { a: 'x' }],
  ['one value for a list', '$a: [Int]', { a: 1 }],
  ['@oneOf', '$a: One!', { a: { id: '7' } }],
];

test.each(left)('%s is left to graphql-js', (_name, variables, given) => {
  expect(bothWays(variables.includes('Touchpoint') ? platform : library, variables, given).ours).toBeUndefined();
});

test('a draft in order is passed on, not copied', () => {
  const event = { type: 'x', source: 'web', messageId: '1', occurredAt: '2026-03-29T03:30:00Z', channel: 'WEB' };
  const given = {
    events: [{ ...event, identifiers: [{ value: 'a@b.ch', kind: 'email' }], traits: { a: { b: [1] } } }],
  };
  const { ours, theirs } = bothWays(platform, '$events: [TouchpointInput!]!', given);
  expect(ours!.events).toBe(given.events);
  expect(plain(ours)).toEqual(plain(theirs));
});

const scalar = fc.oneof(
  fc.constantFrom('WEB', 'INBOUND', 'x', '', '1.5', '2026-03-29T03:30:00Z'),
  fc.constantFrom(0, 1.5, -1, 2 ** 40, true, null),
);
const json = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }), fc.dictionary(fc.string(), scalar, { maxKeys: 2 }));
/** Mostly in order, so that a fault is met late as well as soon. */
const spoiled = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 30, arbitrary: value }, json);
const object = (members: Record<string, fc.Arbitrary<unknown>>, required: string[]) => {
  const spoiledMembers = Object.fromEntries(Object.entries(members).map(([name, value]) => [name, spoiled(value)]));
  return fc.record(spoiledMembers, { requiredKeys: required });
};
const text = fc.string({ maxLength: 5 });
const event = object(
  {
    messageId: text,
    source: text,
    type: text,
    occurredAt: json,
    key: fc.option(text),
    channel: fc.constantFrom('WEB', 'POS', null),
    direction: fc.constantFrom('INBOUND', null),
    identifiers: fc.option(fc.array(object({ kind: text, value: text }, ['kind', 'value']), { maxLength: 2 })),
    traits: fc.option(fc.dictionary(text, json, { maxKeys: 2 })),
    value: fc.option(object({ amount: json, currency: text }, ['amount', 'currency'])),
    lines: fc.option(
      fc.array(object({ sku: text, quantity: fc.double({ noNaN: true }), price: json }, ['sku', 'quantity', 'price'])),
    ),
  },
  ['messageId', 'source', 'type', 'occurredAt'],
);

test('whatever is sent, the values are those of graphql-js, and what it refuses is left to it', () => {
  const answers = { ours: 0, left: 0 };
  fc.assert(
    fc.property(fc.array(spoiled(event), { maxLength: 3 }), (events) => {
      const { ours, theirs } = bothWays(platform, '$events: [TouchpointInput!]!', { events });
      if (ours) expect(plain(ours)).toEqual(plain(theirs));
      else if (theirs) expect(events.some(hasLoneValue)).toBe(true);
      answers[ours ? 'ours' : 'left'] += 1;
    }),
    { numRuns: 1000 },
  );
  expect(answers.ours).toBeGreaterThan(100);
  expect(answers.left).toBeGreaterThan(100);
});

/** One object where a list is expected: right, and left to graphql-js all the same. */
function hasLoneValue(event: unknown): boolean {
  const { identifiers, lines } = (event ?? {}) as Values;
  return [identifiers, lines].some((list) => list !== null && list !== undefined && !Array.isArray(list));
}

/** Prototypes are all the same to whoever reads them. */
function plain(values: unknown): unknown {
  return values === undefined ? undefined : structuredClone({ ...(values as Values) });
}
