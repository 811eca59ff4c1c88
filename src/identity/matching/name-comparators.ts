import { bindColumn, bindLevels } from './bind-column.ts';
import { type BoundComparison, type Comparator, type LevelDefault, rarityIn } from './comparator.ts';
import { compareFullNames, compareNames, NameLevel, prepareFullName, prepareName } from './compare-names.ts';
import type { Dictionary } from './dictionary.ts';
import { type LevelOf, levelsOf } from './level-cache.ts';
import type { MatchColumn } from './match-table.ts';

const levelDefaults: readonly LevelDefault[] = [
  { label: 'same', m: 0.8, frequency: 1 },
  { label: 'close (a slip)', m: 0.09, frequency: 0.5 },
  { label: 'similar, or sounds alike', m: 0.03, frequency: 0.3 },
  { label: 'initial, short or familiar form', m: 0.02 },
  { label: 'vaguely similar', m: 0.02 },
  { label: 'different', m: 0.04 },
];

const familyShares = [0.75, 0.05, 0.02, 0.01, 0.02, 0.15];

/** Children are named after their parents more often than after strangers. */
const givenShares = [0.04, 0.01, 0.02, 0.01, 0.04, 0.88];

/** Fields: given name. Context: family name, if there is one: the two may have been exchanged. */
export const givenName: Comparator = {
  levels: levelDefaults.map((level, at) => ({ ...level, household: givenShares[at]! })),
  bind: bindNamePart,
};

/** Fields: family name. Context: given name, if there is one. */
export const familyName: Comparator = {
  levels: levelDefaults.map((level, at) => ({ ...level, household: familyShares[at]! })),
  bind: bindNamePart,
};

/** By dictionary: all comparisons of names share what has been found. */
const nameLevels = new WeakMap<Dictionary, LevelOf>();

function nameLevelsOf({ values, codes }: MatchColumn): LevelOf {
  const known = nameLevels.get(values);
  if (known) return known;
  const levels = levelsOf(values, codes.length, { prepare: prepareName, compare: compareNames });
  nameLevels.set(values, levels);
  return levels;
}

function bindNamePart([own, other]: readonly MatchColumn[]): BoundComparison {
  const levelOf = nameLevelsOf(own!);
  const codes = own!.codes;
  if (!other) return bindLevels(codes, levelOf);
  const crossed = other.codes;
  const isExchanged = exchangeTest(codes, crossed, levelOf);
  return {
    level: (a, b) => levelOf(codes[a]!, isExchanged(a, b) ? crossed[b]! : codes[b]!),
    rarity: (a, b, _level, [ownBits, otherBits]) => {
      if (!isExchanged(a, b)) return rarityIn(ownBits!, codes[a]!, codes[b]!);
      return codes[a]! < 0 || crossed[b]! < 0 ? 0 : Math.min(ownBits![codes[a]!]!, otherBits![crossed[b]!]!);
    },
  };
}

/**
 * Given and family name have been exchanged in one of the records: one name is the same crosswise, the other at least
 * close or unknown, and as they stand they don't agree.
 */
function exchangeTest(first: Int32Array, second: Int32Array, levelOf: LevelOf): (a: number, b: number) => boolean {
  const isClose = (level: number) => level >= 0 && level <= NameLevel.close;
  return (a, b) => {
    const [firstA, secondA, firstB, secondB] = [first[a]!, second[a]!, first[b]!, second[b]!];
    const crossFirst = firstA >= 0 && firstA === secondB;
    const crossSecond = secondA >= 0 && secondA === firstB;
    if (!crossFirst && !crossSecond) return false;
    if (isClose(levelOf(firstA, firstB)) || isClose(levelOf(secondA, secondB))) return false;
    const rest = crossFirst ? levelOf(secondA, firstB) : levelOf(firstA, secondB);
    return rest <= NameLevel.close;
  };
}

/**
 * Fields: given name, family name. The price of taking them as exchanged. For strangers either order is as good as
 * the other, as both have been tried: u is 1.
 */
export const nameOrder: Comparator = {
  levels: [
    { label: 'given and family name exchanged', m: 0.03, household: 1 },
    { label: 'in order', m: 0.97, household: 1 },
  ],
  bind([given, family]) {
    const levelOf = nameLevelsOf(given!);
    const isExchanged = exchangeTest(given!.codes, family!.codes, levelOf);
    return { level: (a, b) => (isExchanged(a, b) ? 0 : 1), knownU: [1, 1] };
  },
};

/** Fields: the whole name. */
export const fullName: Comparator = {
  levels: [
    { label: 'same', m: 0.75, frequency: 1, household: 0.01 },
    { label: 'close (a slip)', m: 0.1, frequency: 0.5, household: 0.01 },
    { label: 'one has more, or initials', m: 0.06, frequency: 0.3, household: 0.03 },
    { label: 'half of it', m: 0.04, household: 0.75 },
    { label: 'vaguely similar', m: 0.02, household: 0.05 },
    { label: 'different', m: 0.03, household: 0.15 },
  ],
  bind: (columns) => bindColumn(columns, { prepare: prepareFullName, compare: compareFullNames }),
};
