import type { Condition } from '../../conditions/condition.ts';
import type { EarningRule, ProgramDefinition } from '../program.ts';

/** A rule as people give it: who is eligible is not written out yet. */
export interface GivenRule extends Omit<EarningRule, 'eligibility'> {
  readonly eligibility: Condition | null;
}

export interface GivenDefinition extends Omit<ProgramDefinition, 'rules'> {
  readonly rules: readonly GivenRule[];
}

/** What somebody gave that became this definition. */
export function givenOf(definition: ProgramDefinition): GivenDefinition {
  const rules = definition.rules.map((rule) => ({ ...rule, eligibility: rule.eligibility?.given ?? null }));
  return { ...definition, rules };
}
