import { coreLeaves } from '../conditions/core-leaves.queries.ts';
import type { CustomersChecked, CustomersRegrouped } from '../identity/identity.events.ts';
import type { Config } from '../kernel/config.ts';
import type { Ids } from '../kernel/ids.ts';
import { SegmentEvaluator } from '../segments/segment-evaluator.service.ts';
import { segmentLeaves } from '../segments/segment-leaves.queries.ts';
import { onRegrouping } from '../segments/segment-reactions.service.ts';
import { regroupRevenue } from '../touchpoints/regrouped-revenue.service.ts';
import { checkRevenue } from '../touchpoints/revenue-check.service.ts';

/** Evaluates segments, with all kinds of conditions that modules register. One for each process. */
export function createEvaluator({ timeZone }: Pick<Config, 'timeZone'>, ids: Ids): SegmentEvaluator {
  return new SegmentEvaluator({ leaves: [...coreLeaves, ...segmentLeaves], timeZone }, ids);
}

/** What happens in the transaction that regroups customers without a touchpoint, in this order. */
export function regroupingReactions(evaluator: SegmentEvaluator): readonly CustomersRegrouped[] {
  return [regroupRevenue, onRegrouping(evaluator)];
}

/** How to tell whether what modules keep about customers is true. */
export const customerChecks: readonly CustomersChecked[] = [checkRevenue];
