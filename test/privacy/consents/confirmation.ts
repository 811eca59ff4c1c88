import { findFullStatements } from '../../../src/privacy/consents/consent-history.queries.ts';
import { confirmationToken } from '../../../src/privacy/consents/consent-reader.service.ts';
import type { ConsentsFixture } from './fixture.ts';

/** The token of the one request for consent that stands on a record of this customer. */
export async function readConfirmation({ pool, ctx, idSecret }: ConsentsFixture, customerId: string): Promise<string> {
  const [owner] = await pool<{ id: string }[]>`select customer_id as id from records where id = ${customerId}`;
  const request = (await findFullStatements(pool, [owner!.id])).find(({ status }) => status === 'PENDING');
  return confirmationToken(ctx, { ...request!, recordIds: [request!.recordId] }, idSecret)!;
}
