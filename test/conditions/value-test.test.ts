import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueOperator, ValueTest } from '../../src/conditions/condition.ts';
import type { SqlScope } from '../../src/conditions/sql-scope.queries.ts';
import { StatementParameters } from '../../src/conditions/statement-parameters.queries.ts';
import { valueTestSql } from '../../src/conditions/value-test.queries.ts';
import { checkValueTest, testValue } from '../../src/conditions/value-test.ts';
import type { Pool } from '../../src/kernel/database.ts';
import type { Json } from '../../src/kernel/json.ts';
import { jsonLines } from '../../src/kernel/sql-array.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 1 });
});

afterAll(() => database.close());

const moment = { now: new Date('2026-11-01T12:00:00Z'), timeZone: 'Europe/Zurich' };

/** For each value what each test says in SQL. `undefined`: never set. */
async function evaluate(db: Pool, tests: readonly ValueTest[], values: readonly (Json | undefined)[]) {
  const parameters = new StatementParameters();
  const scope = { value: (value, type) => parameters.constant(value, type) } as SqlScope;
  const verdicts = tests.map((one) => valueTestSql('given.value', one, scope));
  const statement = parameters.finish(
    `select array[${verdicts.join(', ')}]::text as verdicts
     from (select nullif(line, '-')::jsonb as value, place
           from string_to_table($1::text, E'\\n') with ordinality as given (line, place) offset 0) as given
     order by place`,
    1,
  );
  const lines = values.map((value) => (value === undefined ? '-' : jsonLines([value], (one) => one))).join('\n');
  const input = statement.values({ moment, input: [lines] });
  const rows = await db.unsafe<{ verdicts: string }[]>(statement.text, input as never[]);
  return rows.map((row) => row.verdicts.slice(1, -1).split(','));
}

async function expectAgreement(tests: readonly ValueTest[], values: readonly (Json | undefined)[]) {
  const checked = tests.map((one) => checkValueTest(one, 'test'));
  const found = await evaluate(database.pool, checked, values);
  for (const [row, value] of values.entries()) {
    for (const [place, one] of checked.entries()) {
      const says = `${JSON.stringify(value)} ${JSON.stringify(one)}`;
      expect(`${says}: ${found[row]![place]}`).toBe(`${says}: ${testValue(value, one) ? 't' : 'f'}`);
    }
  }
}

/** The values for which the test holds, both ways. */
async function passing(one: ValueTest, values: readonly (Json | undefined)[]) {
  await expectAgreement([one], values);
  return values.filter((value) => testValue(value, checkValueTest(one, 'test')));
}

