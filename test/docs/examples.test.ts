import { buildSchema, coerceInputValue, type GraphQLInputType, getVariableValues, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { validateTouchpoint } from '../../src/touchpoints/validate.ts';
import { receivedAt, validationSettings } from '../support/accepted.ts';
import { findBlocks, readPage } from './markdown.ts';

/** The emitted one, which is what readers have: that it is what the code says is checked elsewhere. */
const schema = buildSchema(readPage('schema/schema.graphql'));

function problemsOf(document: string): string[] {
  return validate(schema, parse(document)).map((error) => error.message);
}

function problemsOfTouchpoint(draft: unknown): string[] {
  const problems: string[] = [];
  coerceInputValue(draft, schema.getType('TouchpointInput') as GraphQLInputType, (path, _value, error) => {
    problems.push(`${path.join('.')}: ${error.message}`);
  });
  const verdict = validateTouchpoint(draft as TouchpointDraft, receivedAt, validationSettings);
  if (!verdict.ok) return [...problems, verdict.message];
  return [...problems, ...verdict.touchpoint.warnings.map(({ message }) => message)];
}

describe('a GraphQL operation in the documentation fits the schema', () => {
  test.each(findBlocks('graphql').map((block) => [block.place, block.text]))('%s', (_place, text) => {
    expect(problemsOf(text)).toEqual([]);
  });
});

describe('a touchpoint in the documentation is accepted without a warning', () => {
  test.each(findBlocks('json touchpoint').map((block) => [block.place, block.text]))('%s', (_place, text) => {
    expect(problemsOfTouchpoint(JSON.parse(text))).toEqual([]);
  });
});

describe('a call by curl in the documentation', () => {
  const calls = findBlocks('sh').flatMap(({ place, text }) =>
    [...text.matchAll(/-d '([^']+)'/g)].map((match) => [place, match[1]!] as const),
  );

  test.each(calls)('%s is one that the server understands', (_place, body) => {
    const { query, variables = {} } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    expect(problemsOf(query)).toEqual([]);
    const [operation] = parse(query).definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('Expected an operation.');
    expect(getVariableValues(schema, operation.variableDefinitions ?? [], variables).errors).toBeUndefined();
    for (const event of (variables.events ?? []) as unknown[]) expect(problemsOfTouchpoint(event)).toEqual([]);
  });
});

test('the client in the documentation subscribes to what there is', () => {
  const text = findBlocks('js')
    .map((block) => block.text)
    .join('\n');
  const queries = [...text.matchAll(/`(subscription [^`]+)`|query: '([^']+)'/g)].map((match) => match[1] ?? match[2]!);
  expect(queries).toHaveLength(2);
  expect(queries.flatMap(problemsOf)).toEqual([]);
});

test('there are examples of every kind: none of the above ran over an empty list', () => {
  const counts = ['graphql', 'json touchpoint', 'sh', 'js'].map((info) => findBlocks(info).length);
  expect(Math.min(...counts)).toBeGreaterThan(0);
});
