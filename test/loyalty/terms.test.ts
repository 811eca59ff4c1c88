import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LeverValue, PhaseChange, Program, ProgramVersion } from '../../src/loyalty/program.ts';
import { lastTurn, leverAt, nextTurn, phaseAt, termsAt, versionAt } from '../../src/loyalty/terms.ts';
import { exampleProgram } from './example-program.ts';

const instant = fc.nat({ max: 8 }).map((hour) => new Date(Date.UTC(2026, 0, 1, hour)));
const lever = { key: 'bonus', name: 'Bonus', initial: '1', minimum: '0', maximum: '9', owner: 'marketing' };

const byTime = <T extends { readonly effectiveAt: Date }>(list: readonly T[]) =>
  [...list].sort((a, b) => a.effectiveAt.getTime() - b.effectiveAt.getTime());

const program: fc.Arbitrary<Program> = fc
  .record({
    versions: fc.array(instant, { maxLength: 3 }),
    phases: fc.array(fc.record({ phase: fc.constantFrom('PILOT', 'LIVE', 'SUNSET'), effectiveAt: instant })),
    leverValues: fc.array(
      fc.record({
        lever: fc.constant('bonus'),
        value: fc.constantFrom('2', '3', '4'),
        effectiveAt: instant,
        until: fc.option(instant),
      }),
    ),
  })
  .map(({ versions, phases, leverValues }) => ({
    ...{ id: '01900000-0000-7000-8000-00000000000a', name: 'Club' },
    versions: byTime(versions.map((effectiveAt) => ({ effectiveAt }))).map(
      ({ effectiveAt }, index): ProgramVersion => ({
        ...{ version: index + 1, effectiveAt },
        definition: exampleProgram({ levers: [lever] }),
      }),
    ),
    phases: byTime(phases as PhaseChange[]),
    leverValues: leverValues as LeverValue[],
  }));

/** Each edge of the program's instants, and a moment before. */
const moments = Array.from({ length: 10 }, (_, hour) => Date.UTC(2026, 0, 1, hour)).flatMap((time) => [
  new Date(time - 1),
  new Date(time),
]);

test('what a programme says at an instant is what each part of it says, in whichever order it is asked', () => {
  fc.assert(
    fc.property(program, fc.shuffledSubarray(moments), (one, asked) => {
      for (const at of asked) {
        const terms = termsAt(one, at);
        const version = versionAt(one, at);
        expect(terms?.version).toBe(version?.version);
        if (!terms || !version) continue;
        expect(terms.phase).toBe(phaseAt(one, at));
        expect(terms.setting({ lever: 'bonus' })).toBe(leverAt(one, version.definition, { lever: 'bonus', at }));
      }
    }),
  );
});

test('turns are the instants at which something begins or ends, half-open', () => {
  fc.assert(
    fc.property(program, fc.constantFrom(...moments), (one, at) => {
      const starts = [...one.versions, ...one.phases, ...one.leverValues].map(({ effectiveAt }) => effectiveAt);
      const turns = [...starts, ...one.leverValues.flatMap(({ until }) => until ?? [])].map((turn) => turn.getTime());
      const [past, later] = [turns.filter((turn) => turn <= at.getTime()), turns.filter((turn) => turn > at.getTime())];
      expect(lastTurn(one, at)?.getTime()).toBe(past.length > 0 ? Math.max(...past) : undefined);
      expect(nextTurn(one, at)?.getTime()).toBe(later.length > 0 ? Math.min(...later) : undefined);
    }),
  );
});
