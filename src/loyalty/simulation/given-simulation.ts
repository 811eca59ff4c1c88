import { badInput } from '../../kernel/errors.ts';
import type { Program, ProgramDefinition } from '../program.ts';
import { checkDecimal } from '../programs/check-value.ts';
import { checkLeverValue } from '../programs/rule-settings.ts';
import { versionAt } from '../terms.ts';
import type { LeverSetting } from './hypothesis.ts';
import type { Period } from './replay.ts';

/** Checks of what is given. Each answers the value as it is used, or throws `BAD_USER_INPUT`. */

export function checkPeriod({ from, to }: Period, now: Date): Period {
  if (!(from < to)) throw badInput('Expected an instant after `from`.', 'input.to');
  if (to > now) throw badInput('What is still to come can not be replayed: give an instant up to now.', 'input.to');
  return { from, to };
}

export function checkSample(sample: number | null | undefined): number {
  if (sample == null) return 1;
  if (sample > 0 && sample <= 1) return sample;
  throw badInput('Expected a part of all customers: above 0 and up to 1.', 'input.sample');
}

/** Levers as they can be turned: of the draft, or of every version of the period that has them. */
export function checkLevers(
  given: readonly LeverSetting[],
  { program, draft, period }: { program: Program; draft: { definition: ProgramDefinition } | null; period: Period },
): LeverSetting[] {
  const definitions = draft ? [draft.definition] : definitionsIn(program, period);
  return given.map(({ lever: key, value: text }, index) => {
    const field = `input.levers[${index}]`;
    if (given.findIndex(({ lever }) => lever === key) !== index) {
      throw badInput(`The lever ${JSON.stringify(key)} is there twice.`, `${field}.lever`);
    }
    const value = checkDecimal(text, `${field}.value`);
    const having = definitions.filter(({ levers }) => levers.some((lever) => lever.key === key));
    if (having.length === 0) throw noLever(key, definitions, `${field}.lever`);
    for (const definition of having) {
      const lever = definition.levers.find((one) => one.key === key)!;
      checkLeverValue(definition, lever, { value, field: `${field}.value` });
    }
    return { lever: key, value };
  });
}

function definitionsIn({ versions }: Program, { from, to }: Period): ProgramDefinition[] {
  const first = versionAt({ versions }, from);
  const later = versions.filter(({ effectiveAt }) => effectiveAt > from && effectiveAt <= to);
  return [...(first ? [first] : []), ...later].map(({ definition }) => definition);
}

function noLever(key: string, definitions: readonly ProgramDefinition[], field: string) {
  const known = [...new Set(definitions.flatMap(({ levers }) => levers.map((lever) => lever.key)))].sort();
  return badInput(
    `There is no lever ${JSON.stringify(key.slice(0, 80))} in the period; there is: ${known.join(', ') || 'none'}.`,
    field,
  );
}
