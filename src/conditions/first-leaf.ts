import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';
import { boundsOf, checkWindow, isWithin } from './window.ts';

/** The first matching touchpoint of all lies in the window. */
export const firstLeaf: LeafKind<'first'> = {
  name: 'first',
  check: ({ match, window }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: ({ match }) => typesOf(match),
  cost: ({ match }) => costOf(match, { ever: true }),
  judge: ({ match, window }, facts, moment) => {
    const [first] = eventsWithin(facts, { match, window: { ever: true }, moment });
    const verdict = first !== undefined && isWithin(first.occurredAt, boundsOf(window, moment));
    return { verdict, found: first?.occurredAt.toISOString() ?? null };
  },
};
