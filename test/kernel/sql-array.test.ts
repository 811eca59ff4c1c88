import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { column, jsonLines } from '../../src/kernel/sql-array.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

/** Texts without U+0000, which PostgreSQL can't store. */
const jsonObject = fc.dictionary(
  fc.constantFrom('a', 'b\n', '"', 'null'),
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value).replaceAll(String.raw`\u0000`, ' '))),
);

describe('a column sent to PostgreSQL', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  async function texts(values: readonly (string | null)[]) {
    const rows = await database.pool<{ value: string | null }[]>`
      select value from unnest(${column(values, (value) => value)}::text[]) with ordinality as t (value, place) order by place`;
    return rows.map((row) => row.value);
  }

  test('gives back texts that look like the syntax of arrays', async () => {
    const nasty = [
      '',
      ' ',
      'NULL',
      'null',
      'Null',
      'nUlL',
      '"',
      '""',
      '\\',
      '\\\\',
      '\\"',
      '"\\',
      '{',
      '}',
      '{}',
      '{a,b}',
      ',',
      ',,',
      'a,b',
      "'",
      "''",
      "'; drop table records; --",
      '\n',
      '\r\n',
      '\t',
      '\v',
      ' a ',
      '\u00a0',
      '\u2028',
      'ä',
      '👩‍👩‍👧',
      '\ufeff',
      '$1',
      ':',
      '-',
      '.',
      'a:b',
      '-1',
      '1.0',
      '%',
      '@>',
      '[1:2]={a}',
      'true',
      'a\\nb',
      '\\N',
      '\u0001',
      'x'.repeat(100_000),
    ];
    expect(await texts(nasty)).toEqual(nasty);
    for (const text of nasty) expect(await texts([text])).toEqual([text]);
  });

  test('gives back any text that PostgreSQL can store', async () => {
    const unit = fc.oneof(
      fc.constantFrom('"', '\\', '{', '}', ',', ' ', '\n', 'N', 'U', 'L', 'l'),
      fc.integer({ min: 1, max: 0xd7ff }).map((code) => String.fromCodePoint(code)),
    );
    const text = fc.string({ unit, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text, { freq: 5 }), { maxLength: 20 }), async (values) => {
        expect(await texts(values)).toEqual(values);
      }),
      { numRuns: 200 },
    );
  });

  test('keeps nulls apart from the word, and an empty column empty', async () => {
    expect(await texts([null, 'NULL', null])).toEqual([null, 'NULL', null]);
    expect(await texts([])).toEqual([]);
  });

  test('carries whole numbers, 64-bit numbers, fractions, booleans and instants exactly', async () => {
    const rows = [
      {
        small: 2_147_483_647,
        big: 9_223_372_036_854_775_807n,
        part: 0.1,
        flag: true,
        at: new Date('2026-03-29T01:30:00.123Z'),
      },
      { small: -1, big: -9_223_372_036_854_775_808n, part: -1e-300, flag: false, at: new Date(0) },
      { small: null, big: null, part: null, flag: null, at: null },
    ];
    const back = await database.pool`
      select * from unnest(
        ${column(rows, (row) => row.small)}::int[], ${column(rows, (row) => row.big)}::bigint[],
        ${column(rows, (row) => row.part)}::float8[], ${column(rows, (row) => row.flag)}::boolean[],
        ${column(rows, (row) => row.at)}::timestamptz[]) as t (small, big, part, flag, at)`;
    expect([...back]).toEqual(rows);
  });

  test('gives back any JSON, one value a line', async () => {
    const values = [
      null,
      'null',
      '',
      'a\nb\r\n',
      '"\\\\',
      '\u2028',
      'ä 👩‍👧',
      [],
      {},
      { a: null, 'b\n': ['\n', 1.5, true] },
      0,
      false,
    ];
    const read = async (given: readonly unknown[]) => {
      const rows = await database.pool<{ value: unknown; missing: boolean }[]>`
        select line::jsonb as value, line is null as missing
        from string_to_table(${jsonLines(given, (value) => value)}::text, E'\\n', 'null') with ordinality as t (line, place)
        order by place`;
      return rows.map(({ value, missing }) => (missing ? 'NULL of SQL' : value));
    };
    expect(await read(values)).toEqual(['NULL of SQL', ...values.slice(1)]);
    expect(await read([])).toEqual([]);
    await fc.assert(
      fc.asyncProperty(fc.array(jsonObject, { minLength: 1, maxLength: 20 }), async (objects) => {
        expect(await read(objects)).toEqual(objects);
      }),
      { numRuns: 100 },
    );
  });

  test('refuses an instant that is none, before anything is sent', () => {
    expect(() => column([new Date(Number.NaN)], (date) => date)).toThrow(RangeError);
  });
});
