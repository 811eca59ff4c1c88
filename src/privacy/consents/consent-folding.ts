import type { NewChange } from '../../kernel/changes.queries.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { type Consent, everyChannel, foldConsents, type Stated, statusAt } from './consent.ts';

/** A customer's consent as it is kept. */
export interface Kept extends Consent {
  readonly customerId: string;
}

export interface Refolded {
  readonly upserts: readonly Kept[];
  readonly deletes: readonly Kept[];
  readonly changes: readonly NewChange[];
}

/** What of the consents of these customers has to be kept otherwise, by what was said of their records. */
export function refold(
  customerIds: readonly string[],
  { statements, kept }: { statements: readonly (Stated & { customerId: string })[]; kept: readonly Kept[] },
  now: Date,
): Refolded {
  const saidOf = Map.groupBy(statements, ({ customerId }) => customerId);
  const keptOf = Map.groupBy(kept, ({ customerId }) => customerId);
  const all = customerIds.map((customerId) => {
    const then = foldConsents(saidOf.get(customerId) ?? []).map((consent) => ({ ...consent, customerId }));
    return compare(then, keptOf.get(customerId) ?? [], now);
  });
  return {
    upserts: all.flatMap(({ upserts }) => upserts),
    deletes: all.flatMap(({ deletes }) => deletes),
    changes: all.flatMap(({ changes }) => changes),
  };
}

function compare(then: readonly Kept[], kept: readonly Kept[], now: Date): Refolded {
  const before = new Map(kept.map((one) => [nameOf(one), one]));
  const after = new Set(then.map(nameOf));
  const upserts = then.filter((one) => !isSame(one, before.get(nameOf(one))));
  const deletes = kept.filter((one) => !after.has(nameOf(one)));
  const changes = [
    ...upserts.flatMap((one) => changeOf(before.get(nameOf(one)), one, now)),
    ...deletes.flatMap((one) => changeOf(one, undefined, now)),
  ];
  return { upserts, deletes, changes };
}

/** Also where only its end, its basis or a conflict are others: whoever shows it shows these. */
function changeOf(before: Kept | undefined, after: Kept | undefined, now: Date): NewChange[] {
  const { customerId, purpose, channel } = (after ?? before)!;
  return [consentChange({ customerId, purpose, channel }, { from: shown(before, now), to: shown(after, now) })];
}

export function consentChange(
  { customerId, purpose, channel }: Pick<Kept, 'customerId' | 'purpose' | 'channel'>,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): NewChange {
  const over: JsonObject = channel === everyChannel ? {} : { channel };
  return { topic: 'consent.changed', customerId, subjectId: customerId, detail: { purpose, ...over, from, to } };
}

function shown(consent: Kept | undefined, now: Date): string | null {
  return consent ? statusAt(consent, now) : null;
}

function nameOf({ purpose, channel }: Kept): string {
  return `${channel} ${purpose}`;
}

/** All that is kept. */
export function isSame(a: Consent, b: Consent | undefined): boolean {
  return b !== undefined && columnsOf(a) === columnsOf(b);
}

function columnsOf({ status, legalBasis, source, recordId, statementId, statedAt, expiresAt, conflict }: Consent) {
  return JSON.stringify([status, legalBasis, source, recordId, statementId, statedAt, expiresAt, conflict]);
}
