import { customerRules } from './customer-rules.ts';
import type { FieldRule, RuleTable } from './field-rule.ts';
import { numberRules } from './number-rules.ts';
import { otherRules } from './other-rules.ts';
import { privacyRules } from './privacy-rules.ts';
import { rootRules } from './root-rules.ts';

export const allRules: RuleTable = { ...rootRules, ...customerRules, ...numberRules, ...privacyRules, ...otherRules };

const ofConnections: Readonly<Record<string, readonly string[]>> = {
  Connection: ['nodes', 'edges', 'pageInfo'],
  Edge: ['node', 'cursor'],
};

/** The rule of a field of an object type; `undefined`: nobody has thought about it, so it is refused. */
export function ruleOf(type: string, field: string): FieldRule | undefined {
  if (field.startsWith('__')) return 'FREE';
  const rules = allRules[type];
  const own = typeof rules === 'string' ? rules : (rules?.[field] ?? rules?.['*']);
  return own ?? ruleOfShape(type, field);
}

/** Pages are what they hold. What a mutation answers is for whoever may call it. */
function ruleOfShape(type: string, field: string): FieldRule | undefined {
  const shape = Object.keys(ofConnections).find((ending) => type.endsWith(ending));
  if (shape) return ofConnections[shape]!.includes(field) ? 'INSIDE' : undefined;
  if (type.endsWith('Payload')) return 'OTHERS';
  // The one interface: what it is of has been found by a rule for its kind of id.
  return type === 'Node' ? 'INSIDE' : undefined;
}
