import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch, checkPropertyTest, hasProperty, propertyOf } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';
import { boundsOf, checkWindow } from './window.ts';

/** The last matching touchpoint of the window has this property. Of two at the same time it is the one with the higher id. */
export const lastLeaf: LeafKind<'last'> = {
  name: 'last',
  check: ({ match, has, window }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    has: checkPropertyTest(has, `${field}.has`),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: ({ match }) => typesOf(match),
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: ({ match, has, window }) => costOf({ ...match, where: [...(match.where ?? []), has] }, window),
  judge: ({ match, has, window }, facts, moment) => {
    const last = eventsWithin(facts, { match, window, moment }).at(-1);
    if (!last) return { verdict: false, found: null };
    return { verdict: hasProperty(has, last), found: propertyOf(last, has.property) ?? null };
  },
};
