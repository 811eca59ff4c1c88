import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { readConfig } from '../../src/kernel/config.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { createLog } from '../../src/kernel/log.ts';
import { CostRules } from '../../src/server/cost-rules.ts';
import { type CostWeight, costWeights } from '../../src/server/cost-weights.ts';
import { createSchema } from '../../src/server/schema.ts';
import { wire } from '../../src/server/wiring.ts';
import { namesIn, readTable } from '../docs/markdown.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

type Field = GraphQLField<unknown, unknown>;

let database: TestDatabase;
let schema: GraphQLSchema;
let rules: CostRules;
beforeAll(async () => {
  database = await openTestDatabase();
  const surroundings = { pool: database.pool, clock: systemClock, ids: randomIds, log: createLog('silent') };
  const { instances } = await wire(surroundings, readConfig({}, {}));
  schema = createSchema(instances);
  rules = new CostRules(schema);
});
afterAll(() => database.close());

function* fields(): Generator<[GraphQLObjectType, Field]> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) yield [type, field];
  }
}

function fieldAt(coordinate: string): Field | undefined {
  const [type = '', name = ''] = coordinate.split('.');
  if (name === '__schema') return SchemaMetaFieldDef as Field;
  if (name === '__type') return TypeMetaFieldDef as Field;
  return (schema.getType(type) as GraphQLObjectType | undefined)?.getFields()[name];
}

describe('the table of weights', () => {
  test('names fields that there are, and arguments that they have', () => {
    for (const [coordinate, { per, size }] of Object.entries(costWeights)) {
      const field = fieldAt(coordinate);
      expect(field, coordinate).toBeDefined();
      for (const path of per?.inputs ?? []) {
        const [name, member] = path.split('.');
        const argument = field?.args.find((one) => one.name === name);
        expect(argument, `${coordinate}(${path})`).toBeDefined();
        const type = getNamedType(argument!.type);
        if (member) expect(isInputObjectType(type) && member in type.getFields(), `${coordinate}(${path})`).toBe(true);
      }
      // What says how many there are leaves nothing to expect.
      if (size !== undefined) expect(field?.args.some(({ name }) => name === 'first')).toBe(false);
    }
  });

  test('is in the documentation, whole and as it is', () => {
    const documented = readTable('docs/limits.md', 'field | points').flatMap(([names = '', points = '']) =>
      namesIn(names).map((name) => [name, points]),
    );
    const said = Object.entries(costWeights).map(([coordinate, weight]) => [coordinate, inWords(coordinate, weight)]);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(said));
    expect(documented.length).toBe(said.length);
  });
});

function inWords(coordinate: string, { base, each, size, per }: CostWeight): string {
  if (size !== undefined) return `1, and ${each ?? 1} for each (${size} expected)`;
  if (coordinate.startsWith('Subscription.')) return `${base}, and ${each} for each event`;
  if (!per) return String(base);
  const inputs = per.inputs.map((input) => `\`${input}\``).join(', ');
  const usual = per.usual === undefined ? '' : ` (${per.usual} if left out)`;
  const more = `${per.points} for each of ${inputs}${usual}`;
  return base ? `${base}, and ${more}` : more;
}

describe('what follows from the schema', () => {
  test('every field costs something finite, and no list less than its look-up', () => {
    let lists = 0;
    for (const [type, field] of fields()) {
      const rule = rules.of(type, field);
      for (const points of [rule.base, rule.each, rule.size]) {
        expect(Number.isFinite(points) && points >= 0, `${type.name}.${field.name}`).toBe(true);
      }
      if (rule.kind !== 'one') lists++;
    }
    expect(lists).toBeGreaterThan(100);
  });

  test('every connection is known as one, by both of its lists', () => {
    for (const [type, field] of fields()) {
      const { kind } = rules.of(type, field);
      const name = getNamedType(field.type).name;
      if (name.endsWith('Connection')) expect(kind, `${type.name}.${field.name}`).toBe('connection');
      if (type.name.endsWith('Connection') && ['edges', 'nodes'].includes(field.name)) expect(kind).toBe('page');
    }
  });

  test('every list that has a `first` has as many as it says when nobody does', () => {
    let checked = 0;
    for (const [type, field] of fields()) {
      const first = field.args.find(({ name }) => name === 'first');
      if (!first || first.defaultValue !== undefined) continue;
      // In words: "50 when left out", "Default 50", "50 if left out".
      const [said] = /\b(\d+)(?= (?:when|if|where) left out)|(?<=Default )\d+/.exec(first.description ?? '') ?? [];
      expect(Number(said), `${type.name}.${field.name}: ${first.description}`).toBe(rules.of(type, field).size);
      checked++;
    }
    expect(checked).toBeGreaterThan(20);
  });
});
