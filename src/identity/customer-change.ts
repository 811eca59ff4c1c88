import type { Change } from '../kernel/change-feed-page.ts';
import type { ChangeLine, ChangeTopic } from '../kernel/changes.queries.ts';

export const customerTopics = [
  'customer.created',
  'customer.changed',
  'customer.merged',
  'customer.split',
  'household.changed',
  'account.changed',
  'segment.entered',
  'segment.left',
  'loyalty.changed',
  'loyalty.tier_changed',
  'consent.changed',
  'preference.changed',
] as const satisfies readonly ChangeTopic[];

/** What about a customer changed. The first four are in the change itself, the others are topics of their own. */
export const reasonsOfChange = [
  'TOUCHPOINTS',
  'ORDERS',
  'TRAITS',
  'IDENTITY',
  'CREATED',
  'MERGED',
  'SPLIT',
  'RELATIONS',
  'SEGMENTS',
  'LOYALTY',
  'CONSENTS',
  'PREFERENCES',
] as const;
export type ReasonOfChange = (typeof reasonsOfChange)[number];

const reasonOfTopic = new Map<ChangeTopic, ReasonOfChange>([
  ['customer.created', 'CREATED'],
  ['customer.merged', 'MERGED'],
  ['customer.split', 'SPLIT'],
  ['household.changed', 'RELATIONS'],
  ['account.changed', 'RELATIONS'],
  ['segment.entered', 'SEGMENTS'],
  ['segment.left', 'SEGMENTS'],
  ['loyalty.changed', 'LOYALTY'],
  ['loyalty.tier_changed', 'LOYALTY'],
  ['consent.changed', 'CONSENTS'],
  ['preference.changed', 'PREFERENCES'],
]);

export function reasonsOf({ topic, detail }: ChangeLine): readonly ReasonOfChange[] {
  const given = Array.isArray(detail?.reasons) ? detail.reasons : [];
  const reasons = new Set([...given, reasonOfTopic.get(topic)]);
  return reasonsOfChange.filter((reason) => reasons.has(reason));
}

/** Two changes of one customer as one: the later, with the reasons of both. */
export function joinReasons(waiting: Change, next: Change): Change {
  const reasons = [...new Set([...reasonsOf(waiting), ...reasonsOf(next)])];
  return { ...next, detail: { ...next.detail, reasons } };
}
