import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isoDay, isoInstant } from '../../src/kernel/iso-day.ts';

test('a day begins at midnight UTC', () => {
  const instants = [
    '2026-03-28T23:59:59.999Z',
    '2026-03-29T00:00:00Z',
    '1969-12-31T23:59:59.999Z',
    '1970-01-01T00:00Z',
  ];
  expect(instants.map((text) => isoDay(new Date(text)))).toEqual([
    '2026-03-28',
    '2026-03-29',
    '1969-12-31',
    '1970-01-01',
  ]);
});

test('it is the day of the ISO text, the second time too', () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date('0000-01-01T00:00Z'), max: new Date('9999-12-31T23:59:59Z') }),
      (instant) => {
        const day = instant.toISOString().slice(0, 10);
        expect([isoDay(instant), isoDay(instant)]).toEqual([day, day]);
      },
    ),
  );
});

test('an instant reads as toISOString writes it, whatever the year', () => {
  fc.assert(
    fc.property(fc.date({ noInvalidDate: true }), (instant) => {
      expect(isoInstant(instant)).toBe(instant.toISOString());
    }),
  );
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date('1970-01-01T00:00Z'), max: new Date('9999-12-31T23:59:59.999Z') }),
      (instant) => {
        expect(isoInstant(instant)).toBe(instant.toISOString());
      },
    ),
  );
});
