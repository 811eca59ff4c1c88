import { bindColumn } from './bind-column.ts';
import { type Comparator, type LevelDefault, rarityIn } from './comparator.ts';
import {
  compareEmails,
  compareNumbers,
  comparePhones,
  discountNames,
  EmailLevel,
  type NameRemainder,
  prepareEmail,
  takeNames,
} from './compare-contacts.ts';
import { asTheyAre, levelsOf } from './level-cache.ts';
import { type MatchColumn, textOf } from './match-table.ts';

/** Fields: e-mail address. Context: given name, family name, if there are any. */
export const email: Comparator = {
  levels: [
    { label: 'same', m: 0.4, frequency: 1, household: 0.1 },
    { label: 'same, made of the name', m: 0.2, household: 0.001 },
    { label: 'nearly the same', m: 0.1, household: 0.01 },
    { label: 'same user, other provider', m: 0.05, household: 0.01 },
    { label: 'similar', m: 0.05, household: 0.079 },
    { label: 'different', m: 0.2, household: 0.8 },
  ],
  bind([column, given, family]) {
    const { codes, values } = column!;
    const levelOf = levelsOf(values, codes.length, { prepare: prepareEmail, compare: compareEmails });
    const remainder = (row: number) => takeNames(textOf(column!, row)!, nameIn(given, row), nameIn(family, row));
    return {
      level: (a, b) => {
        const level = levelOf(codes[a]!, codes[b]!);
        return level < 0 || level === EmailLevel.different ? level : discountNames(level, remainder(a), remainder(b));
      },
      rarity: (a, b, _level, [bits]) => rarityIn(bits!, codes[a]!, codes[b]!),
      knownU: [undefined, uByName(column!, remainder)],
    };
  },
};

function nameIn(column: MatchColumn | undefined, row: number): string | null {
  return column ? textOf(column, row) : null;
}

/**
 * Two strangers of one name have the same address if each makes it of the name and both have the same provider. Under
 * random pairs that is never seen, as the names would have to agree as well.
 */
function uByName(column: MatchColumn, remainder: (row: number) => NameRemainder): number {
  const rows = sampleKnown(column.codes, 20_000);
  const providers = new Map<string, number>();
  let made = 0;
  for (const row of rows) {
    const provider = prepareEmail(textOf(column, row)!).domain;
    providers.set(provider, (providers.get(provider) ?? 0) + 1);
    const { isName, digits } = remainder(row);
    if (isName && digits === '') made++;
  }
  let collision = 0;
  for (const count of providers.values()) collision += (count / rows.length) ** 2;
  return Math.max(1e-6, (collision * made) / Math.max(1, rows.length));
}

function sampleKnown(codes: Int32Array, atMost: number): number[] {
  const step = Math.max(1, Math.floor(codes.length / atMost));
  const rows: number[] = [];
  for (let row = 0; row < codes.length; row += step) if (codes[row]! >= 0) rows.push(row);
  return rows;
}

/** Fields: phone number. */
export const phone: Comparator = {
  levels: numberLevels([0.3, 0.01, 0.01, 0.68]),
  bind: (columns) => bindColumn(columns, asTheyAre(comparePhones)),
};

/** Fields: a number that one person has. */
export const identityNumber: Comparator = {
  levels: numberLevels(),
  bind: (columns) => bindColumn(columns, asTheyAre(compareNumbers)),
};

function numberLevels(household?: readonly number[]): LevelDefault[] {
  return [
    { label: 'same', m: 0.85, frequency: 1, household: household?.[0] },
    { label: 'one digit off', m: 0.06, household: household?.[1] },
    { label: 'two digits off', m: 0.02, household: household?.[2] },
    { label: 'different', m: 0.07, household: household?.[3] },
  ];
}
