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

/** Undefined before the first version is in force. Between two turns of the programme it is the same object. */
export function termsAt(program: Program, at: Date): Terms | undefined {
  const told = toldBy(program);
  const span = told.turns.findLastIndex((turn) => turn <= at.getTime());
  if (span === -1) return undefined;
  const known = told.spans[span];
  if (known !== undefined) return known ?? undefined;
  const terms = findTerms(program, new Date(told.turns[span]!));
  told.spans[span] = terms ?? null;
  return terms;
}

function findTerms(program: Program, at: Date): Terms | undefined {
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

/** What a programme says, between its turns. */
interface Told {
  /** When it says something else than before, in milliseconds; in order. */
  readonly turns: readonly number[];
  /** By turn, as far as anybody has asked. Null: nothing is in force. */
  readonly spans: (Terms | null | undefined)[];
}

const remembered = new WeakMap<Program, Told>();

function toldBy(program: Program): Told {
  const known = remembered.get(program);
  if (known) return known;
  const told = { turns: turnsOf(program), spans: [] };
  remembered.set(program, told);
  return told;
}

function turnsOf({ versions, leverValues, phases }: Program): number[] {
  const turns = [...versions, ...leverValues, ...phases].map(({ effectiveAt }) => effectiveAt.getTime());
  const ends = leverValues.flatMap(({ until }) => (until ? [until.getTime()] : []));
  return [...new Set([...turns, ...ends])].sort((a, b) => a - b);
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
export function lastTurn(program: Program, now: Date): Date | null {
  const turn = toldBy(program).turns.findLast((one) => one <= now.getTime());
  return turn === undefined ? null : new Date(turn);
}

/** When a programme says something else than now, as far as it has been decided; null: never. */
export function nextTurn(program: Program, now: Date): Date | null {
  const turn = toldBy(program).turns.find((one) => one > now.getTime());
  return turn === undefined ? null : new Date(turn);
}
