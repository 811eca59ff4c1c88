import { registerEnumType } from 'type-graphql';
import type { SegmentCause } from './segment-cause.ts';
import type { CostClass } from './segment-cost.ts';
import type { SegmentKind, SegmentStatus, VersionPhase } from './segments.queries.ts';

type Names<T extends string> = { readonly [Name in T]: Name };

export const SegmentKindEnum = { DYNAMIC: 'DYNAMIC', LIST: 'LIST' } as const satisfies Names<SegmentKind>;

registerEnumType(SegmentKindEnum, {
  name: 'SegmentKind',
  description: 'What makes somebody a member.',
  valuesConfig: {
    DYNAMIC: { description: 'A condition: who fulfils it is a member, at every instant.' },
    LIST: { description: 'A list that people keep by hand or import.' },
  },
});

export const SegmentStatusEnum = {
  ACTIVE: 'ACTIVE',
  ARCHIVING: 'ARCHIVING',
  ARCHIVED: 'ARCHIVED',
} as const satisfies Names<SegmentStatus>;

registerEnumType(SegmentStatusEnum, {
  name: 'SegmentStatus',
  description: 'Whether a segment is in use.',
  valuesConfig: {
    ACTIVE: { description: 'In use: members come and go.' },
    ARCHIVING: { description: 'Out of use: its members are leaving.' },
    ARCHIVED: { description: 'Out of use, without members. Its name is free again, its history stays.' },
  },
});

export const SegmentVersionPhaseEnum = {
  WAITING: 'WAITING',
  EVALUATING: 'EVALUATING',
  APPLYING: 'APPLYING',
  SERVED: 'SERVED',
  RETIRED: 'RETIRED',
  SUPERSEDED: 'SUPERSEDED',
} as const satisfies Names<VersionPhase>;

registerEnumType(SegmentVersionPhaseEnum, {
  name: 'SegmentVersionPhase',
  description: 'How far a version of a definition is. Until it is served, the one before it counts.',
  valuesConfig: {
    WAITING: { description: 'Its turn comes when the version before it has been applied.' },
    EVALUATING: { description: 'It is being found out for whom it holds.' },
    APPLYING: { description: 'Customers are moved to it, in steps: for those who were, it counts already.' },
    SERVED: { description: 'It counts.' },
    RETIRED: { description: 'It counted once; a later one does now.' },
    SUPERSEDED: { description: 'It never counted: a later one came before it was built.' },
  },
});

export const SegmentCauseEnum = {
  EVENT: 'EVENT',
  CLOCK: 'CLOCK',
  MERGE: 'MERGE',
  UNMERGE: 'UNMERGE',
  TRAITS: 'TRAITS',
  RELATIONS: 'RELATIONS',
  LIST: 'LIST',
  LOYALTY: 'LOYALTY',
  KPIS: 'KPIS',
  CONSENT: 'CONSENT',
  DEFINITION: 'DEFINITION',
  ERASURE: 'ERASURE',
} as const satisfies Names<SegmentCause>;

registerEnumType(SegmentCauseEnum, {
  name: 'SegmentCause',
  description: 'Why somebody entered or left a segment.',
  valuesConfig: {
    EVENT: { description: 'A touchpoint of theirs was recorded: `causeId` is its id.' },
    CLOCK: { description: 'Time went by: a window moved on, an anniversary came.' },
    MERGE: { description: 'Two customers turned out to be one person: `causeId` is the id of the other one.' },
    UNMERGE: { description: 'A customer was taken apart, or records moved from one to another.' },
    TRAITS: { description: 'Another strategy decides which value of a trait counts.' },
    RELATIONS: { description: 'A household or account of theirs changed.' },
    LIST: { description: 'Somebody put them on a list, or took them off.' },
    LOYALTY: { description: 'Points were redeemed or expired, a tier ended, somebody joined a loyalty programme.' },
    KPIS: { description: 'Time or a scoring moved a KPI, a stage of the life cycle or the churn risk.' },
    CONSENT: { description: 'Somebody, or the customer in the preference centre, said what they allow.' },
    DEFINITION: { description: 'The segment is new, has another definition, or was archived.' },
    ERASURE: { description: 'The customer was erased.' },
  },
});

export const SegmentCostClassEnum = {
  LIGHT: 'LIGHT',
  MODERATE: 'MODERATE',
  HEAVY: 'HEAVY',
} as const satisfies Names<CostClass>;

registerEnumType(SegmentCostClassEnum, {
  name: 'SegmentCostClass',
  description: 'What it costs to evaluate a definition with every touchpoint that it depends on.',
  valuesConfig: {
    LIGHT: { description: 'Up to 12 points: traits, numbers of the customer, a window or two.' },
    MODERATE: { description: 'Up to 60 points: several passes over the touchpoints of a customer.' },
    HEAVY: { description: 'Up to 240 points: have few of these. Beyond, a definition is refused.' },
  },
});
