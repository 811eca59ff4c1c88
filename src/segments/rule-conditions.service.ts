import type { Condition } from '../conditions/condition.ts';
import type { ConditionLanguage } from '../conditions/language.ts';
import { sightOf } from '../identity/masking.ts';
import type { Context } from '../kernel/context.ts';
import type { Database } from '../kernel/database.ts';
import type { RuleConditions } from '../loyalty/programs/rule-conditions.ts';
import { prepareDefinition } from './segment-definition.service.ts';
import { findHidden } from './segment-sight.ts';

/** What loyalty asks about conditions that may name segments. */
export function ruleConditions(language: ConditionLanguage): RuleConditions {
  return {
    language,
    async resolve(ctx: Context, db: Database, { condition, field }: { condition: Condition; field: string }) {
      const given = { segmentId: null, definition: condition, field };
      return (await prepareDefinition(ctx, db, language, given)).expanded;
    },
    isHidden: (ctx, condition) => findHidden(condition, language, sightOf(ctx)) !== undefined,
  };
}
