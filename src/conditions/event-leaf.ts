import type { EventCondition, EventMatch } from './condition.ts';
import { checkEventMatch, matchesEvent } from './event-match.ts';
import type { CustomerFacts, FactTouchpoint } from './facts.ts';
import type { LeafKind, Needs } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { checkCountTest, rangeOf, testNumber } from './number-test.ts';
import { boundsOf, checkWindow, isWithin, type Window } from './window.ts';

/** So many matching touchpoints in a window. */
export const eventLeaf: LeafKind<'event'> = {
  name: 'event',
  check: ({ match, count, window }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    count: checkCountTest(count, `${field}.count`),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: ({ match }) => typesOf(match),
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: ({ match, window }) => costOf(match, window),
  judge: ({ match, count, window }, facts, moment) => {
    const found = eventsWithin(facts, { match, window, moment }).length;
    return { verdict: testNumber(String(found), count), found };
  },
};

export function eventsWithin(
  facts: CustomerFacts,
  { match, window, moment }: { match: EventMatch; window: Window; moment: Moment },
): FactTouchpoint[] {
  const bounds = boundsOf(window, moment);
  return facts.touchpoints.filter((one) => isWithin(one.occurredAt, bounds) && matchesEvent(match, one));
}

/** Whether it only asks if there was one ever, or never was: then nothing needs to be counted. */
export function asksWhether({ count, window }: Pick<EventCondition, 'count' | 'window'>): 'EVER' | 'NEVER' | undefined {
  const { least, most } = rangeOf(count) ?? {};
  if (!('ever' in window)) return undefined;
  if (least === 1 && most === null) return 'EVER';
  return least === 0 && most === 0 ? 'NEVER' : undefined;
}

export function typesOf(...matches: readonly EventMatch[]): Partial<Needs> {
  const all = matches.every(({ types }) => types !== undefined);
  return { types: all ? new Set(matches.flatMap(({ types }) => types ?? [])) : 'ANY' };
}

/** Reading a customer's touchpoints, more of them without a bound; each test looks into each of them. */
export function costOf(match: EventMatch, window: Window): number {
  const reading = 'ever' in window || 'absolute' in window ? 8 : 4;
  const tests = (match.where ?? []).map(({ operator }) => (operator === 'MATCHES' ? 4 : 1));
  return reading + tests.reduce((sum, test) => sum + test, 0) + (match.types === undefined ? 4 : 0);
}
