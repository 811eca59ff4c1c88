import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition } from '../../src/conditions/condition.ts';
import { printCondition, printConditionLine } from '../../src/conditions/condition-text.ts';
import { coreLeaves } from '../../src/conditions/core-leaves.queries.ts';
import { ConditionLanguage } from '../../src/conditions/language.ts';
import { longestConditionText, parseCondition } from '../../src/conditions/parse-condition.ts';
import { DomainError } from '../../src/kernel/errors.ts';
import { toPublicId } from '../../src/kernel/ids.ts';
import { kpiLeaves } from '../../src/kpis/conditions/kpi-leaves.queries.ts';
import { loyaltyLeaves } from '../../src/loyalty/conditions/loyalty-leaf.queries.ts';
import { consentLeaves } from '../../src/privacy/conditions/consent-leaf.queries.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { anyConditions, conditionsOf, leavesOf, plainKinds } from './arbitraries.ts';
import { texts } from './condition-texts.ts';

const runs = propertyRuns(1000);

/** Conditions whose text is short enough to be read again. */
const printable = anyConditions.filter((condition) => printCondition(condition).length <= longestConditionText);

function refusalOf(text: string): DomainError {
  try {
    const condition = parseCondition(text, 'definition');
    throw new Error(`It was read: ${JSON.stringify(condition)}`);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/** Reads it, or is refused as it should be. Answers how long that took, in milliseconds. */
function attempt(text: string): number {
  const start = performance.now();
  try {
    parseCondition(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    expect(error.code).toBe('BAD_USER_INPUT');
    expect(error.details).toMatchObject({ line: expect.any(Number), column: expect.any(Number) });
  }
  return performance.now() - start;
}

/** Of several times: what else the machine does only ever adds. */
function quickestOf(text: string): number {
  return Math.min(...[0, 1, 2, 3, 4].map(() => attempt(text)));
}

describe('a condition and its text are the same', () => {
  test.each(texts)('$text', ({ text, condition }) => {
    expect(parseCondition(text)).toStrictEqual(condition);
    expect(printConditionLine(condition)).toBe(text);
  });

  test('whatever the condition, its text is read as the same condition, and printed as the same text', () => {
    const property = fc.property(printable, (condition) => {
      const text = printCondition(condition);
      const again = parseCondition(text);
      expect(again).toStrictEqual(condition);
      expect(printCondition(again)).toBe(text);
    });
    fc.assert(property, { numRuns: runs });
  });

  test('the single line says the same as the many', () => {
    const property = fc.property(printable, (condition) => {
      const line = printConditionLine(condition);
      expect(line).not.toContain('\n');
      expect(parseCondition(line)).toStrictEqual(condition);
    });
    fc.assert(property, { numRuns: runs / 5 });
  });

  test.each(plainKinds)('%s: every condition of the kind comes back', (kind) => {
    const property = fc.property(leavesOf(kind), (leaf) => {
      expect(parseCondition(printCondition(leaf))).toStrictEqual(leaf);
    });
    fc.assert(property, { numRuns: 200 });
  });
});

test('one leaf stands on a line, and brackets are indented', () => {
  const condition: Condition = {
    all: [
      { trait: { trait: 'country', operator: 'EQUALS', value: 'CH' } },
      { not: { any: [{ everyone: true }, { all: [{ everyone: true }] }] } },
      { any: [{ identity: { identified: true } }, { all: [{ everyone: true }, { everyone: true }] }] },
      { members: { of: 'HOUSEHOLD', quantifier: 'ANY', condition: { identity: { carries: 'email' } } } },
    ],
  };
  expect(printCondition(condition)).toBe(
    `country is "CH"
and not (
  everyone
  or all of (
    everyone
  )
)
and (
  is identified
  or (
    everyone
    and everyone
  )
)
and any member of the household (
  carries email
)`,
  );
  expect(printConditionLine(condition)).toBe(
    'country is "CH" and not (everyone or all of (everyone)) and (is identified or (everyone and everyone)) ' +
      'and any member of the household (carries email)',
  );
});

test('white space and line breaks say nothing', () => {
  const text = ' \t country\r\n  is\n"CH"\nand(\n\n everyone or not(everyone) )\n';
  expect(printConditionLine(parseCondition(text))).toBe('country is "CH" and (everyone or not everyone)');
});

test('what is read is the condition that its check would store', () => {
  const leaves = [...coreLeaves, ...consentLeaves, ...loyaltyLeaves, ...kpiLeaves];
  const language = new ConditionLanguage(leaves.map(({ kind }) => kind));
  // Segments and lists are checked by the module that keeps them.
  const known = plainKinds.filter((name) => name !== 'segment' && name !== 'list');
  const property = fc.property(conditionsOf(leavesOf(...known)), (condition) => {
    expect(language.check(condition)).toStrictEqual(condition);
  });
  fc.assert(property, { numRuns: runs / 5 });
});

const faults: [what: string, text: string, line: number, column: number, message: string][] = [
  ['nothing at all', '', 1, 1, 'expected a condition such as country is "CH"; got the end'],
  ['no test', 'country', 1, 8, 'got the end'],
  [
    'an unknown word',
    'everyone\n  and country iz "CH"',
    2,
    15,
    'expected "has", "is", "was", "starts", "ends", "contains" or "matches"; got "iz"',
  ],
  ['a text without quotes', 'country is CH', 1, 12, 'a JSON value; got "CH"'],
  ['a text without an end', 'country is "CH', 1, 12, 'a JSON value'],
  ['and beside or', 'everyone and everyone or everyone', 1, 23, 'expected "and" or the end; got "or"'],
  ['a bracket too few', '(everyone', 1, 10, 'expected "and", "or" or ")"; got the end'],
  ['a bracket too many', 'everyone)', 1, 9, 'got ")"'],
  ['a window without a unit', 'first a in the last 30', 1, 23, 'expected "minutes", "minute", "hours"'],
  ['a fraction of a day', 'stopped a for 1.5 days', 1, 15, 'expected a whole number; got "1.5"'],
  ['other units', 'first a the month 3 days ago', 1, 9, 'the same unit twice'],
  ['a word that only begins like one', 'country isnt "CH"', 1, 9, 'expected "has", "is", "was"'],
  ['a word of the language as a name', 'first is 3', 1, 7, 'expected "any" or a name; got "is"'],
  [
    'the id of something else',
    `in segment ${toPublicId('cus', '0190b3a4-0000-7000-8000-000000000000')}`,
    1,
    12,
    'id of',
  ],
  [
    'the id of a segment where a program is meant',
    `loyalty tier of ${toPublicId('seg', '0190b3a4-0000-7000-8000-000000000000')} is gold`,
    1,
    17,
    'the id of a loyalty program',
  ],
  ['a program without words', 'is member of prg_x', 1, 14, 'expected "any" or "loyalty"; got "prg_x"'],
  ['a number without end', 'country is 1e999', 1, 12, 'numbers out of range'],
  ['a member __proto__', 'country is { "a": [{ "__proto__": 1 }] }', 1, 12, '__proto__'],
  ['brackets without end', '('.repeat(20_000), 1, 102, 'at most 100 brackets'],
  ['nots without end', 'not '.repeat(5_000), 1, 405, 'at most 100 brackets'],
  ['lists without end', `a is ${'['.repeat(15_000)}`, 1, 107, 'at most 100 brackets'],
  ['a text that is too long', ' '.repeat(20_001), 1, 1, 'Expected at most 20000 characters, got 20001'],
];

test.each(faults)('%s is refused with its place', (_what, text, line, column, message) => {
  const error = refusalOf(text);
  expect(error).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'definition', line, column } });
  expect(error.message).toContain(message);
});

