import type { ConditionLanguage } from '../../../src/conditions/language.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { SegmentEvaluator } from '../../../src/segments/segment-evaluator.service.ts';
import { allLeaves } from '../../../src/server/engines.ts';

/** Conditions as the server knows them. */
export function allConditions(): ConditionLanguage {
  return new SegmentEvaluator({ leaves: allLeaves, timeZone: 'UTC' }, randomIds).language;
}
