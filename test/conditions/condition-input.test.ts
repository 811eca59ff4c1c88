import 'reflect-metadata';
import fc from 'fast-check';
import {
  type ExecutionResult,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  printType,
} from 'graphql';
import { Arg, buildSchemaSync, Extensions, Field, InputType, Query, Resolver } from 'type-graphql';
import { describe, expect, test } from 'vitest';
import { ConditionInput } from '../../src/conditions/condition.input.ts';
import type { Condition } from '../../src/conditions/condition.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { givenCondition } from '../../src/conditions/given-condition.ts';
import { ConditionLanguage } from '../../src/conditions/language.ts';
import { shownCondition } from '../../src/conditions/shown-condition.ts';
import type { Context } from '../../src/kernel/context.ts';
import { randomIds, toPublicId } from '../../src/kernel/ids.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import type { Logger } from '../../src/kernel/log.ts';
import { Metrics } from '../../src/kernel/metrics.ts';
import { DateTime, JsonValue } from '../../src/kernel/scalars.ts';
import { ErrorFormatter } from '../../src/server/format-error.ts';
import { applyOneOf } from '../../src/server/one-of.ts';
import { Operations } from '../../src/server/operations.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { anyConditions } from './arbitraries.ts';
import { texts } from './condition-texts.ts';

@InputType()
class DefineInput {
  @Field(() => ConditionInput)
  readonly definition!: ConditionInput;
}

/** Answers the plain condition that it was given. */
@Resolver()
class EchoResolver {
  @Query(() => JsonValue)
  plain(@Arg('definition', () => ConditionInput) definition: ConditionInput): Condition {
    return givenCondition(definition);
  }

  @Query(() => JsonValue)
  nested(@Arg('input', () => DefineInput) input: DefineInput): Condition {
    return givenCondition(input.definition, 'input.definition');
  }
}

const schema = buildSchemaSync({
  resolvers: [EchoResolver],
  validate: false,
  scalarsMap: [{ type: Date, scalar: DateTime }],
});
applyOneOf(schema);

const operations = new Operations(schema, new Metrics());
const formatter = new ErrorFormatter({ log: {} as Logger, ids: randomIds, metrics: new Metrics() });
const viewer = { keyId: '00000000-0000-7000-8000-000000000000', name: 'test', scopes: new Set<string>() };
const context = { viewer, loaders: new Loaders() } as unknown as Context;
const plainQuery = 'query ($definition: ConditionInput!) { plain(definition: $definition) }';
const nestedQuery = 'query ($definition: ConditionInput!) { nested(input: { definition: $definition }) }';

async function run(query: string, variables: Record<string, unknown> = {}): Promise<ExecutionResult> {
  const document = operations.parse(query);
  const errors = operations.check(document, undefined, context.viewer);
  return errors.length > 0
    ? { errors }
    : operations.execute({ document, operationName: undefined, variables, context });
}

/** The first error, as it leaves the server. */
async function refusalOf(query: string, definition?: unknown) {
  const { errors } = await run(query, { definition });
  const { message, extensions } = formatter.format(errors![0]);
  return { message, ...extensions };
}

/** What a client sends for a condition: the same, with public ids. */
function sent(value: unknown, name = ''): unknown {
  if (name === 'value' || name === 'values') return value;
  if (name === 'segment' || name === 'list') return { id: toPublicId('seg', (value as { id: string }).id) };
  if (name === 'program') return toPublicId('prg', value as string);
  if (Array.isArray(value)) return value.map((item) => sent(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, sent(member, key)]));
}

