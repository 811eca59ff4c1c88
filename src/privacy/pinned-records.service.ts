import type { RecordsPinned } from '../touchpoints/removal.events.ts';
import { findRecordsWithStatements } from './pinned-records.queries.ts';

export const pinnedByStatements: RecordsPinned = findRecordsWithStatements;