describe('no text does any harm', () => {
  const words = fc.constantFrom(
    ...new Set(texts.flatMap(({ text }) => text.split(' '))),
    ...['(', ')', '"', '\\', '[', '{', '}', ',', '\n', '-', '.', '1e9', '\u0000', '\ud800', '__proto__'],
  );

  test('words in any order are read or refused', () => {
    const property = fc.property(fc.array(words, { maxLength: 60 }), (parts) => {
      attempt(parts.join(' '));
    });
    fc.assert(property, { numRuns: runs });
  });

  test('any characters are read or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        attempt(text);
      }),
      { numRuns: runs },
    );
  });

  test('a text that was cut off or has a character too few is read or refused', () => {
    const property = fc.property(printable, fc.nat(), fc.boolean(), (condition, at, cut) => {
      const text = printCondition(condition);
      const place = at % text.length;
      attempt(text.slice(0, place) + (cut ? '' : text.slice(place + 1)));
    });
    fc.assert(property, { numRuns: runs });
  });

  const long: [what: string, part: string][] = [
    ['conditions', 'everyone and '],
    ['short conditions', 'a is 1 or '],
    ['brackets', '(everyone) and '],
    ['alternating brackets', '(everyone or (everyone and everyone)) and '],
    ['counts', 'count of a in the last 3 days is 1 and '],
    ['names', 'count of a, b, c where (a is 1 and b is 2) ever is between 1 and 2 and '],
    ['values', 'a is one of "x", [1, {"a": [null]}], -1.5e3 and '],
    ['white space', ' \n\t'],
  ];

  test.each(long)('many %s take time in proportion', (_what, part) => {
    const quickest = (length: number) => quickestOf(part.repeat(Math.floor(length / part.length)));
    // Eight times as long: with its square it would take sixty-four times as long.
    expect(quickest(longestConditionText)).toBeLessThan(30 * quickest(longestConditionText / 8));
  });

  test.each([
    ['one name', `a${'a'.repeat(19_000)} is 1`],
    ['one text', `a is "${'\\u0041'.repeat(3_000)}"`],
    ['one number', `a is 1${'0'.repeat(300)}`],
    ['one list', `a is [${'1,'.repeat(9_000)}1]`],
    ['brackets, as many as there can be', `${'('.repeat(100)}everyone${')'.repeat(100)}`],
    ['brackets that end in the middle', `${'(everyone or ('.repeat(49)}${')'.repeat(3)}`],
    ['nots, as many as there can be', `${'not '.repeat(100)}everyone`],
    ['lists, as many as there can be', `a is ${'['.repeat(100)}${']'.repeat(100)}`],
    ['a bracket that never closes', `(${'everyone and '.repeat(1_500)}`],
    ['tests that never end', `count of a where (${'a is 1 and '.repeat(1_700)}`],
  ])('%s takes no longer than other texts', (_what, text) => {
    const ordinary = quickestOf('everyone and '.repeat(longestConditionText / 13));
    expect(quickestOf(text)).toBeLessThan(20 * ordinary);
  });
});