describe('what a value must be', () => {
  test('what is missing or null passes every negation, and nothing else but its own test', async () => {
    const operands = { value: 'x', values: ['x', 'y'] };
    const holding: ValueOperator[] = [];
    for (const one of allOperators(operands)) {
      if ((await passing(one, [undefined])).length > 0) holding.push(one.operator);
    }
    expect(holding).toEqual(['NOT_EQUALS', 'NOT_IN', 'NONE_OF', 'MISSING']);
    expect(await passing({ operator: 'IS_NULL' }, [undefined, null, 0, false, '', 'null'])).toEqual([null]);
    expect(await passing({ operator: 'EXISTS' }, [undefined, null, 0, false, ''])).toEqual([0, false, '']);
    expect(await passing({ operator: 'NOT_EQUALS', value: 'x' }, [undefined, null, 'x', 'X'])).toEqual([
      undefined,
      null,
      'X',
    ]);
  });

  test('numbers are equal by value, and never equal to a text', async () => {
    expect(await passing({ operator: 'EQUALS', value: 1 }, [1, 1.0, '1', true, [1]])).toEqual([1, 1]);
    expect(await passing({ operator: 'EQUALS', value: { a: 1, b: [2] } }, [{ b: [2], a: 1 }, { a: 1 }])).toEqual([
      { b: [2], a: 1 },
    ]);
  });

  test('order is among numbers and among texts, both ends of a range included', async () => {
    expect(await passing({ operator: 'BETWEEN', values: [2, 10] }, [1, 2, 9, 10, 11, '9'])).toEqual([2, 9, 10]);
    expect(await passing({ operator: 'GREATER', value: 'b' }, ['a', 'b', 'ba', 'C', 'ä', 5])).toEqual(['ba', 'ä']);
    expect(await passing({ operator: 'GREATER', value: '\ufffd' }, ['\ue000', '😀'])).toEqual(['😀']);
  });

  test('text is found whatever its case, in every script', async () => {
    expect(await passing({ operator: 'CONTAINS', value: 'ZÜRI' }, ['zürich', 'Unterzüri', 'ZURICH'])).toEqual([
      'zürich',
      'Unterzüri',
    ]);
    expect(await passing({ operator: 'STARTS_WITH', value: 'мос' }, ['МОСКВА', 'Томск'])).toEqual(['МОСКВА']);
    expect(
      await passing({ operator: 'ENDS_WITH', value: '@Example.COM' }, ['jo@example.com', 'jo@example.org']),
    ).toEqual(['jo@example.com']);
  });

  test('a value that is no list counts as a list of one', async () => {
    const values: Json[] = [['a', 'b', 'c'], ['a'], 'a', [], null, [['a', 'b']], { a: 'a' }];
    expect(await passing({ operator: 'ANY_OF', values: ['a', 'z'] }, values)).toEqual([['a', 'b', 'c'], ['a'], 'a']);
    expect(await passing({ operator: 'ALL_OF', values: ['a', 'b'] }, values)).toEqual([['a', 'b', 'c']]);
    expect(await passing({ operator: 'NONE_OF', values: ['a'] }, values)).toEqual([[], null, [['a', 'b']], { a: 'a' }]);
  });

  test('SQL and interpreter agree on random values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTest, { minLength: 60, maxLength: 60 }), manyValues, expectAgreement),
      { numRuns: 25 },
    );
  });
});

