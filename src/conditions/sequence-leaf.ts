import { canonicalJson } from '../kernel/json.ts';
import type { EventMatch, SequenceCondition } from './condition.ts';
import { checkDuration, shift } from './duration.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch, checkProperty, propertyOf } from './event-match.ts';
import type { CustomerFacts, FactTouchpoint } from './facts.ts';
import type { LeafKind } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { boundsOf, checkWindow, type Window } from './window.ts';

/** A touchpoint followed, or not, by another one within a time. */
export const sequenceLeaf: LeafKind<'sequence'> = {
  name: 'sequence',
  check: ({ first, followedBy, within, missing, same, window }, field) => ({
    first: checkEventMatch(first, `${field}.first`),
    followedBy: checkEventMatch(followedBy, `${field}.followedBy`),
    within: checkDuration(within, `${field}.within`),
    missing: missing === true,
    ...(same == null ? {} : { same: checkProperty(same, `${field}.same`) }),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: ({ first, followedBy }) => typesOf(first, followedBy),
  // What follows a touchpoint of the window lies behind its start, too.
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: ({ first, followedBy, window }) => 2 * (costOf(first, window) + costOf(followedBy, window)),
  judge: (leaf, facts, moment) => {
    const followers = keyed(leaf.followedBy, { ever: true }, { leaf, facts, moment });
    const firsts = keyed(leaf.first, leaf.window, { leaf, facts, moment });
    for (const { occurredAt, key } of firsts.reverse()) {
      const end = shift(occurredAt, leaf.within, 1);
      const follower = followers.find(
        (other) => other.key === key && other.occurredAt > occurredAt && other.occurredAt <= end,
      );
      const isMissing = !follower && end <= moment.now;
      if (leaf.missing ? isMissing : follower) {
        const followedBy = follower?.occurredAt.toISOString() ?? null;
        return { verdict: true, found: { first: occurredAt.toISOString(), followedBy } };
      }
    }
    return { verdict: false, found: null };
  },
};

interface Question {
  readonly leaf: SequenceCondition;
  readonly facts: CustomerFacts;
  readonly moment: Moment;
}

/** Touchpoints with the property that both must have; those that don't have it take no part. */
function keyed(match: EventMatch, window: Window, { leaf, facts, moment }: Question) {
  return eventsWithin(facts, { match, window, moment })
    .map((one) => ({ occurredAt: one.occurredAt, key: keyOf(one, leaf.same) }))
    .filter(({ key }) => key !== null);
}

function keyOf(touchpoint: FactTouchpoint, same: string | undefined): string | null {
  if (same === undefined) return '';
  const value = propertyOf(touchpoint, same);
  return value === undefined || value === null ? null : canonicalJson(value);
}
