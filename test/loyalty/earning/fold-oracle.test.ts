import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyState, follows, MemberFold, type MemberState } from '../../../src/loyalty/earning/member-fold.ts';
import { tierAt } from '../../../src/loyalty/earning/tier-level.ts';
import type { Program } from '../../../src/loyalty/program.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { NaiveMember } from '../oracle/earning.ts';
import { inOrder } from '../oracle/history-arbitrary.ts';
import { instants } from '../oracle/program-arbitrary.ts';
import { naiveTierAt } from '../oracle/tiers.ts';
import { byKey, type Case, calendarOf, cases, foldOf, naiveWorld, told } from '../oracle/world-arbitrary.ts';

const numRuns = propertyRuns(150);

describe('What touchpoints earn', () => {
  test('is what the naive oracle finds: lots, grants, and tiers at any instant', () => {
    fc.assert(
      fc.property(cases, fc.array(instants, { maxLength: 4 }), (given, looks) => {
        const [fold, naive] = [foldOf(given), new NaiveMember(naiveWorld(given))];
        expect(told(fold.lots())).toEqual(naive.lots().sort(byKey));
        for (const at of looks) {
          const [question, plain] = [fold.tierQuestion(at), naive.question(at)];
          expect(question === undefined).toBe(plain === undefined);
          if (question && plain) expect([at, tierAt(question, at)]).toEqual([at, naiveTierAt(plain, at)]);
        }
      }),
      { numRuns },
    );
  });

  test('does not depend on the order in which touchpoints became known', () => {
    const shuffled = cases.chain((given) =>
      fc
        .shuffledSubarray([...given.facts], { minLength: given.facts.length })
        .map((facts) => [given, { ...given, facts: facts.sort(inOrder) }] as const),
    );
    fc.assert(
      fc.property(shuffled, ([given, other]) => {
        expect(foldOf(other).lots()).toEqual(foldOf(given).lots());
        expect(foldOf(other).state()).toEqual(foldOf(given).state());
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  test('has no lot with less than nothing, and none whose grants are not its points', () => {
    fc.assert(
      fc.property(cases, (given) => {
        for (const { granted, grants } of foldOf(given).lots()) {
          expect(grants.every(({ points }) => points >= 0n)).toBe(true);
          expect(grants.reduce((sum, { points }) => sum + points, 0n)).toBe(granted);
        }
      }),
      { numRuns },
    );
  });
});

describe('A fold goes on from a state', () => {
  test('wherever `follows` says so, as if it had seen everything', () => {
    fc.assert(
      fc.property(cases, fc.nat(14), instants, (given, place, at) => {
        const [before, after] = [given.facts.slice(0, place), given.facts.slice(place)];
        const state = throughJson(foldOf({ ...given, facts: before }).state());
        fc.pre(after.length > 0 && follows(given.program, state, after));
        expectSame(given, continued(given, state, after), { added: after, at });
      }),
      { numRuns },
    );
  });

  test('one touchpoint at a time, starting anew where one does not follow', () => {
    fc.assert(
      fc.property(cases, instants, (given, at) => {
        let state = emptyState;
        for (const [index, fact] of given.facts.entries()) {
          const known = { ...given, facts: given.facts.slice(0, index + 1) };
          const goesOn = follows(given.program, state, [fact]);
          const fold = goesOn ? continued(given, state, [fact]) : foldOf(known);
          expectSame(known, fold, { added: goesOn ? [fact] : known.facts, at });
          state = throughJson(fold.state());
        }
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  test('also where a version has been published since, or is not continued then', () => {
    fc.assert(
      fc.property(cases, fc.nat(14), instants, (given, place, at) => {
        const [before, after] = [given.facts.slice(0, place), given.facts.slice(place)];
        const program = knownUntil(given.program, before.at(-1)?.occurredAt ?? new Date(0));
        const state = throughJson(foldOf({ ...given, program, facts: before }).state());
        fc.pre(after.length > 0 && follows(given.program, state, after));
        expectSame(given, continued(given, state, after), { added: after, at });
      }),
      { numRuns },
    );
  });

  test('never for what is older, a return, or an order that a return waits for', () => {
    fc.assert(
      fc.property(cases, fc.nat(14), (given, place) => {
        const state = foldOf({ ...given, facts: given.facts.slice(0, place) }).state();
        const [late] = given.facts.slice(0, place);
        if (late) expect(follows(given.program, state, [late])).toBe(false);
        for (const fact of given.facts) {
          if (fact.type === 'order.returned') expect(follows(given.program, state, [fact])).toBe(false);
        }
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });
});

interface Seen {
  /** Only these have been added to the fold. */
  readonly added: Case['facts'];
  readonly at: Date;
}

function expectSame(given: Case, fold: MemberFold, { added, at }: Seen): void {
  const [full, ids] = [foldOf(given), new Set(added.map(({ id }) => id))];
  expect(told(fold.lots())).toEqual(told(full.lots().filter(({ sourceId }) => ids.has(sourceId!))));
  expect(fold.state()).toEqual(full.state());
  const last = given.facts.at(-1)!.occurredAt;
  for (const instant of [last, new Date(Math.max(Number(last), Number(at)))]) {
    const questions = [fold, full].map((one) => one.tierQuestion(instant));
    const [tier, expected] = questions.map((question) => question && tierAt(question, instant));
    expect(tier).toBe(expected);
  }
}

function continued({ program, zone, member }: Case, state: MemberState, facts: Case['facts']): MemberFold {
  const fold = new MemberFold({ program, calendar: calendarOf(zone) }, member, state);
  for (const fact of facts) fold.add(fact);
  return fold;
}

function throughJson(state: MemberState): MemberState {
  return JSON.parse(JSON.stringify(state));
}

/** As if nobody had entered yet what is in force only later. */
function knownUntil(program: Program, at: Date): Program {
  return { ...program, versions: program.versions.filter(({ effectiveAt }) => effectiveAt <= at) };
}
