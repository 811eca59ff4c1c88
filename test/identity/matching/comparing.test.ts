import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareEmails,
  compareNumbers,
  comparePhones,
  discountNames,
  EmailLevel,
  NumberLevel,
  prepareEmail,
  takeNames,
} from '../../../src/identity/matching/compare-contacts.ts';
import { compareDates, DateLevel } from '../../../src/identity/matching/compare-dates.ts';
import {
  compareFullNames,
  compareNames,
  FullNameLevel,
  NameLevel,
  prepareFullName,
  prepareName,
} from '../../../src/identity/matching/compare-names.ts';
import {
  combinePlace,
  combineStreet,
  compareHouseNumbers,
  PlaceLevel,
  StreetLevel,
  splitStreet,
} from '../../../src/identity/matching/compare-places.ts';
import { compareTexts, prepareText, TextLevel } from '../../../src/identity/matching/compare-texts.ts';
import { editDistance } from '../../../src/identity/matching/edit-distance.ts';
import { jaroSimilarity, jaroWinkler } from '../../../src/identity/matching/jaro-winkler.ts';
import { fewestEdits, letterMask, mostJaroWinkler } from '../../../src/identity/matching/letters.ts';
import { soundKey } from '../../../src/identity/matching/sound-key.ts';

/** Short texts of few letters, so that they often resemble each other. */
const text = fc.string({ unit: fc.constantFrom(...'abcdeé '), minLength: 1, maxLength: 9 });

describe('Jaro-Winkler similarity', () => {
  it.each([
    ['MARTHA', 'MARHTA', 0.944, 0.961],
    ['DWAYNE', 'DUANE', 0.822, 0.84],
    ['DIXON', 'DICKSONX', 0.767, 0.813],
    ['SHACKLEFORD', 'SHACKELFORD', 0.97, 0.982],
    ['DUNNINGHAM', 'CUNNIGHAM', 0.896, 0.896],
    ['NICHLESON', 'NICHULSON', 0.926, 0.956],
    ['JONES', 'JOHNSON', 0.79, 0.832],
    ['MASSEY', 'MASSIE', 0.889, 0.933],
    ['ABROMS', 'ABRAMS', 0.889, 0.922],
  ])('of %s and %s is what Winkler published', (a, b, jaro, winkler) => {
    expect(jaroSimilarity(a, b)).toBeCloseTo(jaro, 3);
    expect(jaroWinkler(a, b)).toBeCloseTo(winkler, 3);
  });

  it('is 1 for equal texts, 0 without a common letter, and the same both ways', () => {
    expect(jaroWinkler('abc', 'xyz')).toBe(0);
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(jaroWinkler(a, a)).toBe(1);
        expect(jaroWinkler(a, b)).toBe(jaroWinkler(b, a));
      }),
    );
  });
});

