import peggy, { type Parser } from 'peggy';
import { DomainError } from '../kernel/errors.ts';
import { type IdPrefix, parsePublicId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Condition } from './condition.ts';
import { conditionGrammar, reservedWords } from './condition-grammar.ts';

export const longestConditionText = 20_000;

/** Brackets and `not`s, those of JSON values included: more than any condition that passes its check has. */
const deepest = 100;

type Fault = Pick<InstanceType<Parser['SyntaxError']>, 'message' | 'expected' | 'location'>;

/**
 * Reads the text of a condition, in one line or in many. What it says is still to be checked, like any other condition.
 * Throws `BAD_USER_INPUT` with `line` and `column` for text that is none.
 */
export function parseCondition(text: string, field = 'text'): Condition {
  if (text.length > longestConditionText) {
    throw fault(`Expected at most ${longestConditionText} characters, got ${text.length}.`, field, {
      line: 1,
      column: 1,
    });
  }
  const parser = theParser();
  try {
    return parser.parse(text, { deepest, isReserved, readSegment, readProgram, readJson }) as Condition;
  } catch (error) {
    if (!(error instanceof parser.SyntaxError)) throw error;
    const { line, column } = error.location.start;
    throw fault(`Line ${line}, column ${column}: ${explain(error, text)}`, field, { line, column });
  }
}

let generated: Parser | undefined;

/** Made when it is first needed: that takes a tenth of a second. */
function theParser(): Parser {
  generated ??= peggy.generate(conditionGrammar);
  return generated;
}

function isReserved(word: string): boolean {
  return reservedWords.has(word);
}

function readSegment(text: string): string | undefined {
  return readId('seg', text);
}

function readProgram(text: string): string | undefined {
  return readId('prg', text);
}

/** Public id → UUID. */
function readId(prefix: IdPrefix, text: string): string | undefined {
  const id = parsePublicId(text);
  return id?.prefix === prefix ? id.uuid : undefined;
}

/** `undefined` for what JSON can spell and nobody can keep: a number that is infinite, a member that is a prototype. */
function readJson(text: string): Json | undefined {
  const value: Json = JSON.parse(text);
  return isSound(value) ? value : undefined;
}

function isSound(value: Json): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  return !Object.hasOwn(value, '__proto__') && Object.values(value).every(isSound);
}

function fault(message: string, field: string, place: { line: number; column: number }): DomainError {
  return new DomainError('BAD_USER_INPUT', message, { field, ...place });
}

function explain({ message, expected, location }: Fault, text: string): string {
  if (expected === null) return message;
  return `expected ${listExpected(expected)}; got ${wordAt(text, location.start.offset)}.`;
}

function listExpected(expected: NonNullable<Fault['expected']>): string {
  const all = new Set(expected.map(expectedText));
  // Where a condition can begin, most of the language can.
  if (all.has('"everyone"')) return 'a condition such as country is "CH"';
  return [...all].join(', ').replace(/, ([^,]*)$/, ' or $1');
}

function expectedText(one: NonNullable<Fault['expected']>[number]): string {
  switch (one.type) {
    case 'literal':
      return `"${one.text}"`;
    case 'other':
      return one.description;
    default:
      return 'the end';
  }
}

/** What stands there: a word, the beginning of a text, or a single character. */
function wordAt(text: string, offset: number): string {
  const rest = text.slice(offset, offset + 80);
  if (rest === '') return 'the end';
  return JSON.stringify(/^[\w.-]+/.exec(rest)?.[0] ?? [...rest][0]);
}
