import type { LeverValue, Phase, Program, ProgramDefinition, ProgramVersion, Setting } from './program.ts';

/** What a programme says at one instant. */
export interface Terms {
  readonly programId: string;
  readonly phase: Phase;
  readonly version: number;
  readonly definition: ProgramDefinition;
  /** Decimal text. A lever has the value that is in force. */
  setting(setting: Setting): string;
}

/** Undefined before the first version is in force. */
export function termsAt(program: Program, at: Date): Terms | undefined {
  const inForce = versionAt(program, at);
  if (!inForce) return undefined;
  const { version, definition } = inForce;
  return {
    programId: program.id,
    phase: phaseAt(program, at),
    version,
    definition,
    setting: (setting) =>
      typeof setting === 'string' ? setting : leverAt(program, definition, { lever: setting.lever, at }),
  };
}

export function versionAt({ versions }: Pick<Program, 'versions'>, at: Date): ProgramVersion | undefined {
  return versions.findLast(({ effectiveAt }) => effectiveAt <= at);
}

export function phaseAt({ phases }: Pick<Program, 'phases'>, at: Date): Phase {
  return phases.findLast(({ effectiveAt }) => effectiveAt <= at)?.phase ?? 'PREPARATION';
}

/** Earning phases: a pilot is for those who were enrolled by somebody. */
export function isEarning(phase: Phase): boolean {
  return phase === 'PILOT' || phase === 'LAUNCH' || phase === 'LIVE';
}

/** Of the turns that hold at the instant, the last one that was entered; the initial value where none does. */
export function leverAt(
  { leverValues }: Pick<Program, 'leverValues'>,
  { levers }: Pick<ProgramDefinition, 'levers'>,
  { lever: key, at }: { lever: string; at: Date },
): string {
  const turned = leverValues.findLast((value) => value.lever === key && holdsAt(value, at));
  const lever = levers.find((one) => one.key === key);
  if (!lever) throw new Error(`There is no lever ${key}.`);
  return turned?.value ?? lever.initial;
}

function holdsAt({ effectiveAt, until }: LeverValue, at: Date): boolean {
  return effectiveAt <= at && (until === null || at < until);
}

/** When a programme last began to say what it says, up to an instant; null: it says nothing yet. */
export function lastTurn({ versions, leverValues, phases }: Program, now: Date): Date | null {
  const turns = [...versions, ...leverValues, ...phases].map(({ effectiveAt }) => effectiveAt);
  const ends = leverValues.flatMap(({ until }) => (until ? [until] : []));
  const past = [...turns, ...ends].filter((turn) => turn <= now);
  return past.reduce<Date | null>((last, turn) => (last === null || turn > last ? turn : last), null);
}

/** When a programme says something else than now, as far as it has been decided; null: never. */
export function nextTurn({ versions, leverValues, phases }: Program, now: Date): Date | null {
  const turns = [...versions, ...leverValues, ...phases].map(({ effectiveAt }) => effectiveAt);
  const ends = leverValues.flatMap(({ until }) => (until ? [until] : []));
  const later = [...turns, ...ends].filter((turn) => turn > now);
  return later.reduce<Date | null>((first, turn) => (first === null || turn < first ? turn : first), null);
}