describe('edit distance', () => {
  it.each([
    ['kitten', 'sitting', 3],
    ['saturday', 'sunday', 3],
    ['ca', 'abc', 3],
    ['smith', 'smiht', 1],
    ['same', 'same', 0],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b, 10)).toBe(distance);
  });

  it('in a band equals the distance by the whole matrix, up to its limit', () => {
    fc.assert(
      fc.property(text, text, fc.nat(4), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(wholeMatrixDistance(a, b), limit + 1));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('masks of letters', () => {
  it('never promise less than what is there', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [maskA, maskB] = [letterMask(a), letterMask(b)];
        expect(fewestEdits(maskA, maskB)).toBeLessThanOrEqual(editDistance(a, b, 20));
        const bound = mostJaroWinkler({ text: a, mask: maskA }, { text: b, mask: maskB });
        expect(jaroWinkler(a, b)).toBeLessThanOrEqual(bound + 1e-12);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('sound keys', () => {
  it.each([
    ['meyer', 'maier'],
    ['smith', 'smyth'],
    ['schmidt', 'schmitt'],
    ['philip', 'filip'],
    ['catherine', 'kathryn'],
    ['stephen', 'steven'],
    ['wright', 'right'],
    ['christian', 'kristian'],
    ['mueller', 'muller'],
  ])('%s sounds like %s', (a, b) => {
    expect(soundKey(a)).toBe(soundKey(b));
  });

  it.each([
    ['meyer', 'huber'],
    ['anna', 'hannes'],
    ['robert', 'rupert keller'],
  ])('%s does not sound like %s', (a, b) => {
    expect(soundKey(a)).not.toBe(soundKey(b));
  });
});

describe('names', () => {
  it.each([
    ['robert', 'robert', NameLevel.same],
    ['robert', 'robret', NameLevel.close],
    ['alexander', 'alexnder', NameLevel.close],
    ['maier', 'meyer', NameLevel.similar],
    ['rob', 'robert', NameLevel.short],
    ['r', 'robert', NameLevel.short],
    ['bill', 'william', NameLevel.short],
    ['sepp', 'josef', NameLevel.short],
    ['al', 'ed', NameLevel.different],
    ['peter', 'ursula', NameLevel.different],
  ])('%s and %s', (a, b, level) => {
    expect(compareNames(prepareName(a), prepareName(b))).toBe(level);
    expect(compareNames(prepareName(b), prepareName(a))).toBe(level);
  });

  it.each([
    ['anna maria weber', 'weber anna maria', FullNameLevel.same],
    ['anna weber', 'ana weber', FullNameLevel.close],
    ['a weber', 'anna weber', FullNameLevel.covered],
    ['anna weber', 'anna maria weber', FullNameLevel.covered],
    ['anna weber', 'anna huber', FullNameLevel.half],
    ['anna weber', 'tom kruse', FullNameLevel.different],
  ])('%s and %s as whole names', (a, b, level) => {
    expect(compareFullNames(prepareFullName(a), prepareFullName(b))).toBe(level);
  });
});

describe('dates of birth', () => {
  it.each([
    ['19710624', '19710624', DateLevel.same],
    ['19710624', '19710524', DateLevel.slip],
    ['19710624', '19170624', DateLevel.slip],
    ['19710605', '19710506', DateLevel.slip],
    ['19710604', '19711129', DateLevel.year],
    ['19710624', '19830624', DateLevel.twoParts],
    ['19710624', '19720111', DateLevel.nearYear],
    ['19710624', '19790111', DateLevel.decade],
    ['19710624', '20090111', DateLevel.different],
  ])('%s and %s', (a, b, level) => {
    expect(compareDates(a, b)).toBe(level);
    expect(compareDates(b, a)).toBe(level);
  });
});

describe('e-mail addresses', () => {
  it.each([
    ['ann@x.org', 'ann@x.org', EmailLevel.same],
    ['robert25@smith.net', 'robret25@smith.net', EmailLevel.slip],
    ['grace.kelly@jones.com', 'grace.kelly@jnoess.com', EmailLevel.slip],
    ['grace.kelly@jones.com', 'grace.kelly@gmail.com', EmailLevel.sameUser],
    ['peter@x.org', 'ursula@y.com', EmailLevel.different],
  ])('%s and %s', (a, b, level) => {
    expect(compareEmails(prepareEmail(a), prepareEmail(b))).toBe(level);
  });

  it.each([
    ['jason.walker@yahoo.com', 'jason', 'walker', true],
    ['jwalker@yahoo.com', 'jason', 'walker', true],
    ['anna.mueller@gmx.ch', 'anna', 'muller', true],
    ['lisa.evans@yahoo.com', 'lisa', 'evans', true],
    ['speedy@yahoo.com', 'jason', 'walker', false],
    ['jason.walker@yahoo.com', null, null, false],
  ])('%s is made of %s %s: %s', (email, given, family, made) => {
    expect(takeNames(email, given, family).isName).toBe(made);
  });

  it.each([
    ['anna.lang@x.org', 'anna.lang@x.org', EmailLevel.sameByName],
    ['anna.lang84@x.org', 'anna.lang84@x.org', EmailLevel.same],
    ['anna.lang84@x.org', 'anna.lang84@gmail.com', EmailLevel.sameByName],
    ['anna.lang84@x.org', 'anna.lang62@x.org', EmailLevel.different],
    ['anna.lang@x.org', 'anna.lang@gmail.com', EmailLevel.different],
    ['anna.lang@x.org', 'a.lang@x.org', EmailLevel.different],
    ['sunny84@x.org', 'sunny48@x.org', EmailLevel.slip],
  ])('of two Anna Langs, %s and %s, say what the name does not', (a, b, level) => {
    const [one, other] = [a, b].map((email) => takeNames(email, 'anna', 'lang'));
    expect(discountNames(compareEmails(prepareEmail(a), prepareEmail(b)), one!, other!)).toBe(level);
  });
});

describe('numbers', () => {
  it.each([
    ['41791234567', '0791234567', NumberLevel.same],
    ['0791234567', '0791234657', NumberLevel.slip],
    ['0791234567', '0791234511', NumberLevel.twoSlips],
    ['0791234567', '0443210000', NumberLevel.different],
    ['12345', '12346', NumberLevel.different],
  ])('phones %s and %s', (a, b, level) => {
    expect(comparePhones(a, b)).toBe(level);
  });

  it('of identity may have slips, if they are long enough to have any', () => {
    expect(compareNumbers('6988048', '6988084')).toBe(NumberLevel.slip);
    expect(compareNumbers('123', '124')).toBe(NumberLevel.different);
  });
});

describe('addresses', () => {
  it('fall into the name of the street and the number', () => {
    expect(splitStreet('12a river rd')).toEqual(['river rd', '12a']);
    expect(splitStreet('nelkenhalde 8')).toEqual(['nelkenhalde', '8']);
    expect(splitStreet('broadway')).toEqual(['broadway', '']);
  });

  it('agree in the street as far as the number allows', () => {
    expect(combineStreet(0, compareHouseNumbers('12', '12'))).toBe(StreetLevel.same);
    expect(combineStreet(0, compareHouseNumbers('12', '21'))).toBe(StreetLevel.numberSlip);
    expect(combineStreet(0, compareHouseNumbers('12', ''))).toBe(StreetLevel.numberSlip);
    expect(combineStreet(0, compareHouseNumbers('12', '77'))).toBe(StreetLevel.otherNumber);
    expect(combineStreet(3, compareHouseNumbers('12', '12'))).toBe(StreetLevel.different);
  });

  it('agree in the place as far as the finest part that is known', () => {
    expect(combinePlace({ code: 0, city: 0, region: 0 })).toBe(PlaceLevel.codeAndCity);
    expect(combinePlace({ code: 0, city: -1, region: -1 })).toBe(PlaceLevel.code);
    expect(combinePlace({ code: -1, city: 0, region: 1 })).toBe(PlaceLevel.city);
    expect(combinePlace({ code: 2, city: 3, region: 0 })).toBe(PlaceLevel.region);
    expect(combinePlace({ code: -1, city: -1, region: -1 })).toBe(-1);
  });
});

describe('texts', () => {
  it.each([
    ['pridham st', 'pridhamst', TextLevel.close],
    ['wayne enterprises', 'enterprises wayne', TextLevel.close],
    ['the red house garden', 'red house garden', TextLevel.similar],
    ['hooli', 'initech', TextLevel.different],
  ])('%s and %s', (a, b, level) => {
    expect(compareTexts(prepareText(a), prepareText(b))).toBe(level);
  });
});

/** The textbook's way, for comparison. */
function wholeMatrixDistance(a: string, b: string): number {
  const distance = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => i + j),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const replaced = distance[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? distance[i - 2]![j - 2]! + 1 : Infinity;
      distance[i]![j] = Math.min(replaced, exchanged, distance[i - 1]![j]! + 1, distance[i]![j - 1]! + 1);
    }
  }
  return distance[a.length]![b.length]!;
}
