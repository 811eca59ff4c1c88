import type { Change } from '../kernel/change-feed-page.ts';
import type { Database } from '../kernel/database.ts';
import { membershipTopics } from './segment-subscription.service.ts';
import { findSegments, type SegmentView } from './segments.queries.ts';

const topics: ReadonlySet<string> = new Set(membershipTopics);

/** The segments that a page of changes is about. For `change.page.once`. */
export async function loadChangedSegments(
  db: Database,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, SegmentView>> {
  const ids = new Set(changes.filter(({ topic }) => topics.has(topic)).map(({ subjectId }) => subjectId));
  return new Map((await findSegments(db, [...ids])).map((segment) => [segment.id, segment]));
}
