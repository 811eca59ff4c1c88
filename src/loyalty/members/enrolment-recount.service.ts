import type { Recount } from '../redeeming/open-desk.service.ts';
import type { MemberFolder } from './member-folder.service.ts';

/** Folds customers anew who became members, left, or were given a tier. */
export function recountBy(folder: Pick<MemberFolder, 'fold'>): Recount {
  return (tx, { at, customerIds, cause }) =>
    folder.fold(tx, {
      at,
      customers: customerIds.map((customerId) => ({ customerId, facts: [], since: 'ANEW', cause, causeId: null })),
    });
}