describe('a regular expression', () => {
  test.each([
    ['^\\d{2,3}$', ['12', '1234', '١٢'], ['12']],
    ['^\\w+$', ['a_1', 'ä', 'a b'], ['a_1']],
    ['^.$', ['a', '😀', '\n', 'ab'], ['a', '😀']],
    ['^[^a]$', ['a', 'b', '\n'], ['b', '\n']],
    ['a$', ['a', 'a\n', 'ba'], ['a', 'ba']],
    ['\\.ch|\\.de', ['x.ch', 'xch', 'x.de.x'], ['x.ch', 'x.de.x']],
    ['^(?:ab)+(c|)$', ['abab', 'ababc', 'aba'], ['abab', 'ababc']],
    ['^[\\]\\-\\\\a-c_-]+$', ['-]\\abc_', 'd'], ['-]\\abc_']],
    ['\\S\\s\\D\\W', ['a b!', 'a b1'], ['a b!']],
    ['K', ['k', '\u212a', 'K'], ['K']],
  ])('%s', async (value, texts, found) => {
    expect(await passing({ operator: 'MATCHES', value }, texts)).toEqual(found);
  });

  test('means the same in PostgreSQL and in RE2', async () => {
    const tests = fc.array(
      anyPattern.filter(isSupported).map((value): ValueTest => ({ operator: 'MATCHES', value })),
      { minLength: 50, maxLength: 50 },
    );
    const texts = fc.array(patternText, { minLength: 40, maxLength: 40 });
    await fc.assert(fc.asyncProperty(tests, texts, expectAgreement), { numRuns: 30 });
  });

  test.each([
    ['a+?', 'a lazy repetition at character 3'],
    ['(?=a)', 'a group with an option'],
    ['(?i)a', 'a group with an option'],
    ['(a)\\1', 'a backslash before `1`'],
    ['\\bword', 'a backslash before `b`'],
    ['\\p{L}', 'a backslash before `p`'],
    ['[[:alpha:]]', 'a `[` in a set'],
    ['a**', 'a repetition of a repetition'],
    ['^*', 'a repeated `^`'],
    ['a{1,1000}', 'more than 100 repetitions'],
    ['((a{50}){50}){2}', 'it has 5000 parts, 200 is the most'],
    ['(a', 'a missing `)`'],
    ['a)', 'a `)` without its `(`'],
    ['[a', 'a missing `]`'],
    ['[z-a]', 'a range whose end'],
    ['a{', 'a `{` that begins no repetition'],
    ['\\', 'a backslash before nothing'],
  ])('%s is refused', (value, reason) => {
    const check = () => checkValueTest({ operator: 'MATCHES', value }, 'where[0]');
    expect(check).toThrow(reason);
    expect(check).toThrow('Patterns are made of');
    expect(check).toThrow(expect.objectContaining({ details: { field: 'where[0].value' } }));
  });

  test('takes no longer than the text, however it is written', async () => {
    const tests = ['(a*)*b', '(a|a)*b', '(?:a?){90}a{90}', '([a-z]+)+$', '(?:(?:a?){14}){14}'];
    const value = `${'a'.repeat(20_000)}!`;
    const started = performance.now();
    await expectAgreement(
      tests.map((pattern) => ({ operator: 'MATCHES', value: pattern })),
      [value],
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('a test that makes no sense is refused', () => {
  test.each<[string, string, Partial<Record<keyof ValueTest, unknown>>]>([
    ['got "SOUNDS_LIKE"', 'test.operator', { operator: 'SOUNDS_LIKE' }],
    ['use IS_NULL or MISSING', 'test.value', { operator: 'EQUALS' }],
    ['EQUALS takes no `values`', 'test.values', { operator: 'EQUALS', value: 1, values: [1] }],
    ['EXISTS takes no `value`', 'test.value', { operator: 'EXISTS', value: true }],
    ['Expected a number or a text, got true', 'test.value', { operator: 'LESS', value: true }],
    ['Expected', 'test.value', { operator: 'LESS', value: Number.NaN }],
    ['two ends', 'test.values', { operator: 'BETWEEN', values: [1] }],
    ['two numbers or two texts', 'test.values', { operator: 'BETWEEN', values: [1, 'b'] }],
    ['lower end first', 'test.values', { operator: 'BETWEEN', values: [2, 1] }],
    ['Expected 1 to 1000 entries, got 0', 'test.values', { operator: 'IN', values: [] }],
    ['use IS_NULL', 'test.values[1]', { operator: 'IN', values: ['a', null] }],
    ['Expected a list, got nothing', 'test.values', { operator: 'IN' }],
    ['Expected 1 to 100 entries, got 101', 'test.values', { operator: 'ANY_OF', values: Array(101).fill('a') }],
    ['Expected a text, a number or a boolean', 'test.values[0]', { operator: 'ANY_OF', values: [['a']] }],
    ['Expected a text of 1 to 1000', 'test.value', { operator: 'CONTAINS', value: '' }],
    ['Expected a text of 1 to 1000 characters, got 5', 'test.value', { operator: 'CONTAINS', value: 5 }],
    ['at most 1000 characters, got 1001', 'test.value', { operator: 'EQUALS', value: 'x'.repeat(1001) }],
    ['without NUL', 'test.value', { operator: 'EQUALS', value: 'a\u0000' }],
    ['valid Unicode', 'test.value', { operator: 'EQUALS', value: { '\ud800': 1 } }],
    ['at most 200 characters, got 201', 'test.value', { operator: 'MATCHES', value: 'x'.repeat(201) }],
  ])('%s: %s', (message, field, given) => {
    const check = () => checkValueTest(given as unknown as ValueTest, 'test');
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ details: { field } }));
  });

  test('a list is stored sorted and each entry once, and nothing that is not needed', () => {
    const given = { operator: 'IN', value: null, values: ['b', 1, 'a', 'b', 1.0] } as unknown as ValueTest;
    expect(checkValueTest(given, 'test')).toStrictEqual({ operator: 'IN', values: ['a', 'b', 1] });
    expect(checkValueTest({ operator: 'EXISTS', value: null, values: undefined }, 'test')).toStrictEqual({
      operator: 'EXISTS',
    });
  });
});

function allOperators({ value, values }: { value: Json; values: Json[] }): ValueTest[] {
  const one = ['EQUALS', 'NOT_EQUALS', 'LESS', 'LESS_OR_EQUAL', 'GREATER', 'GREATER_OR_EQUAL'] as const;
  const texts = ['CONTAINS', 'STARTS_WITH', 'ENDS_WITH', 'MATCHES'] as const;
  const many = ['BETWEEN', 'IN', 'NOT_IN', 'ANY_OF', 'ALL_OF', 'NONE_OF'] as const;
  return [
    ...[...one, ...texts].map((operator) => ({ operator, value })),
    ...many.map((operator) => ({ operator, values })),
    ...(['EXISTS', 'MISSING', 'IS_NULL'] as const).map((operator) => ({ operator })),
  ];
}

const characters = [...'aAbBäÄüÜßẞσςΣİıIkK\u212aǅǆǄΩ\u2126жЖ𐐀𐐨😀\ufffd\ue000 1\n"\\{},%_.e\u0301', 'ff'];
const text = fc.string({ unit: fc.constantFrom(...characters), maxLength: 6 });
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, 1.5, 1e21, -1e21, 1e-7, 2 ** 53, 1e300, 5e-324, 0.1 + 0.2, 0.3),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const scalar: fc.Arbitrary<Json> = fc.oneof(text, text, number, fc.boolean());
const json: fc.Arbitrary<Json> = fc.oneof(
  scalar,
  fc.constant(null),
  fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 4 }),
  fc.dictionary(text, scalar, { maxKeys: 2, noNullPrototype: true }),
  fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }),
);
const manyValues = fc.array(fc.option(json, { nil: undefined, freq: 10 }), { minLength: 80, maxLength: 80 });

