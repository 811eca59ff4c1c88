import type { CustomersRegrouped } from '../identity/identity.events.ts';
import { foldRevenue } from './ingest.queries.ts';

/** Orders and returns follow the records that they belong to. */
export const regroupRevenue: CustomersRegrouped = async (tx, { customerIds }) => {
  await foldRevenue(tx, customerIds);
  return [];
};
