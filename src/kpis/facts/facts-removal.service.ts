import type { Ids } from '../../kernel/ids.ts';
import type { TouchpointsLeaving } from '../../touchpoints/removal.events.ts';
import { deletePurchases, deleteSignals, reopenOrders, takeFromCells } from './facts-removal.queries.ts';

/** Takes touchpoints out of the facts: the reverse of `recordFacts`. */
export function forgetFacts(ids: Ids): TouchpointsLeaving {
  return async (tx, leaving) => {
    const cells = await takeFromCells(tx, ids.uuid(), leaving);
    const [{ rows, opened }, signals] = await Promise.all([deletePurchases(tx, leaving), deleteSignals(tx, leaving)]);
    if (opened.length > 0) await reopenOrders(tx, ids.uuid(), opened);
    return [
      { table: 'metric_cells', rows: cells },
      { table: 'purchases', rows },
      { table: 'signals', rows: signals },
    ];
  };
}
