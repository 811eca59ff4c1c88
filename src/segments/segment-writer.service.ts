import type { NewChange } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import type { SegmentChanges } from './segment-changes.ts';
import {
  deleteBuildsOf,
  deleteStates,
  insertLog,
  insertTallies,
  upsertBuilds,
  upsertStates,
} from './segment-states.queries.ts';

/**
 * Writes what follows from an evaluation, in a constant number of statements that are sent together; answers it for the
 * change feed.
 */
export function writeChanges(
  tx: Tx,
  ids: Ids,
  at: Date,
  changes: SegmentChanges,
): { feed: NewChange[]; written: Promise<unknown> } {
  const { states, gone, builds, absorbed, transitions } = changes;
  const log = transitions.map((transition) => ({ ...transition, id: ids.uuid(), at }));
  const tallies = [...changes.tallies()].map(([segmentId, members]) => ({ id: ids.uuid(), segmentId, members }));
  const written = Promise.all([
    states.length > 0 && upsertStates(tx, states),
    gone.length > 0 && deleteStates(tx, gone),
    builds.length > 0 && upsertBuilds(tx, builds),
    absorbed.length > 0 && deleteBuildsOf(tx, absorbed),
    log.length > 0 && insertLog(tx, log),
    tallies.length > 0 && insertTallies(tx, tallies),
  ]);
  const feed = transitions.map(
    ({ customerId, segmentId, version, entered, cause, into }): NewChange => ({
      topic: entered ? 'segment.entered' : 'segment.left',
      customerId,
      subjectId: segmentId,
      // Whoever follows the absorbed customer follows the survivor by then, and has to hear of it.
      detail: { version, cause, ...(into ? { into } : {}) },
    }),
  );
  return { feed, written };
}
