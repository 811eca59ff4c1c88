import type { RecordsPinned } from '../touchpoints/removal.events.ts';
import { findRecordsOnLists } from './pinned-records.queries.ts';

export const pinnedByLists: RecordsPinned = findRecordsOnLists;
