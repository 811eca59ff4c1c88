import type { ConsentCondition } from '../../conditions/condition.ts';
import { type ConsentStatus, consentStatuses } from '../../conditions/consent-names.ts';
import type { LeafKind } from '../../conditions/leaf-kind.ts';
import { checkName } from '../../conditions/name.ts';
import { badInput } from '../../kernel/errors.ts';
import { type Channel, channels } from '../../touchpoints/touchpoint.ts';
import { statusAt } from '../consents/consent.ts';
import { consentTypes } from '../consents/consent-touchpoint.ts';

/** What is kept of one customer's consents, as JSON: `customer_consents`. */
export interface ConsentFact {
  readonly purpose: string;
  /** Empty text: every channel. */
  readonly channel: string;
  readonly status: Exclude<ConsentStatus, 'EXPIRED'>;
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
}

/** What the customer allows. */
export const consentLeaf: LeafKind<'consent'> = {
  name: 'consent',
  check: ({ purpose, channel, status }, field) => ({
    purpose: checkName(purpose, `${field}.purpose`),
    ...(channel == null ? {} : { channel: checkChannel(channel, `${field}.channel`) }),
    status: checkStatuses(status, `${field}.status`),
  }),
  // Whoever enters a decision, or takes customers apart, says so by these types, too.
  needs: () => ({ types: consentTypes }),
  cost: () => 2,
  judge: (leaf, facts, { now }) => {
    const known = (facts.further.get('consent') ?? []) as unknown as readonly ConsentFact[];
    const fact = factOf(leaf, known);
    if (!fact) return { verdict: false, found: null };
    const found = statusAt({ ...fact, expiresAt: fact.expiresAt === null ? null : new Date(fact.expiresAt) }, now);
    return { verdict: leaf.status.includes(found), found };
  },
};

/** What was said of the channel, or else of every channel. */
function factOf({ purpose, channel = '' as never }: ConsentCondition, known: readonly ConsentFact[]) {
  const of = (name: string) => known.find((fact) => fact.purpose === purpose && fact.channel === name);
  return of(channel) ?? of('');
}

function checkChannel(channel: Channel, field: string): Channel {
  if (channels.includes(channel)) return channel;
  throw badInput(`Expected ${channels.join(', ')}; got ${JSON.stringify(channel)}.`, field);
}

/** Sorted and each once: two spellings of the same list are the same condition. */
function checkStatuses(given: readonly ConsentStatus[], field: string): ConsentStatus[] {
  if (!Array.isArray(given) || given.length === 0) throw badInput('Expected at least one status in the list.', field);
  const unknown = given.find((status) => !consentStatuses.includes(status));
  if (unknown === undefined) return [...new Set(given)].sort();
  throw badInput(`Expected ${consentStatuses.join(', ')}; got ${JSON.stringify(unknown)}.`, field);
}
