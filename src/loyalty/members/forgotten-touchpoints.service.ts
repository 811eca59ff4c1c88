import type { RecordsLeaving, RecordsPinned, TouchpointsLeaving } from '../../touchpoints/removal.events.ts';
import {
  deleteMemberships,
  deleteVerdicts,
  findRecordsInLoyalty,
  redateMemberships,
} from './forgotten-touchpoints.queries.ts';

export const forgetVerdicts: TouchpointsLeaving = async (tx, leaving) => [
  { table: 'loyalty_verdicts', rows: await deleteVerdicts(tx, leaving) },
];

export const pinnedByLoyalty: RecordsPinned = findRecordsInLoyalty;

export const forgetMemberships: RecordsLeaving = async (tx, recordIds) => [
  { table: 'loyalty_memberships', rows: await deleteMemberships(tx, recordIds) },
];

/** After what customers have earned was folded anew. */
export const recountMemberships: RecordsLeaving = async (tx, recordIds) => [
  { table: 'loyalty_memberships', rows: await redateMemberships(tx, recordIds) },
];
