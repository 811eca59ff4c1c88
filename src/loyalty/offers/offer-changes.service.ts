import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import type { JsonObject } from '../../kernel/json.ts';

export interface OfferHappening {
  readonly offerId: string;
  readonly customerId: string | null;
  /** `{what, version}` of the offer itself; `{what, presentationId}` where it was presented, accepted, declined, redeemed. */
  readonly detail: JsonObject;
}

/** Appends to the change feed; the subject is the offer. */
export async function tellOfOffer(tx: Tx, at: Date, { offerId, customerId, detail }: OfferHappening): Promise<void> {
  await appendChanges(tx, at, [{ topic: 'loyalty.offer_changed', customerId, subjectId: offerId, detail }]);
}
