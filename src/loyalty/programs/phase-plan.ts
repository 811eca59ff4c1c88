import { badInput } from '../../kernel/errors.ts';
import { type Phase, type PhaseChange, phases } from '../program.ts';
import { phaseAt } from '../terms.ts';

/** Forward, over any number of phases; back only into life from the sunset. */
export function isAllowed(from: Phase, to: Phase): boolean {
  return phases.indexOf(to) > phases.indexOf(from) || (from === 'SUNSET' && to === 'LIVE');
}

export interface PhasePlan<T> {
  /** Null: the programme is in that phase anyway, once what was planned falls away. */
  readonly add: PhaseChange | null;
  /** What was planned for that instant or later: what comes now replaces it. */
  readonly drop: readonly T[];
}

/** Throws `BAD_USER_INPUT`. `timeline`: by effectiveAt. Nothing that is over can be changed: `now` is no later. */
export function planPhase<T extends PhaseChange>(
  timeline: readonly T[],
  { phase, effectiveAt, now }: PhaseChange & { now: Date },
): PhasePlan<T> {
  const drop = timeline.filter((change) => change.effectiveAt >= effectiveAt && change.effectiveAt > now);
  const kept = timeline.filter((change) => !drop.includes(change));
  const from = phaseAt({ phases: kept }, effectiveAt);
  if (from === phase && drop.length > 0) return { add: null, drop };
  if (isAllowed(from, phase)) return { add: { phase, effectiveAt }, drop };
  throw badInput(
    from === phase
      ? `The programme is in the phase ${phase} already.`
      : `From ${from} a programme goes on to ${nextOf(from)}; got ${phase}.`,
    'input.phase',
  );
}

function nextOf(from: Phase): string {
  return phases.filter((to) => isAllowed(from, to)).join(', ') || 'no other phase';
}
