import { toPublicId } from '../kernel/ids.ts';

/** Why somebody entered or left a segment. */
export const segmentCauses = [
  /** A touchpoint; the cause id is the last one of the batch. */
  'EVENT',
  /** Time went by. */
  'CLOCK',
  /** Customers turned out to be one person; the cause id is the other one. */
  'MERGE',
  /** A customer was taken apart, or records moved. */
  'UNMERGE',
  /** A trait's survivorship changed. */
  'TRAITS',
  /** A household or account changed. */
  'RELATIONS',
  /** Somebody put them on a list, or took them off. */
  'LIST',
  /** Points, a tier or a membership of a loyalty programme moved without a touchpoint. */
  'LOYALTY',
  /** A score, a stage of the life cycle or a churn risk moved without a touchpoint. */
  'KPIS',
  /** Somebody has said what the customer allows: a decision, or the customer in the preference centre. */
  'CONSENT',
  /** The segment has another definition, or is new, or was archived. */
  'DEFINITION',
  /** The customer was erased. */
  'ERASURE',
] as const;
export type SegmentCause = (typeof segmentCauses)[number];

export interface Caused {
  readonly cause: SegmentCause;
  readonly causeId: string | null;
}

/** The id of what the cause was, as the API gives it. */
export function causePublicId({ cause, causeId }: Caused): string | null {
  if (causeId === null) return null;
  if (cause === 'EVENT') return toPublicId('tp', causeId);
  return cause === 'MERGE' ? toPublicId('cus', causeId) : null;
}
