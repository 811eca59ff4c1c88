import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextTierChange, type TierQuestion, tierAt } from '../../../src/loyalty/earning/tier-level.ts';
import { termsAt } from '../../../src/loyalty/terms.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { addDays, addMonths, NaiveCalendar } from '../oracle/days.ts';
import { overrides } from '../oracle/history-arbitrary.ts';
import { firstDay, instants, programs, tierSchemes, zones } from '../oracle/program-arbitrary.ts';
import { naiveTermsAt } from '../oracle/terms.ts';
import { type NaiveTierQuestion, naiveNextChange, naiveTierAt } from '../oracle/tiers.ts';
import { calendarOf } from '../oracle/world-arbitrary.ts';

interface Asked {
  readonly question: TierQuestion;
  readonly naive: NaiveTierQuestion;
}

const amounts = fc.constantFrom(1n, 1n, 2n, 10n, 11n, 20n, 40n, 3000n, 7500n, 7501n);

/** What counted on which day, of whatever basis; days may lie in the future of the instant. */
const asked: fc.Arbitrary<Asked> = fc
  .record({
    zone: fc.constantFrom(...zones),
    days: fc.array(fc.tuple(instants, amounts), { maxLength: 6 }),
    overrides,
    program: programs,
    tierScheme: tierSchemes,
  })
  .map(({ zone, days, overrides, program, tierScheme }) => {
    const scheme = { ...program.versions[0]!.definition, tierScheme };
    const told = { ...program, versions: [{ ...program.versions[0]!, definition: scheme }] };
    const calendar = new NaiveCalendar(zone);
    const qualifying = new Map(days.map(([at, amount]) => [calendar.dayOf(at), amount]));
    const at = new Date(firstDay);
    return {
      question: { qualifying, overrides, terms: termsAt(told, at)!, calendar: calendarOf(zone) },
      naive: {
        ...{ overrides, calendar, terms: naiveTermsAt(told, at)! },
        counted: [...qualifying].map(([day, amount]) => ({ day, amount })),
      },
    };
  });

/** Around the days on which something ceases to count, and those on which it is forgotten. */
function turns({ counted, terms, calendar }: NaiveTierQuestion): Date[] {
  const { window, graceDays } = terms.definition.tierScheme!;
  const months = 'rolling' in window ? window.rolling.months : window.calendar.months;
  return counted.flatMap(({ day }) => {
    const end = addMonths(day, months);
    const days = [end, addDays(end, graceDays), addDays(end, graceDays - 1)];
    return days.map((one) => new Date(calendar.startOf(one)));
  });
}

const numRuns = propertyRuns(30);

describe('A tier', () => {
  test('is what the naive oracle finds, at any instant', () => {
    fc.assert(
      fc.property(asked, fc.array(instants, { minLength: 1, maxLength: 8 }), ({ question, naive }, looks) => {
        for (const at of [...looks, ...turns(naive)])
          expect([at, tierAt(question, at)]).toEqual([at, naiveTierAt(naive, at)]);
      }),
      { numRuns: numRuns * 4 },
    );
  });

  test('changes neither late nor early: it stays until the next change, and is another one then', () => {
    fc.assert(
      fc.property(asked, instants, ({ question, naive }, at) => {
        expect(nextTierChange(question, at)).toEqual(naiveNextChange(naive, at, 900));
      }),
      { numRuns },
    );
  });
});