const present = json.filter((value) => value !== null);
const nonEmptyText = text.filter((value) => value !== '');
const ordered = fc.oneof(text, number);
const with_ = <V>(operators: readonly ValueOperator[], member: 'value' | 'values', arbitrary: fc.Arbitrary<V>) =>
  fc
    .tuple(fc.constantFrom(...operators), arbitrary)
    .map(([operator, value]) => ({ operator, [member]: value }) as ValueTest);
const anyTest: fc.Arbitrary<ValueTest> = fc.oneof(
  with_(['EQUALS', 'NOT_EQUALS'], 'value', present),
  with_(['LESS', 'LESS_OR_EQUAL', 'GREATER', 'GREATER_OR_EQUAL'], 'value', ordered),
  with_(['BETWEEN'], 'values', fc.oneof(fc.tuple(text, text), fc.tuple(number, number)).filter(isRange)),
  with_(['IN', 'NOT_IN'], 'values', fc.array(present, { minLength: 1, maxLength: 12 })),
  with_(['CONTAINS', 'STARTS_WITH', 'ENDS_WITH'], 'value', nonEmptyText),
  with_(['ANY_OF', 'ALL_OF', 'NONE_OF'], 'values', fc.array(scalar, { minLength: 1, maxLength: 4 })),
  fc.constantFrom<ValueTest>({ operator: 'EXISTS' }, { operator: 'MISSING' }, { operator: 'IS_NULL' }),
);

function isRange(values: readonly Json[]): boolean {
  try {
    return checkValueTest({ operator: 'BETWEEN', values }, '') !== null;
  } catch {
    return false;
  }
}

function isSupported(pattern: string): boolean {
  try {
    return checkValueTest({ operator: 'MATCHES', value: pattern }, '') !== null;
  } catch {
    return false;
  }
}

const patternText = fc.string({ unit: fc.constantFrom(...'aabbcAB1 \n-]^$_.😀äß\t\v\u00a0٣'), maxLength: 7 });
const anyPattern = fc.letrec<{ pattern: string; part: string; set: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small' },
    tie('part'),
    fc
      .tuple(tie('part'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '{0}'))
      .map((two) => two.join('')),
    fc.array(tie('pattern'), { maxLength: 3 }).map((parts) => parts.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map((two) => two.join('|')),
  ),
  part: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'c', '-', '😀', 'ä', '\n', ' ', '_', '}', ']', '^', '$', '.', '\\.', '\\]', '\\$', '\\n'),
    fc.constantFrom('\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\_', '\\-'),
    tie('set'),
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  set: fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(
        fc.constantFrom('a', 'b-c', '\\d', '\\w', '\\s', '-', '\\]', '.', '$', '^', 'A-b', 'ä-😀', '\\n', '1', '\\-'),
        {
          minLength: 1,
          maxLength: 4,
        },
      ),
    )
    .map(([negated, members]) => `[${negated}${members.join('')}]`),
})).pattern;
