import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import type { ProgramDefinition } from '../program.ts';
import type { GivenDefinition, GivenRule } from './given-program.ts';
import { checkDefinition } from './program-definition.ts';
import type { RuleConditions } from './rule-conditions.ts';
import { asCondition } from './rule-text.ts';

/** Points as conditions count them, of all rules together: they are judged with every touchpoint that earns. */
const mostCost = 240;

/**
 * Checks a definition, and writes out the segments that it names as they are served now. Throws `BAD_USER_INPUT` with the
 * path of the fault, `FORBIDDEN` for a test of values that are masked for the caller.
 */
export async function prepareDefinition(
  ctx: Context,
  db: Database,
  conditions: RuleConditions,
  { given, field }: { given: GivenDefinition; field: string },
): Promise<ProgramDefinition> {
  const checked = checkDefinition(given, conditions.language, field);
  const rules: ProgramDefinition['rules'][number][] = [];
  // One after the other: a transaction has one connection.
  for (const [index, rule] of checked.rules.entries()) {
    const at = `${field}.rules[${index}]`;
    checkSight(ctx, conditions, { rule, field: `${at}.match` });
    rules.push({ ...rule, eligibility: await resolveEligibility(ctx, db, conditions, { rule, field: at }) });
  }
  const cost = rules.reduce((sum, { eligibility }) => sum + costOf(conditions, eligibility), 0);
  if (cost > mostCost) {
    throw badInput(`The conditions of all rules cost ${cost} points, and ${mostCost} are the most.`, `${field}.rules`);
  }
  return { ...checked, rules };
}

type Eligibility = ProgramDefinition['rules'][number]['eligibility'];

async function resolveEligibility(
  ctx: Context,
  db: Database,
  conditions: RuleConditions,
  { rule, field }: { rule: GivenRule; field: string },
): Promise<Eligibility> {
  if (rule.eligibility === null) return null;
  const given = { condition: rule.eligibility, field: `${field}.eligibility` };
  return { given: rule.eligibility, resolved: await conditions.resolve(ctx, db, given) };
}

function costOf({ language }: RuleConditions, eligibility: Eligibility): number {
  return eligibility === null ? 0 : language.cost(eligibility.resolved);
}

/** Whoever may earn by tests of masked values could find them out. */
function checkSight(
  ctx: Context,
  { isHidden }: RuleConditions,
  { rule, field }: { rule: GivenRule; field: string },
): void {
  if (!isHidden(ctx, asCondition(rule.match))) return;
  throw new DomainError(
    'FORBIDDEN',
    `A property that is masked for this key can't be tested by a rule: that needs the scope pii:read.`,
    { field, requiredScope: 'pii:read' },
  );
}
