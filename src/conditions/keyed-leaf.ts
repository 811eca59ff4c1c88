import { canonicalJson, type Json } from '../kernel/json.ts';
import type { KeyedCondition } from './condition.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch, checkProperty } from './event-match.ts';
import { valuesOf } from './event-values.ts';
import type { FactTouchpoint } from './facts.ts';
import type { LeafKind } from './leaf-kind.ts';
import { checkCountTest, testNumber } from './number-test.ts';
import { boundsOf, checkWindow } from './window.ts';

/** Some one value of the property comes in so many matching touchpoints. */
export const keyedLeaf: LeafKind<'keyed'> = {
  name: 'keyed',
  check: ({ match, property, count, window }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    property: checkProperty(property, `${field}.property`),
    count: checkCountTest(count, `${field}.count`),
    window: checkWindow(window, `${field}.window`),
  }),
  needs: ({ match }) => typesOf(match),
  since: ({ window }, moment) => boundsOf(window, moment).after,
  cost: ({ match, window }) => 2 * costOf(match, window),
  judge: ({ match, property, count, window }, facts, moment) => {
    const counts = countValues(eventsWithin(facts, { match, window, moment }), property);
    const passing = counts.find((value) => testNumber(String(value.count), count));
    return { verdict: passing !== undefined, found: passing ?? counts[0] ?? null };
  },
};

/** In how many touchpoints each value is, the most frequent first. */
function countValues(touchpoints: readonly FactTouchpoint[], property: KeyedCondition['property']) {
  const counts = new Map<string, { value: Json; count: number }>();
  for (const touchpoint of touchpoints) {
    const values = new Map(valuesOf(touchpoint, property).map((value) => [canonicalJson(value), value]));
    for (const [key, value] of values) counts.set(key, { value, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count);
}