/** The same value as it stands in a document. */
function literal(value: unknown, given?: GraphQLInputType): string {
  const type = given && getNullableType(given);
  if (Array.isArray(value))
    return `[${value.map((item) => literal(item, isListType(type) ? type.ofType : undefined)).join(', ')}]`;
  if (isEnumType(type)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = isInputObjectType(type) ? type.getFields() : {};
  return `{ ${Object.entries(value)
    .map(([name, member]) => `${name}: ${literal(member, fields[name]?.type)}`)
    .join(', ')} }`;
}

const conditionType = schema.getType('ConditionInput') as GraphQLInputType;

describe('what is given comes out as the plain condition', () => {
  test('whatever the condition, from variables, compiled or not', async () => {
    const property = fc.asyncProperty(anyConditions, async (condition) => {
      const definition = sent(condition);
      expect(await run(plainQuery, { definition })).toEqual({ data: { plain: condition } });
      expect(await run(nestedQuery, { definition })).toEqual({ data: { nested: condition } });
    });
    await fc.assert(property, { numRuns: propertyRuns(300) });
  });

  test('and what is shown of a condition can be given back', async () => {
    const property = fc.asyncProperty(anyConditions, async (condition) => {
      expect(await run(plainQuery, { definition: shownCondition(condition) })).toEqual({ data: { plain: condition } });
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test.each(texts)('from a document: $text', async ({ condition }) => {
    const query = `{ plain(definition: ${literal(sent(condition), conditionType)}) }`;
    // The compiler takes a query when it comes again.
    for (let times = 0; times < 5; times += 1) expect(await run(query)).toEqual({ data: { plain: condition } });
  });

  test('as plain objects, without classes and members that are not there', () => {
    const given = Object.assign(new ConditionInput(), {
      event: {
        match: Object.assign(Object.create(null), { types: ['a'], channels: null, where: undefined }),
        count: { comparison: 'LESS', value: '1', to: null },
        window: { absolute: { from: new Date('2026-01-01T00:00:00Z'), to: null } },
      },
    });
    expect(givenCondition(given)).toStrictEqual({
      event: {
        match: { types: ['a'] },
        count: { comparison: 'LESS', value: '1' },
        window: { absolute: { from: '2026-01-01T00:00:00.000Z' } },
      },
    });
  });

  test('JSON values stay exactly as they are, null too', async () => {
    const value = { a: null, b: [null, { c: null }], values: null };
    const definition = {
      all: [
        { trait: { trait: 'x', operator: 'EQUALS', value } },
        { trait: { trait: 'x', operator: 'IN', values: [value, 1, [null]], value: null } },
        { traitHeld: { trait: 'x', value: null, atLeast: { count: 1, unit: 'DAY' }, lessThan: null } },
      ],
    };
    expect(await run(plainQuery, { definition })).toEqual({
      data: {
        plain: {
          all: [
            { trait: { trait: 'x', operator: 'EQUALS', value } },
            { trait: { trait: 'x', operator: 'IN', values: [value, 1, [null]], value: null } },
            { traitHeld: { trait: 'x', value: null, atLeast: { count: 1, unit: 'DAY' } } },
          ],
        },
      },
    });
  });

  test('instants in any zone and spelling come out in one', async () => {
    const query = '{ plain(definition: { date: { trait: "x", before: "2026-03-29T03:30:00+02:00" } }) }';
    expect(await run(query)).toEqual({ data: { plain: { date: { trait: 'x', before: '2026-03-29T01:30:00.000Z' } } } });
  });

  test('a single condition or entry stands for a list of one', async () => {
    const query = '{ plain(definition: { all: { first: { match: { types: "a" }, window: { ever: true } } } }) }';
    const first = { match: { types: ['a'] }, window: { ever: true } };
    expect(await run(query)).toEqual({ data: { plain: { all: [{ first }] } } });
  });

  test('members of lists can be variables', async () => {
    const query =
      'query ($definition: ConditionInput!) { plain(definition: { all: [{ everyone: true }, $definition] }) }';
    const definition = { not: { everyone: true } };
    for (let times = 0; times < 5; times += 1)
      expect(await run(query, { definition })).toEqual({ data: { plain: { all: [{ everyone: true }, definition] } } });
  });
});

const everyone = { everyone: true };
const first = (window: object) => ({ first: { match: {}, window } });
const orders = (test: object) => ({ fact: { fact: 'ORDERS', ...test } });

const wrong: [what: string, definition: unknown, byVariables: string, byLiterals: string][] = [
  [
    'no member',
    {},
    'Exactly one key must be specified for OneOf type "ConditionInput"',
    'must specify exactly one key',
  ],
  ['two members', { ...everyone, not: everyone }, 'Exactly one key must be specified', 'must specify exactly one key'],
  ['a null beside it', { ...everyone, not: null }, 'Exactly one key must be specified', 'must specify exactly one key'],
  ['a null alone', { everyone: null }, 'Field "everyone" must be non-null', 'must be non-null'],
  ['two windows', first({ ever: true, last: { count: 1, unit: 'DAY' } }), 'OneOf type "WindowInput"', '"WindowInput"'],
  ['two at depth', { all: [{ not: { any: [{ ...everyone, all: [] }] } }] }, 'Exactly one key', 'exactly one key'],
  ['an unknown kind', { everybody: true }, 'Did you mean "everyone"?', 'Did you mean "everyone"?'],
  ['an unknown member', first({ always: true }), '"always" is not defined', '"always" is not defined'],
  ['a missing member', { first: { match: {} } }, '"window" of required type "WindowInput!"', 'was not provided'],
  ['another operator', { trait: { trait: 'x', operator: 'LIKE' } }, '"LIKE" does not exist', '"LIKE" does not exist'],
  [
    'a number for decimal text',
    orders({ comparison: 'LESS', value: 3 }),
    'decimal text such as',
    'decimal text such as',
  ],
  ['a wrong currency', orders({ comparison: 'LESS', value: '3', currency: 'XXY' }), 'ISO 4217', 'ISO 4217'],
  ['half a bucket', { bucket: { seed: 'x', from: 0.5, to: 3 } }, 'Int cannot represent', 'Int cannot represent'],
  ['text for an instant', { date: { trait: 'x', before: 'soon' } }, 'soon', 'soon'],
];

describe('what is no condition is refused by GraphQL', () => {
  test.each(wrong)('%s, in variables', async (_what, definition, message) => {
    const refusal = { code: 'BAD_USER_INPUT', message: expect.stringContaining(message) };
    for (let times = 0; times < 5; times += 1) {
      expect(await refusalOf(plainQuery, definition)).toMatchObject(refusal);
      expect(await refusalOf(nestedQuery, definition)).toMatchObject(refusal);
    }
  });

  test.each(wrong)('%s, in the document', async (_what, definition, _byVariables, message) => {
    const query = `{ plain(definition: ${literal(definition, conditionType)}) }`;
    expect(await refusalOf(query)).toMatchObject({
      code: 'GRAPHQL_VALIDATION_FAILED',
      message: expect.stringContaining(message),
    });
  });

  test('a variable that may be null is no member where it is null', async () => {
    const query = 'query ($definition: ConditionInput) { plain(definition: { not: $definition }) }';
    const refusal = {
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('Argument "definition" has invalid value'),
    };
    for (let times = 0; times < 5; times += 1) expect(await refusalOf(query, null)).toMatchObject(refusal);
    expect(await run(query, { definition: everyone })).toEqual({ data: { plain: { not: everyone } } });
  });
});

test.each([
  ['a segment', { segment: { id: toPublicId('cus', randomIds.uuid()) } }, 'input.definition.segment.id'],
  ['a list', { all: [everyone, { not: { list: { id: '7' } } }] }, 'input.definition.all[1].not.list.id'],
  [
    'a segment of members',
    { any: [{ members: { of: 'ACCOUNT', quantifier: 'ALL', condition: { segment: { id: '' } } } }] },
    'input.definition.any[0].members.condition.segment.id',
  ],
  [
    'a loyalty program',
    { loyalty: { member: true, program: toPublicId('seg', randomIds.uuid()) } },
    'input.definition.loyalty.program',
  ],
])('the id of something else is refused for %s with its path', async (_what, definition, field) => {
  expect(await refusalOf(nestedQuery, definition)).toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringMatching(/Expected an id such as (seg|prg)_/),
    field,
  });
});

test('null beside an operator that takes no value passes the check', async () => {
  const language = new ConditionLanguage(coreLeaves.map(({ kind }) => kind));
  const has = { property: 'category', operator: 'EXISTS', value: null, values: null };
  const definition = { last: { match: { types: null, where: [has] }, has, window: { ever: true } } };
  const { data } = await run(plainQuery, { definition });
  const stored = { property: 'category', operator: 'EXISTS' };
  expect(language.check(data!.plain as Condition)).toStrictEqual({
    last: { match: { where: [stored] }, has: stored, window: { ever: true } },
  });
});

describe('the schema', () => {
  const inputs = Object.values(schema.getTypeMap()).filter(
    (type) => isInputType(type) && type.name !== 'DefineInput' && !type.name.startsWith('__'),
  );

  test('prints @oneOf where exactly one member is meant', () => {
    const marked = inputs.filter((type) => printType(type).includes(' @oneOf {')).map(({ name }) => name);
    expect(marked.sort()).toEqual(['ConditionInput', 'IdentityConditionInput', 'WindowInput']);
  });

  test('says of every type, member and value what it is', () => {
    const silent = inputs.flatMap((type) => {
      const parts = isEnumType(type)
        ? type.getValues()
        : isInputObjectType(type)
          ? Object.values(type.getFields())
          : [];
      return [type, ...parts].filter(({ description }) => !description).map(({ name }) => `${type.name}.${name}`);
    });
    expect(silent).toEqual(['String.String', 'Boolean.Boolean'].filter((name) => silent.includes(name)));
  });
});

test('a type with a member that must be there cannot be @oneOf', () => {
  @Extensions({ oneOf: true })
  @InputType()
  class HalfInput {
    @Field(() => String)
    readonly always!: string;
  }
  @Resolver()
  class HalfResolver {
    @Query(() => String)
    half(@Arg('input', () => HalfInput) input: HalfInput): string {
      return input.always;
    }
  }
  const half = buildSchemaSync({ resolvers: [HalfResolver], validate: false });
  expect(() => applyOneOf(half)).toThrow('HalfInput.always must be nullable and without a default');
});
