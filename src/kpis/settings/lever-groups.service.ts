import type { Condition } from '../../conditions/condition.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { RuleConditions } from '../../loyalty/programs/rule-conditions.ts';
import type { LeverGroup } from './kpi-settings.ts';

/** A group as people give it: the segments that its condition names are not written out yet. */
export interface GivenGroup extends Omit<LeverGroup, 'condition'> {
  readonly condition: Condition;
}

/** Points as conditions count them, of all groups together: every scoring judges everybody by them. */
const mostCost = 240;

/**
 * Checks conditions of groups, and writes out the segments that they name as they are served now. Throws `BAD_USER_INPUT` with the
 * path of the fault, `FORBIDDEN` for a test of values that are masked for the caller.
 */
export async function resolveGroups(
  ctx: Context,
  conditions: Pick<RuleConditions, 'language' | 'resolve'>,
  given: readonly GivenGroup[],
): Promise<LeverGroup[]> {
  const groups: LeverGroup[] = [];
  for (const [index, group] of given.entries()) {
    const field = `input.groups[${index}].condition`;
    const checked = conditions.language.check(group.condition, field);
    const resolved = await conditions.resolve(ctx, ctx.pool, { condition: checked, field });
    if (leansOnStages(resolved))
      throw badInput(
        'Stages of the life cycle and churn risks follow from these levers: whose they are cannot follow from them.',
        field,
      );
    groups.push({ ...group, condition: { given: checked, resolved } });
  }
  const cost = groups.reduce((sum, { condition }) => sum + conditions.language.cost(condition.resolved), 0);
  if (cost <= mostCost) return groups;
  throw badInput(`The conditions of all groups cost ${cost} points, and ${mostCost} are the most.`, 'input.groups');
}

function leansOnStages(condition: Condition): boolean {
  if ('all' in condition) return condition.all.some(leansOnStages);
  if ('any' in condition) return condition.any.some(leansOnStages);
  if ('not' in condition) return leansOnStages(condition.not);
  if ('members' in condition) return leansOnStages(condition.members.condition);
  if ('kpi' in condition) return condition.kpi.kpi === 'CHURN_RISK';
  if ('lifecycle' in condition) return condition.lifecycle.stages != null || condition.lifecycle.riskBands != null;
  return false;
}
