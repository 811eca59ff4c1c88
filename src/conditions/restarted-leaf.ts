import { checkDuration, durationMs, shift } from './duration.ts';
import { costOf, eventsWithin, typesOf } from './event-leaf.ts';
import { checkEventMatch } from './event-match.ts';
import type { LeafKind } from './leaf-kind.ts';

/** After a pause of at least `pause`, a matching touchpoint came again within the last `within`. */
export const restartedLeaf: LeafKind<'restarted'> = {
  name: 'restarted',
  check: ({ match, pause, within }, field) => ({
    match: checkEventMatch(match, `${field}.match`),
    pause: checkDuration(pause, `${field}.pause`),
    within: checkDuration(within, `${field}.within`),
  }),
  needs: ({ match }) => typesOf(match),
  cost: ({ match }) => costOf(match, { ever: true }) + 4,
  judge: ({ match, pause, within }, facts, moment) => {
    const times = eventsWithin(facts, { match, window: { ever: true }, moment }).map((one) => one.occurredAt);
    const since = shift(moment.now, within, -1);
    const restarts = times.filter(
      (time, place) => place > 0 && time.getTime() - times[place - 1]!.getTime() >= durationMs(pause),
    );
    const newest = restarts.at(-1);
    return { verdict: newest !== undefined && newest > since, found: newest?.toISOString() ?? null };
  },
};
