import { describe, expect, test } from 'vitest';
import { isHeldOut } from '../../../src/loyalty/earning/holdout.ts';
import { isMember } from '../../../src/loyalty/earning/member-fold.ts';
import type { ProgramDefinition } from '../../../src/loyalty/program.ts';
import { termsAt } from '../../../src/loyalty/terms.ts';
import { alwaysMember, bought, definition, outcome, programOf, returned, scheme } from '../oracle/cases.ts';

const programId = '01900000-0000-7000-8000-00000000000a';
const customer = (end: string) => `01900000-0000-7000-8000-0000000001${end}`;
const heldOut = (holdoutPercent: string | null | undefined, customerId: string | null) =>
  isHeldOut({ programId, definition: { holdoutPercent } as ProgramDefinition }, customerId);

describe('who is held out', () => {
  test('is for ever the same: by the first 48 bits of SHA-256 of "loyalty holdout <program>:<customer>"', () => {
    // Their buckets, of 10000, are 0, 1492, 4190 and 7959.
    const held = (percent: string) => ['01', '10', '02', '04'].filter((end) => heldOut(percent, customer(end)));
    expect(held('0.01')).toEqual(['01']);
    expect(held('14.92')).toEqual(['01']);
    expect(held('14.93')).toEqual(['01', '10']);
    expect(held('41.9')).toEqual(['01', '10']);
    expect(held('50')).toEqual(['01', '10', '02']);
  });

  test('is nobody without a share, and nobody in particular never is', () => {
    expect([heldOut(null, customer('01')), heldOut(undefined, customer('01')), heldOut('50', null)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test('is about the share of all customers', () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => `0190${String(index).padStart(4, '0')}-person-${index}`);
    const share = ids.filter((id) => heldOut('12.5', id)).length / ids.length;
    expect(share).toBeGreaterThan(0.115);
    expect(share).toBeLessThan(0.135);
  });
});

describe('a version that holds out', () => {
  const half = { ...definition([{}], scheme), holdoutPercent: '50' };
  const program = programOf([{}], {
    later: [
      ['2026-03-01T00:00:00Z', half],
      ['2026-05-01T00:00:00Z', definition([{}], scheme)],
    ],
  });
  const facts = () => [
    bought({ at: '2026-02-01T10:00:00Z', value: 15_000 }),
    bought({ at: '2026-04-01T10:00:00Z', value: 30_000, order: 'o' }),
    bought({ at: '2026-06-01T10:00:00Z', value: 700 }),
  ];
  const of = (end: string) => ({ member: { ...alwaysMember, customerId: customer(end) } });

  test('counts for what happens while it is in force', () => {
    expect(outcome(program, facts(), of('01')).points).toBe(157n);
    expect(outcome(program, facts(), of('04')).points).toBe(457n);
    const back = returned({ at: '2026-06-02T10:00:00Z', value: 30_000, order: 'o' });
    expect(outcome(program, [...facts(), back], of('01')).points).toBe(157n);
    expect(outcome(program, [...facts(), back], of('04')).points).toBe(157n);
  });

  test('leaves nothing of it for the tier afterwards', () => {
    expect(outcome(program, facts(), of('01')).tierOn('2026-06-02T00:00:00Z')).toBe('silver');
    expect(outcome(program, facts(), of('04')).tierOn('2026-06-02T00:00:00Z')).toBe('gold');
  });

  test('has no place for who is held out, enrolled or not', () => {
    const takesPart = (end: string, at: string) => {
      const memberships = [{ from: new Date('2026-01-01'), to: null, explicit: true }];
      return isMember(termsAt(program, new Date(at))!, { customerId: customer(end), memberships }, new Date(at));
    };
    expect(['2026-02-28', '2026-03-01', '2026-04-30', '2026-05-01'].map((at) => takesPart('01', at))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(takesPart('04', '2026-04-01')).toBe(true);
  });
});
