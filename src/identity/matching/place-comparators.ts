import { type Comparator, rarityIn } from './comparator.ts';
import { combinePlace, combineStreet, compareHouseNumbers, PlaceLevel, splitStreet } from './compare-places.ts';
import { compareTexts, prepareText } from './compare-texts.ts';
import { DictionaryBuilder, sharedInts } from './dictionary.ts';
import { editDistance } from './edit-distance.ts';
import { asTheyAre, type LevelOf, levelsOf, type ValueComparison } from './level-cache.ts';
import type { FieldKind } from './match-model.ts';
import type { MatchColumn } from './match-table.ts';

const texts = { prepare: prepareText, compare: compareTexts };

/** Fields: street, then number of the house if it has a field of its own. */
export const street: Comparator = {
  levels: [
    { label: 'same street and number', m: 0.65, frequency: 1, household: 0.85 },
    { label: 'close, same number', m: 0.12, frequency: 0.5, household: 0.06 },
    { label: 'same street, number unknown or a slip', m: 0.06, frequency: 1, household: 0.03 },
    { label: 'same street, other number', m: 0.04, frequency: 1, household: 0.01 },
    { label: 'similar street, same number', m: 0.03, household: 0.01 },
    { label: 'different', m: 0.1, household: 0.04 },
  ],
  bind([column, numberColumn]) {
    const parts = streetParts(column!, numberColumn);
    const nameLevel = levelsOf(parts.values, column!.codes.length, texts);
    return {
      level(a, b) {
        const name = nameLevel(parts.names[a]!, parts.names[b]!);
        if (name < 0) return -1;
        return combineStreet(name, parts.compareNumbers(a, b));
      },
      rarity: (a, b, _level, [bits]) => rarityIn(bits!, column!.codes[a]!, column!.codes[b]!),
    };
  },
};

/** Names and numbers of streets apart, encoded once for each distinct street. */
function streetParts(column: MatchColumn, numberColumn?: MatchColumn) {
  const names = new DictionaryBuilder();
  const numbers = new DictionaryBuilder();
  const unknown = numbers.encode('');
  const nameOf = sharedInts(column.values.size);
  const numberOf = sharedInts(column.values.size);
  for (let code = 0; code < column.values.size; code++) {
    const [name, number] = splitStreet(column.values.text(code));
    nameOf[code] = names.encode(name);
    numberOf[code] = numbers.encode(number);
  }
  const numberTexts = numbers.build();
  const numberAt = (row: number) => {
    const separate = numberColumn ? numberColumn.codes[row]! : -1;
    if (separate >= 0) return numberColumn!.values.text(separate);
    return numberTexts.text(column.codes[row]! < 0 ? unknown : numberOf[column.codes[row]!]!);
  };
  return {
    values: names.build(),
    names: column.codes.map((code) => (code < 0 ? -1 : nameOf[code]!)),
    compareNumbers: (a: number, b: number) => compareHouseNumbers(numberAt(a), numberAt(b)),
  };
}

/** Fields: any of postal code, city and region. */
export const place: Comparator = {
  levels: [
    { label: 'same postal code and city', m: 0.6, frequency: 1, household: 0.85 },
    { label: 'same postal code', m: 0.08, frequency: 1, household: 0.06 },
    { label: 'same city, postal code nearly', m: 0.06, frequency: 1, household: 0.02 },
    { label: 'same city', m: 0.08, frequency: 1, household: 0.02 },
    { label: 'city nearly the same', m: 0.06, frequency: 0.5, household: 0.01 },
    { label: 'postal code nearly the same', m: 0.02, household: 0.005 },
    { label: 'same region', m: 0.04, household: 0.02 },
    { label: 'different', m: 0.06, household: 0.015 },
  ],
  bind(columns) {
    const [code, codeLevel, codeBits] = partOf(columns, 'postalCode', asTheyAre(compareCodes));
    const [city, cityLevel, cityBits] = partOf(columns, 'city', texts);
    const [region, regionLevel] = partOf(columns, 'region', texts);
    return {
      level: (a, b) =>
        combinePlace({
          code: codeLevel(code[a]!, code[b]!),
          city: cityLevel(city[a]!, city[b]!),
          region: regionLevel(region[a]!, region[b]!),
        }),
      rarity: (a, b, level, bits) =>
        level <= PlaceLevel.code
          ? rarityIn(bits[codeBits]!, code[a]!, code[b]!)
          : rarityIn(bits[cityBits]!, city[a]!, city[b]!),
    };
  },
};

function partOf<Prepared>(
  columns: readonly MatchColumn[],
  kind: FieldKind,
  comparison: ValueComparison<Prepared>,
): readonly [codes: Int32Array, level: LevelOf, position: number] {
  const position = columns.findIndex(({ field }) => field.kind === kind);
  if (position < 0) return [nowhere(columns[0]!.codes.length), () => -1, 0];
  const column = columns[position]!;
  return [column.codes, levelsOf(column.values, column.codes.length, comparison), position];
}

function nowhere(rows: number): Int32Array {
  return new Int32Array(rows).fill(-1);
}

function compareCodes(a: string, b: string): number {
  return Math.min(a.length, b.length) >= 3 && editDistance(a, b, 1) === 1 ? 1 : 2;
}
