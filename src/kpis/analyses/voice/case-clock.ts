export type CaseEventKind = 'CASE_OPENED' | 'CASE_WAITING' | 'CASE_RESUMED' | 'CASE_RESOLVED' | 'CASE_REOPENED';

export interface CaseEvent {
  readonly kind: CaseEventKind;
  readonly at: Date;
}

export interface CaseTime {
  readonly openedAt: Date;
  /** Null: it is open. */
  readonly resolvedAt: Date | null;
  /** How long it was worked on: until it was resolved for good, or until now. */
  readonly milliseconds: number;
  readonly reopened: boolean;
}

/** What comes first of what happens at the same instant. */
const ranks: readonly CaseEventKind[] = [
  'CASE_OPENED',
  'CASE_REOPENED',
  'CASE_WAITING',
  'CASE_RESUMED',
  'CASE_RESOLVED',
];

type State = 'WORKING' | 'WAITING' | 'RESOLVED';

/** What each event makes of a case; nothing: it says nothing there, such as that we wait for somebody whose case is resolved. */
const moves: Readonly<Record<CaseEventKind, Partial<Record<State, State>>>> = {
  CASE_OPENED: { RESOLVED: 'WORKING' },
  CASE_REOPENED: { RESOLVED: 'WORKING' },
  CASE_WAITING: { WORKING: 'WAITING' },
  CASE_RESUMED: { WAITING: 'WORKING' },
  CASE_RESOLVED: { WORKING: 'RESOLVED', WAITING: 'RESOLVED' },
};

/**
 * How long a case took. Its clock starts when it is opened, stands still while we wait for the customer and while it is resolved,
 * and goes on from there when it is reopened: that is no new case. Null: it was never opened.
 */
export function caseTime(events: readonly CaseEvent[], now: Date): CaseTime | null {
  const ordered = events.filter(({ at }) => at <= now).sort(byTime);
  const first = ordered.findIndex(({ kind }) => kind === 'CASE_OPENED');
  if (first < 0) return null;
  const openedAt = ordered[first]!.at;
  let [state, since, milliseconds, reopened]: [State, Date, number, boolean] = ['WORKING', openedAt, 0, false];
  for (const { kind, at } of ordered.slice(first + 1)) {
    const next: State | undefined = moves[kind][state];
    if (!next) continue;
    if (state === 'WORKING') milliseconds += at.getTime() - since.getTime();
    if (state === 'RESOLVED') reopened = true;
    [state, since] = [next, at];
  }
  if (state === 'WORKING') milliseconds += now.getTime() - since.getTime();
  return { openedAt, resolvedAt: state === 'RESOLVED' ? since : null, milliseconds, reopened };
}

function byTime(one: CaseEvent, other: CaseEvent): number {
  return one.at.getTime() - other.at.getTime() || ranks.indexOf(one.kind) - ranks.indexOf(other.kind);
}
