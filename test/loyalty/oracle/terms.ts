import type { Phase, Program, ProgramDefinition, Setting } from '../../../src/loyalty/program.ts';
import { type Ratio, ratio } from './ratio.ts';

/** What the programme says at an instant, looked up entry by entry. */
export interface NaiveTerms {
  readonly version: number;
  readonly phase: Phase;
  readonly definition: ProgramDefinition;
  settingOf(setting: Setting): Ratio;
}

export function naiveTermsAt(program: Program, at: Date): NaiveTerms | undefined {
  let found: Program['versions'][number] | undefined;
  for (const version of program.versions) if (version.effectiveAt <= at) found = version;
  if (!found) return undefined;
  let phase: Phase = 'PREPARATION';
  for (const change of program.phases) if (change.effectiveAt <= at) phase = change.phase;
  const { version, definition } = found;
  const leverOf = (key: string) => {
    let value = definition.levers.find((lever) => lever.key === key)!.initial;
    for (const turn of program.leverValues) {
      if (turn.lever === key && turn.effectiveAt <= at && (turn.until === null || at < turn.until)) value = turn.value;
    }
    return value;
  };
  const settingOf = (setting: Setting) => ratio(typeof setting === 'string' ? setting : leverOf(setting.lever));
  return { version, phase, definition, settingOf };
}
