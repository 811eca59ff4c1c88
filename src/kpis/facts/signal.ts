import type { JsonObject } from '../../kernel/json.ts';
import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import { type ReservedProperty, readProperty, reservedProperties } from './reserved-properties.ts';

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

const reserved = reservedProperties;

const readers: ReadonlyMap<string, (properties: JsonObject) => Told[]> = new Map([
  ['survey.answered', readSurvey],
  ['case.opened', readOpenedCase],
  ['case.resolved', readResolvedCase],
  ['case.waiting', readCase('CASE_WAITING')],
  ['case.resumed', readCase('CASE_RESUMED')],
  ['case.reopened', readCase('CASE_REOPENED')],
  ['contract.started', readContract],
  ['contract.renewed', readContract],
  ['contract.ended', readEndedContract],
  ['customer.left', () => [{ kind: 'EXIT' }]],
  ['reference.given', () => [{ kind: 'ADVOCACY' }]],
  ['referral.qualified', () => [{ kind: 'ADVOCACY' }]],
]);

function read<T>(property: ReservedProperty<T>, properties: JsonObject, name: string): T | null {
  return readProperty(property, properties[name], { properties, currency: null });
}

function readSurvey(properties: JsonObject): Told[] {
  const { survey, score, variant } = reserved['survey.answered'];
  const [kind, value] = [read(survey, properties, 'survey'), read(score, properties, 'score')];
  return kind && value !== null ? [{ kind, score: value, subject: read(variant, properties, 'variant') }] : [];
}

function caseOf(properties: JsonObject): string | null {
  return read(reserved['case.opened'].caseId, properties, 'caseId');
}

function readOpenedCase(properties: JsonObject): Told[] {
  const { complaint, severity } = reserved['case.opened'];
  const isSevere = read(complaint, properties, 'complaint') || read(severity, properties, 'severity') === 'SEVERE';
  return [{ kind: 'CASE_OPENED', subject: caseOf(properties), score: isSevere ? 1 : 0 }];
}

function readResolvedCase(properties: JsonObject): Told[] {
  const resolved: Told = { kind: 'CASE_RESOLVED', subject: caseOf(properties) };
  const score = read(reserved['case.resolved'].satisfaction, properties, 'satisfaction');
  return score === null ? [resolved] : [resolved, { kind: 'CSAT', subject: 'CASE', score }];
}

function readCase(kind: SignalKind) {
  return (properties: JsonObject): Told[] => [{ kind, subject: caseOf(properties) }];
}

function readContract(properties: JsonObject): Told[] {
  const { contractId, endsAt } = reserved['contract.started'];
  const subject = read(contractId, properties, 'contractId');
  return [{ kind: 'CONTRACT', subject, endsAt: read(endsAt, properties, 'endsAt') }];
}

function readEndedContract(properties: JsonObject): Told[] {
  return [{ kind: 'CONTRACT_ENDED', subject: read(reserved['contract.ended'].contractId, properties, 'contractId') }];
}
