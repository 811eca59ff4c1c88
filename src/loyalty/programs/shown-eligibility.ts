import type { Condition } from '../../conditions/condition.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';

/** A stored condition as callers give it: with public ids. Given back as a `ConditionInput` it means the same. */
export function shownEligibility(condition: Condition): JsonObject {
  if ('all' in condition) return { all: condition.all.map(shownEligibility) };
  if ('any' in condition) return { any: condition.any.map(shownEligibility) };
  if ('not' in condition) return { not: shownEligibility(condition.not) };
  if ('members' in condition) {
    const { condition: inner, ...others } = condition.members;
    return { members: { ...others, condition: shownEligibility(inner) } };
  }
  if ('segment' in condition) return { segment: { id: toPublicId('seg', condition.segment.id) } };
  if ('list' in condition) return { list: { id: toPublicId('seg', condition.list.id) } };
  return condition as unknown as JsonObject;
}
