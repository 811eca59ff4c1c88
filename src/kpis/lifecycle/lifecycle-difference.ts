import { isDeepStrictEqual } from 'node:util';
import type { NewChange } from '../../kernel/changes.queries.ts';
import { isHigher, type LifecycleStage } from './stage.ts';
import type { Lifecycle, LifecycleTransition } from './transition.ts';

type Stored = Omit<Lifecycle, 'risk' | 'homeStore'>;

export interface LifecycleDifference {
  readonly lifecycle: Lifecycle;
  /** The row itself is another one. */
  readonly differs: boolean;
  /** The first transition that is stored otherwise, or not at all; the number of transitions: none. */
  readonly ordinal: number;
  /** Stored transitions, from that one on, are not true any more. */
  readonly rewritten: boolean;
  readonly added: readonly LifecycleTransition[];
}

export function differenceOf(lifecycle: Lifecycle, stored: Stored | undefined): LifecycleDifference {
  const before = stored?.transitions ?? [];
  const { transitions } = lifecycle;
  let ordinal = 0;
  while (ordinal < before.length && isDeepStrictEqual(before[ordinal], transitions[ordinal])) ordinal += 1;
  return {
    ...{ lifecycle, ordinal, rewritten: ordinal < before.length, added: transitions.slice(ordinal) },
    differs: stored === undefined || rowDiffers(lifecycle, stored),
  };
}

/** A newer revision that changes nothing is no difference: else everybody's row would be written every night. */
function rowDiffers(lifecycle: Lifecycle, stored: Stored): boolean {
  const row = ({ stage, since, band, riskSince, dueAt }: Stored) =>
    [stage, band, ...[since, riskSince, dueAt].map((at) => at?.getTime())].join(' ');
  return row(lifecycle) !== row(stored);
}

/** What the change feed tells of a derived life cycle, after what it told of the stored one. */
export function changesOf(lifecycle: Lifecycle, stored: Stored | undefined): NewChange[] {
  const { customerId, stage, transitions } = lifecycle;
  const told = stored?.transitions ?? [];
  // Who is anonymous has no past: only that they are is told.
  const known = stage === 'ANONYMOUS' ? [] : transitions;
  let same = 0;
  while (same < told.length && isSameMove(told[same]!, known[same])) same += 1;
  const rewritten = same < told.length;
  const moves = known
    .slice(same)
    .flatMap(({ from, to, at, cause }) =>
      from === null ? [] : [stageChange(customerId, { from, to, at, cause, rewritten })],
    );
  return [...moves, ...fallBack(lifecycle, stored, moves.length), ...raisedRisk(lifecycle, stored)];
}

/** Other settings or numbers behind the same move are nothing to tell. */
function isSameMove(one: LifecycleTransition, other: LifecycleTransition | undefined): boolean {
  return (
    one.at.getTime() === other?.at.getTime() &&
    one.from === other.from &&
    one.to === other.to &&
    one.cause === other.cause
  );
}

/** Transitions are gone, and none came: what had been said of them last was wrong. */
function fallBack(lifecycle: Lifecycle, stored: Stored | undefined, moves: number): NewChange[] {
  if (!stored || moves > 0 || stored.stage === lifecycle.stage) return [];
  const { at, cause } = lifecycle.transitions.at(-1)!;
  const { customerId, stage: to } = lifecycle;
  return [stageChange(customerId, { from: stored.stage, to, at, cause, rewritten: true })];
}

function stageChange(
  customerId: string,
  {
    rewritten,
    at,
    ...detail
  }: Pick<LifecycleTransition, 'to' | 'at' | 'cause'> & { from: LifecycleStage; rewritten: boolean },
): NewChange {
  const told = { ...detail, at: at.toISOString() };
  return {
    ...{ topic: 'lifecycle.changed', customerId, subjectId: customerId },
    detail: rewritten ? { ...told, corrected: true } : told,
  };
}

/** Once for each crossing: the band that is stored was told of, or was the first. */
function raisedRisk({ customerId, band, risk, homeStore }: Lifecycle, stored: Stored | undefined): NewChange[] {
  if (!stored?.band || !band || !isHigher(band, stored.band)) return [];
  const raised = { from: stored.band, to: band, risk: Math.round(risk! * 1e6) / 1e6 };
  const detail = homeStore === null ? raised : { ...raised, store: homeStore };
  return [{ topic: 'churn_risk.raised', customerId, subjectId: customerId, detail }];
}
