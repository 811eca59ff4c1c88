import { RE2JS } from 're2js';
import { badInput } from '../kernel/errors.ts';
import {
  type BlockedTest,
  type BlockedValue,
  defaultRules,
  type IdentifierStrength,
  type IdentityRule,
  type IdentityRules,
} from './rules.ts';

/** The identity rules as plain data: what is stored, shown and sent. */
export interface RuleBook {
  /** By priority. Every kind that has a rule of its own. */
  readonly kinds: readonly IdentityRule[];
  /** For all other kinds. */
  readonly custom: Omit<IdentityRule, 'kind'>;
  /** Beside the shipped list. */
  readonly blocked: readonly BlockedValue[];
  readonly onePerSource: readonly string[];
}

export const shippedBook: RuleBook = {
  kinds: [...defaultRules.kinds.values()],
  custom: defaultRules.custom,
  blocked: [],
  onePerSource: [],
};

export function compileRules(book: RuleBook): IdentityRules {
  return {
    kinds: new Map(book.kinds.map((rule) => [rule.kind, rule])),
    custom: book.custom,
    blocked: defaultRules.blocked,
    ownBlocked: book.blocked.map(compileBlocked),
    onePerSource: new Set(book.onePerSource),
  };
}

/** RE2 runs in time linear to the value: an administrator's pattern can't bring a server to a stand. */
function compileBlocked(blocked: BlockedValue): BlockedTest {
  const { exact, pattern } = blocked;
  if (exact !== null) {
    const value = exact.toLowerCase();
    return { ...blocked, test: (lowerCased) => lowerCased === value };
  }
  const compiled = RE2JS.compile(pattern!, RE2JS.CASE_INSENSITIVE);
  return { ...blocked, test: (lowerCased) => compiled.matcher(lowerCased).find() };
}

const strengths: ReadonlySet<IdentifierStrength> = new Set(['UNIQUE', 'SHARED', 'EVIDENCE_ONLY']);
const mostKinds = 100;
const mostBlocked = 1000;

/** Throws `BAD_USER_INPUT` with the path of the first fault. */
export function checkRuleBook(book: RuleBook, path = 'input.rules'): RuleBook {
  checkCount(book.kinds, mostKinds, `${path}.kinds`);
  checkCount(book.blocked, mostBlocked, `${path}.blocked`);
  checkCount(book.onePerSource, mostKinds, `${path}.onePerSource`);
  const seen = new Set<string>();
  for (const [index, rule] of book.kinds.entries()) {
    const at = `${path}.kinds[${index}]`;
    if (!/^[A-Za-z]\w{0,63}$/.test(rule.kind))
      throw badInput(`A kind is a name such as email, got ${show(rule.kind)}.`, `${at}.kind`);
    if (seen.has(rule.kind)) throw badInput(`There are two rules for ${rule.kind}.`, `${at}.kind`);
    seen.add(rule.kind);
    checkRule(rule, at);
  }
  checkRule(book.custom, `${path}.custom`);
  for (const [index, blocked] of book.blocked.entries()) checkBlocked(blocked, `${path}.blocked[${index}]`);
  return book;
}

function checkCount(list: readonly unknown[], most: number, path: string): void {
  if (list.length > most) throw badInput(`At most ${most} are allowed, got ${list.length}.`, path);
}

function checkRule(rule: Omit<IdentityRule, 'kind'>, at: string): void {
  if (!strengths.has(rule.strength)) {
    throw badInput(`Expected ${[...strengths].join(', ')}, got ${show(rule.strength)}.`, `${at}.strength`);
  }
  checkWhole(rule.priority, { from: 1, to: 1000 }, `${at}.priority`);
  const { valuesPerCustomer, valuesWindowDays, recordsPerValue } = rule;
  if (valuesPerCustomer !== null) checkWhole(valuesPerCustomer, { from: 1, to: 10_000 }, `${at}.valuesPerCustomer`);
  if (recordsPerValue !== null) checkWhole(recordsPerValue, { from: 1, to: 10_000 }, `${at}.recordsPerValue`);
  if (valuesWindowDays === null) return;
  checkWhole(valuesWindowDays, { from: 1, to: 3660 }, `${at}.valuesWindowDays`);
  if (valuesPerCustomer === null) throw badInput('A window needs a limit of values.', `${at}.valuesWindowDays`);
}

function checkWhole(value: number, { from, to }: { from: number; to: number }, path: string): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  throw badInput(`Expected a whole number from ${from} to ${to}, got ${show(value)}.`, path);
}

const longestPattern = 500;

function checkBlocked({ exact, pattern }: BlockedValue, at: string): void {
  if ((exact === null) === (pattern === null)) throw badInput('Give either an exact value or a pattern.', at);
  const text = exact ?? pattern!;
  if (text.trim() === '' || text.length > longestPattern) {
    throw badInput(`Expected 1 to ${longestPattern} characters, got ${text.length}.`, at);
  }
  if (pattern === null) return;
  try {
    RE2JS.compile(pattern);
  } catch (error) {
    throw badInput(`The pattern is not a regular expression in the syntax of RE2: ${(error as Error).message}`, at);
  }
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
}
