import type { NewChange } from '../../kernel/changes.queries.ts';
import type { TouchpointsRecorded } from '../../touchpoints/touchpoints.events.ts';
import { preferenceOf } from './preference-touchpoint.ts';
import { insertPreferences } from './preferences.queries.ts';

/** Keeps what touchpoints say about preferences. They are folded when they are read: merging and parting changes nothing here. */
export const recordPreferences: TouchpointsRecorded = async (tx, { touchpoints, customerOf, alongside }) => {
  const said = touchpoints.map(preferenceOf).filter((statement) => statement !== undefined);
  if (said.length === 0) return [];
  const rows = said.map((one) => ({ ...one, origin: 'TOUCHPOINT', actor: null, fingerprint: null }) as const);
  alongside(insertPreferences(tx, rows));
  const named = said.flatMap(({ recordId, name }) => {
    const customerId = customerOf.get(recordId);
    return customerId ? [[`${customerId} ${name}`, preferenceChange(customerId, name)] as const] : [];
  });
  return [...new Map(named).values()];
};

export function preferenceChange(customerId: string, name: string): NewChange {
  return { topic: 'preference.changed', customerId, subjectId: customerId, detail: { name } };
}
