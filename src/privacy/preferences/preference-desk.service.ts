import { auditAll } from '../../access/audit.service.ts';
import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import type { SpokenFor } from '../spoken-for.service.ts';
import type { PreferenceOrigin } from './preference.ts';
import { preferenceChange } from './preference-reactions.service.ts';
import { insertPreferences, type OwnedPreference } from './preferences.queries.ts';

/** What is said about a customer as a whole. */
export interface PreferenceSaying {
  readonly id: string;
  readonly name: string;
  readonly value: Json;
  readonly declared: boolean;
  readonly origin: Exclude<PreferenceOrigin, 'TOUCHPOINT'>;
  readonly source: string;
  readonly fingerprint: string | null;
}

interface Said {
  readonly customer: SpokenFor;
  readonly sayings: readonly PreferenceSaying[];
  /** What was said before. */
  readonly known: readonly OwnedPreference[];
}

/** Speaks for all records that the customer has at that moment, in a transaction that holds the customer. */
export async function statePreferences(tx: Tx, ctx: Context, { customer, sayings, known }: Said): Promise<void> {
  const at = ctx.clock.now();
  const { customerId, recordIds } = customer;
  const rows = sayings.flatMap((saying) => {
    const actor = saying.origin === 'DECISION' ? ctx.viewer.name : null;
    const statedAt = timeOf(saying, known, at);
    return recordIds.map((recordId) => ({ ...saying, recordId, actor, statedAt, recordedAt: at }));
  });
  const changes = sayings.map(({ name }) => preferenceChange(customerId, name));
  await Promise.all([insertPreferences(tx, rows), appendChanges(tx, at, changes)]);
  // Never the value: it is the customer's.
  const acts = sayings.map(({ name, declared, origin }) => ({
    action: origin === 'DECISION' ? 'preference.set' : 'preference.set_by_customer',
    subject: toPublicId('cus', customerId),
    detail: { name, declared, records: recordIds.length },
  }));
  await auditAll(tx, ctx, acts);
}

/** Whoever decides overrules what is known, also where the clock of some sender is ahead. */
function timeOf({ name }: PreferenceSaying, known: readonly OwnedPreference[], at: Date): Date {
  const last = Math.max(...known.filter((one) => one.name === name).map((one) => one.statedAt.getTime()));
  return last >= at.getTime() ? new Date(last + 1) : at;
}
