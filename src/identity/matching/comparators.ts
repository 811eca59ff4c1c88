import { bindColumn } from './bind-column.ts';
import type { BoundComparison, Comparator } from './comparator.ts';
import { compareDates } from './compare-dates.ts';
import { compareTexts, prepareText } from './compare-texts.ts';
import { email, identityNumber, phone } from './contact-comparators.ts';
import { asTheyAre } from './level-cache.ts';
import type { ComparisonSpec } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';
import { familyName, fullName, givenName, nameOrder } from './name-comparators.ts';
import { place, street } from './place-comparators.ts';

/** Fields: date of birth. Twins make it likely in a household; its other levels are those of strangers, nearly. */
const birthDate: Comparator = {
  levels: [
    { label: 'same', m: 0.85, frequency: 1, household: 0.02 },
    { label: 'a slip, or day and month exchanged', m: 0.07, household: 0.005 },
    { label: 'two parts the same', m: 0.03, household: 0.02 },
    { label: 'same year', m: 0.01, household: 0.025 },
    { label: 'a year apart', m: 0.01, household: 0.05 },
    { label: 'within ten years', m: 0.01, household: 0.5 },
    { label: 'different', m: 0.02, household: 0.38 },
  ],
  bind: (columns) => bindColumn(columns, asTheyAre(compareDates)),
};

const category: Comparator = {
  levels: [
    { label: 'same', m: 0.95, frequency: 1 },
    { label: 'different', m: 0.05 },
  ],
  bind: (columns) =>
    bindColumn(
      columns,
      asTheyAre(() => 1),
    ),
};

const words: Comparator = {
  levels: [
    { label: 'same', m: 0.7, frequency: 1 },
    { label: 'close', m: 0.12, frequency: 0.5 },
    { label: 'similar', m: 0.06 },
    { label: 'different', m: 0.12 },
  ],
  bind: (columns) => bindColumn(columns, { prepare: prepareText, compare: compareTexts }),
};

/** Fields: a second line of an address, which a household shares. */
const addressLine: Comparator = {
  levels: words.levels.map((level, at) => ({ ...level, household: [0.8, 0.08, 0.04, 0.08][at]! })),
  bind: words.bind,
};

const comparators: Readonly<Record<string, Comparator>> = {
  givenName,
  familyName,
  nameOrder,
  fullName,
  birthDate,
  email,
  phone,
  identityNumber,
  street,
  place,
  addressLine,
  category,
  words,
};

export function findComparator(name: string): Comparator {
  const comparator = comparators[name];
  if (!comparator) throw new RangeError(`There is no comparator "${name}".`);
  return comparator;
}

export function bindComparisons(table: MatchTable, specs: readonly ComparisonSpec[]): BoundComparison[] {
  return specs.map((spec) => {
    const columns = [...spec.fields, ...spec.context].map((field) => findColumn(table, field));
    return findComparator(spec.comparator).bind(columns);
  });
}
