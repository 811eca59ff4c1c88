import { expect, test } from 'vitest';
import { chooseRules } from '../../../src/identity/matching/choose-rules.ts';
import type { BlockingRule, MatchSchema } from '../../../src/identity/matching/match-model.ts';
import { buildMatchTable } from '../../../src/identity/matching/match-table.ts';
import { PairCollector } from '../../../src/identity/matching/predict.ts';

const schema: MatchSchema = [
  { name: 'city', kind: 'city' },
  { name: 'email', kind: 'email' },
  { name: 'phone', kind: 'phone' },
];

const rule = (field: string): BlockingRule => ({ name: field, parts: [{ field, transform: 'whole' }], refine: [] });
const rules = ['city', 'email', 'phone'].map(rule);

/** Pairs of neighbours: all are of one city, most share an e-mail address, the rest a telephone number. */
function material() {
  const rows = Array.from({ length: 200 }, (_, at) => {
    const person = Math.floor(at / 2);
    const shared = person % 10 === 0 ? 'phone' : 'email';
    const own = shared === 'email' ? person : at;
    return {
      id: String(at).padStart(4, '0'),
      values: ['Bern', `p${own}@x.example`, shared === 'phone' ? `07911111${10 + person}` : null],
    };
  });
  const pairs = new PairCollector();
  for (let at = 0; at < 200; at += 2) pairs.add(at, at + 1, 9);
  return { table: buildMatchTable(schema, rows), pairs: pairs.pairs() };
}

test('the rules that bring the pairs are kept; one whose blocks are too large brings none', () => {
  const { table, pairs } = material();
  const kept = chooseRules(table, rules, pairs, { blockLimit: 50, smallTable: 100, mostRules: 10 });
  expect(kept.map(({ name }) => name)).toEqual(['email', 'phone']);
});

test('one rule is enough where it brings them all', () => {
  const { table, pairs } = material();
  const kept = chooseRules(table, rules, pairs, { blockLimit: 500, smallTable: 100, mostRules: 10 });
  expect(kept.map(({ name }) => name)).toEqual(['city']);
});

test('the best come first where there is no room for all', () => {
  const { table, pairs } = material();
  const kept = chooseRules(table, rules, pairs, { blockLimit: 50, smallTable: 100, mostRules: 1 });
  expect(kept.map(({ name }) => name)).toEqual(['email']);
});

test('a small table keeps them all', () => {
  const { table, pairs } = material();
  expect(chooseRules(table, rules, pairs, { blockLimit: 1, smallTable: 1_000, mostRules: 1 })).toHaveLength(3);
});
