import { type ExecutionResult, execute, getOperationAST, parse, validate } from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import { expect, test } from 'vitest';
import type { Context } from '../../src/kernel/context.ts';
import { Loaders } from '../../src/kernel/loaders.ts';
import { Metrics } from '../../src/kernel/metrics.ts';
import { tryCompileQuery } from '../../src/server/compiled-query.ts';
import { Operations } from '../../src/server/operations.ts';
import { library } from '../support/library-schema.ts';

const operations = new Operations(library, new Metrics());
const viewer = { keyId: '00000000-0000-7000-8000-000000000000', name: 'test', scopes: new Set<string>() };
const context = { viewer, loaders: new Loaders() } as unknown as Context;

type Variables = Record<string, unknown>;

/** Queries that the compiler must take, with variables, whose results must be equal to those of graphql-js. */
const compiled: [name: string, query: string, variables?: Variables][] = [
  ['plain fields', '{ book(id: "1") { title pages rating } }'],
  ['an operation name', 'query Shelf { book(id: "1") { title } }'],
  [
    'aliases, of one field with several arguments',
    '{ a: book(id: "1") { title } b: book(id: "2") { title t: title } }',
  ],
  ['null objects', '{ book(id: "none") { title } }'],
  ['lists of objects, with nulls', '{ books { title author { name } } holes { title } }'],
  ['lists of lists', '{ matrix }'],
  [
    'named fragments, used twice',
    '{ a: book(id: "1") { ...B } b: book(id: "2") { ...B } } fragment B on Book { title author { name } }',
  ],
  [
    'overlapping selections',
    '{ book(id: "1") { author { name } author { born } ...B } } fragment B on Book { author { age } }',
  ],
  ['inline fragments without a type', '{ book(id: "1") { ... { title } ... @include(if: true) { pages } } }'],
  ['interfaces', '{ everything { id __typename ... on Book { title } ... on Author { name } } }'],
  ['unions', '{ found { __typename ... on Book { title author { name } } ... on Author { name books { title } } } }'],
  ['the same field of several types', '{ everything { ... on Book { label: title } ... on Author { label: name } } }'],
  [
    '@skip and @include by literals',
    '{ book(id: "1") { title @skip(if: true) pages @include(if: false) rating @skip(if: false) } }',
  ],
  [
    '@include true',
    'query ($yes: Boolean!) { book(id: "1") { title @include(if: $yes) pages @skip(if: $yes) } }',
    { yes: true },
  ],
  [
    '@include false',
    'query ($yes: Boolean!) { book(id: "1") { title @include(if: $yes) pages @skip(if: $yes) } }',
    { yes: false },
  ],
  [
    '@include on fragments that meet',
    `query ($yes: Boolean!) { a: book(id: "1") @include(if: $yes) { ...B } b: book(id: "1") @skip(if: $yes) { ...B } c: book(id: "2") { ...B @skip(if: $yes) pages } }
     fragment B on Book { title ... on Book { author { name @include(if: $yes) born @skip(if: $yes) } } }`,
    { yes: true },
  ],
  [
    'the same, the other way round',
    `query ($yes: Boolean!) { a: book(id: "1") @include(if: $yes) { ...B } b: book(id: "1") @skip(if: $yes) { ...B } c: book(id: "2") { ...B @skip(if: $yes) pages } }
     fragment B on Book { title ... on Book { author { name @include(if: $yes) born @skip(if: $yes) } } }`,
    { yes: false },
  ],
  [
    'both directives on one field',
    'query ($a: Boolean!, $b: Boolean!) { book(id: "1") { title @include(if: $a) @skip(if: $b) pages } }',
    { a: true, b: true },
  ],
  ['default arguments', '{ echo echoList }'],
  [
    'literals of every kind',
    '{ echo(text: "x \\" \\\\ \\u00e9 \\n", number: -3, float: 1.5e3, flag: true, day: "2026-03-29", color: RED) }',
  ],
  ['block strings', '{ echo(text: """\n  two\n    lines "quoted" ${code} `ticks`\n""") }'],
  ['literal null', '{ echo(text: null, day: null) }'],
  [
    'literal lists, and one value for a list',
    '{ a: echoList(values: [1, 2, 3]) b: echoList(values: 7) c: echoList(values: []) }',
  ],
  [
    'literal input objects with defaults',
    '{ echoInput(input: { text: "x", nested: { color: BLUE, days: ["2026-01-01"] } }) }',
  ],
  ['@oneOf literals', '{ a: echoOne(input: { id: "7" }) b: echoOne(input: { name: "x" }) }'],
  ['@oneOf variables', 'query ($i: One!) { echoOne(input: $i) }', { i: { id: '7' } }],
  ['@oneOf variables with two members', 'query ($i: One!) { echoOne(input: $i) }', { i: { id: '7', name: 'x' } }],
  [
    'variables',
    'query ($t: String, $n: Int, $f: Float) { echo(text: $t, number: $n, float: $f) }',
    { t: 'x', n: 3, f: 1 },
  ],
  ['absent variables', 'query ($t: String, $n: Int) { echo(text: $t, number: $n) }'],
  ['null variables', 'query ($t: String, $n: Int) { echo(text: $t, number: $n) }', { t: null, n: null }],
  ['default variables', 'query ($t: String = "standard", $d: Day = "2026-01-01") { echo(text: $t, day: $d) }'],
  ['default variables, given null', 'query ($t: String = "standard") { echo(text: $t) }', { t: null }],
  ['custom scalars', 'query ($d: Day) { echo(day: $d) born(on: $d) }', { d: '2026-03-29' }],
  ['enums with inner values', 'query ($c: Color) { echo(color: $c) favourite { color } }', { c: 'BLUE' }],
  [
    'input objects',
    'query ($i: Wish) { echoInput(input: $i) }',
    { i: { text: 'x', nested: { days: ['2026-01-01'] } } },
  ],
  ['one value for a list, in a variable', 'query ($v: [Int!]) { echoList(values: $v) }', { v: 5 }],
  [
    'variables inside of literals',
    'query ($t: String, $d: Day!) { echoInput(input: { text: $t, nested: { days: [$d, "2026-01-01"] } }) }',
    { t: 'x', d: '2026-02-02' },
  ],
  [
    'absent variables inside of literals',
    'query ($t: String, $d: Day) { echoInput(input: { text: $t, nested: { days: ["2026-01-01"] } }) born(on: $d) }',
  ],
  ['booleans in arguments', 'query ($f: Boolean!) { echo(flag: $f) }', { f: false }],
  ['nullable booleans in arguments', 'query ($f: Boolean) { echo(flag: $f) }', { f: null }],
  ['numbers as text', '{ book(id: 1) { title } }'],
  ['wrong variables', 'query ($n: Int!) { echo(number: $n) }', { n: 'three' }],
  ['missing variables', 'query ($n: Int!) { echo(number: $n) }'],
  [
    'wrong members',
    'query ($i: Wish) { echoInput(input: $i) }',
    { i: { text: 'x', nested: { days: ['never'] }, more: 1 } },
  ],
  ['null for what must not be', 'query ($t: String!) { strict(text: $t) }', { t: null }],
  ['a nullable variable where null is not allowed, absent', 'query ($t: String = "x") { strict(text: $t) }'],
  ['a nullable variable where null is not allowed, null', 'query ($t: String = "x") { strict(text: $t) }', { t: null }],
  ['errors in nullable fields', '{ book(id: "1") { title fails } }'],
  ['rejected promises', '{ book(id: "1") { title failsLater } }'],
  ['errors as values', '{ book(id: "1") { title errorValue } }'],
  ['null in a non-null field', '{ book(id: "1") { title missing } }'],
  ['null through several levels', '{ shelf { books { title missing } } book(id: "1") { title } }'],
  ['null up to the root', '{ mustBe { missing } }'],
  ['errors in list items', '{ flaky }'],
  ['errors in lists that must be full', '{ flakyStrict book(id: "1") { title } }'],
  ['errors in objects of lists', '{ books { title failsForSome } }'],
  ['several errors in several places', '{ a: book(id: "1") { fails missing } b: book(id: "2") { failsLater } flaky }'],
  ['scalars that cannot be sent', '{ book(id: "1") { title badNumber } }'],
  ['enums that cannot be sent', '{ badColor book(id: "1") { title } }'],
  ['a list that is none', '{ notAList }'],
  ['a type that is none', '{ badType { id } book(id: "1") { title } }'],
  ['methods and getters', '{ book(id: "1") { shout slug } }'],
  ['typenames', '{ __typename book(id: "1") { __typename t: __typename } }'],
];

