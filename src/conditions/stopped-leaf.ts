import { checkDuration, shift } from './duration.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';

/** There were matching touchpoints, and none within this time. */
export const stoppedLeaf: LeafKind<'stopped'> = {
  name: 'stopped',
  check: ({ match, none }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    none: checkDuration(none, `${field}.none`),
  }),
  needs: ({ match }) => typesOf(match),
  cost: ({ match }) => costOf(match, { ever: true }),
  judge: ({ match, none }, facts, moment) => {
    const newest = eventsWithin(facts, { match, window: { ever: true }, moment }).at(-1)?.occurredAt;
    const verdict = newest !== undefined && newest <= shift(moment.now, none, -1);
    return { verdict, found: newest?.toISOString() ?? null };
  },
};
