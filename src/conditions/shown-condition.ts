import { toPublicId } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Condition } from './condition.ts';

/** A stored condition as callers give it: with public ids. Given back as a `ConditionInput` it means the same. */
export function shownCondition(condition: Condition): JsonObject {
  if ('all' in condition) return { all: condition.all.map(shownCondition) };
  if ('any' in condition) return { any: condition.any.map(shownCondition) };
  if ('not' in condition) return { not: shownCondition(condition.not) };
  if ('members' in condition) {
    const { condition: inner, ...others } = condition.members;
    return { members: { ...others, condition: shownCondition(inner) } };
  }
  if ('segment' in condition) return { segment: { id: toPublicId('seg', condition.segment.id) } };
  if ('list' in condition) return { list: { id: toPublicId('seg', condition.list.id) } };
  if ('loyalty' in condition && condition.loyalty.program !== undefined) {
    const { program, ...others } = condition.loyalty as unknown as JsonObject;
    return { loyalty: { program: toPublicId('prg', program as string), ...others } };
  }
  return condition as unknown as JsonObject;
}