test.each(compiled)('%s: as graphql-js', async (_name, query, variables = {}) => {
  const document = parse(query);
  expect(validate(library, document)).toEqual([]);
  expect(tryCompileQuery(library, document, getOperationAST(document)!)).toBeDefined();
  const expected = plain(await execute({ schema: library, document, variableValues: variables }));
  // Some runs by graphql-js, and some compiled.
  for (let run = 0; run < 6; run++) {
    expect(plain(await operations.execute({ document, operationName: undefined, variables, context }))).toEqual(
      expected,
    );
  }
});

/** Where the compiler would answer otherwise, or cannot be given the text. */
const refused: [name: string, query: string][] = [
  ['mutations', 'mutation { touch }'],
  ['introspection', '{ __schema { queryType { name } } }'],
  ['introspection of one type', '{ book(id: "1") { title } __type(name: "Book") { name } }'],
  [
    'response names that the compiler would mix up',
    '{ a_b: book(id: "1") { c: title } a: book(id: "2") { b_c: title } }',
  ],
  ['__proto__ as a response name', '{ __proto__: book(id: "1") { title } }'],
  ['conditions that may be null', 'query ($yes: Boolean = true) { book(id: "1") { title @include(if: $yes) } }'],
  ['variables that begin with an underscore', 'query ($_literal0: String) { echo(text: $_literal0) }'],
];

