import { DateTime } from 'luxon';
import type { JsonObject } from '../../kernel/json.ts';
import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import { nameOf } from './purchase.ts';

/** What of the reserved types of touchpoints KPIs keep: see `signals`. */
export const signalKinds = [
  /** `survey.answered` with `survey: 'NPS'` and `score` 0–10; subject: the survey's `variant`, or null. */
  'NPS',
  /** `survey.answered` with `survey: 'CSAT'`, 1–5; also `satisfaction` of `case.resolved`, with the subject `CASE`. */
  'CSAT',
  /** `survey.answered` with `survey: 'CES'`, 1–7. */
  'CES',
  /** `case.opened`; subject: `caseId`; score: 1 where `complaint` is true or `severity` is `SEVERE`, else 0. */
  'CASE_OPENED',
  /** `case.waiting`: the organisation waits for the customer. Subject: `caseId`. */
  'CASE_WAITING',
  /** `case.resumed`: no longer. Subject: `caseId`. */
  'CASE_RESUMED',
  /** `case.resolved`. Subject: `caseId`. */
  'CASE_RESOLVED',
  /** `case.reopened`. Subject: `caseId`. */
  'CASE_REOPENED',
  /** `contract.started` or `contract.renewed`; subject: `contractId`; endsAt: `endsAt`. */
  'CONTRACT',
  /** `contract.ended`; subject: `contractId`. */
  'CONTRACT_ENDED',
  /** `customer.left`: an explicit exit. */
  'EXIT',
  /** `reference.given`, or `referral.qualified`: the customer recommended us. */
  'ADVOCACY',
] as const;
export type SignalKind = (typeof signalKinds)[number];

/** A row of `signals`. */
export interface Signal {
  readonly recordId: string;
  readonly occurredAt: Date;
  /** The touchpoint. */
  readonly id: string;
  readonly kind: SignalKind;
  readonly subject: string | null;
  readonly score: number | null;
  readonly endsAt: Date | null;
  readonly source: string;
  readonly channel: string;
}

type Told = Pick<Signal, 'kind'> & Partial<Pick<Signal, 'subject' | 'score' | 'endsAt'>>;

const scales = { NPS: [0, 10], CSAT: [1, 5], CES: [1, 7] } as const;

/** What a touchpoint of a reserved type tells; nothing where its properties don't say it. */
export function signalsOf(touchpoint: AcceptedTouchpoint): Signal[] {
  const told = readers.get(touchpoint.type)?.(touchpoint.properties ?? {}) ?? [];
  const { recordId, occurredAt, id, source, channel } = touchpoint;
  return told.map((one) => ({
    ...{ recordId, occurredAt, id, source, channel },
    ...{ subject: null, score: null, endsAt: null },
    ...one,
  }));
}

/** Types of touchpoints that can tell something. */
export function isSignalType(type: string): boolean {
  return readers.has(type);
}

const readers: ReadonlyMap<string, (properties: JsonObject) => Told[]> = new Map([
  ['survey.answered', readSurvey],
  ['case.opened', readOpenedCase],
  ['case.resolved', readResolvedCase],
  ['case.waiting', readCase('CASE_WAITING')],
  ['case.resumed', readCase('CASE_RESUMED')],
  ['case.reopened', readCase('CASE_REOPENED')],
  ['contract.started', readContract('CONTRACT')],
  ['contract.renewed', readContract('CONTRACT')],
  ['contract.ended', readContract('CONTRACT_ENDED')],
  ['customer.left', () => [{ kind: 'EXIT' }]],
  ['reference.given', () => [{ kind: 'ADVOCACY' }]],
  ['referral.qualified', () => [{ kind: 'ADVOCACY' }]],
]);

function readSurvey({ survey, score, variant }: JsonObject): Told[] {
  if (survey !== 'NPS' && survey !== 'CSAT' && survey !== 'CES') return [];
  return isScore(score, scales[survey]) ? [{ kind: survey, score, subject: nameOf(variant) }] : [];
}

function isScore(score: unknown, [least, most]: readonly [number, number]): score is number {
  return typeof score === 'number' && Number.isInteger(score) && score >= least && score <= most;
}

function readOpenedCase({ caseId, complaint, severity }: JsonObject): Told[] {
  const severe = complaint === true || severity === 'SEVERE';
  return [{ kind: 'CASE_OPENED', subject: nameOf(caseId), score: severe ? 1 : 0 }];
}

function readResolvedCase({ caseId, satisfaction }: JsonObject): Told[] {
  const resolved: Told = { kind: 'CASE_RESOLVED', subject: nameOf(caseId) };
  if (!isScore(satisfaction, scales.CSAT)) return [resolved];
  return [resolved, { kind: 'CSAT', subject: 'CASE', score: satisfaction }];
}

function readCase(kind: SignalKind) {
  return ({ caseId }: JsonObject): Told[] => [{ kind, subject: nameOf(caseId) }];
}

function readContract(kind: SignalKind) {
  return ({ contractId, endsAt }: JsonObject): Told[] => [
    { kind, subject: nameOf(contractId), endsAt: kind === 'CONTRACT' ? instantOf(endsAt) : null },
  ];
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** RFC 3339 with its offset, as everywhere; a 30th of February is no day. */
function instantOf(value: unknown): Date | null {
  if (typeof value !== 'string' || !rfc3339.test(value)) return null;
  const at = DateTime.fromISO(value);
  return at.isValid ? at.toJSDate() : null;
}