test.each(refused)('%s are left to graphql-js', (_name, query) => {
  const document = parse(query);
  expect(validate(library, document)).toEqual([]);
  expect(tryCompileQuery(library, document, getOperationAST(document)!)).toBeUndefined();
});

test('text in a query never becomes code', async () => {
  const markers = [
    '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d',
    '__MAGIC_NAN__57f286b9_4c20_487f_b409_79804ddcb4f8',
  ];
  for (const marker of markers) {
    const text = `${marker}0 + (globalThis.ranText = true)`;
    const result = await runCompiled(`{ echo(text: ${JSON.stringify(text)}) }`);
    expect(result?.data).toEqual({ echo: { text } });
  }
  expect(globalThis).not.toHaveProperty('ranText');
});

test('that text would become code if the compiler got it', async () => {
  const text = '__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0 + (globalThis.ranBareText = true)';
  const bare = compileQuery(library, parse(`{ echo(text: ${JSON.stringify(text)}) }`));
  if (isCompiledQuery(bare)) await bare.query(undefined, undefined, {});
  expect(globalThis).toHaveProperty('ranBareText');
});

async function runCompiled(query: string): Promise<ExecutionResult | undefined> {
  const document = parse(query);
  return tryCompileQuery(library, document, getOperationAST(document)!)?.(context, {});
}

/** As it goes over the wire; the order of errors is free. */
function plain({ data, errors }: ExecutionResult) {
  const sorted = errors?.toSorted((a, b) => String(a.path).localeCompare(String(b.path)));
  return {
    data: JSON.parse(JSON.stringify(data ?? null)) as unknown,
    errors: sorted?.map(({ message, path, locations }) => ({ message, path, locations })),
  };
}
