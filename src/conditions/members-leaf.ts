import { badInput } from '../kernel/errors.ts';
import { type Condition, type MembersCondition, quantifiers } from './condition.ts';
import type { LeafKind } from './leaf-kind.ts';

/** How many members a household or account is taken to have. */
const usualMembers = 4;

/** Any, all or none of the members of the customer's households or accounts. */
export const membersLeaf: LeafKind<'members'> = {
  name: 'members',
  check: (given, field, nested) => {
    const { of, quantifier } = checkWords(given, field);
    if (typeof given.condition !== 'object' || given.condition === null) {
      throw badInput('Expected a condition for the members.', `${field}.condition`);
    }
    const condition = nested(given.condition, `${field}.condition`);
    // Members of members would have to be followed without an end, when any of them changes.
    if (asksForMembers(condition)) {
      throw badInput('A condition for members can’t ask for the members of those in turn.', `${field}.condition`);
    }
    return { of, quantifier, condition };
  },
  needs: ({ condition }, nested) => ({ ...nested(condition), members: true }),
  cost: ({ condition }, nested) => 4 + usualMembers * nested(condition),
  judge: ({ of, quantifier, condition }, facts, moment, nested) => {
    const members = facts.members.get(of) ?? [];
    const holds = members.filter((member) => nested(condition, member, moment)).length;
    const verdicts = { ANY: holds > 0, ALL: holds === members.length, NONE: holds === 0 };
    return { verdict: verdicts[quantifier], found: { members: members.length, holds } };
  },
};

function asksForMembers(condition: Condition): boolean {
  if ('all' in condition) return condition.all.some(asksForMembers);
  if ('any' in condition) return condition.any.some(asksForMembers);
  if ('not' in condition) return asksForMembers(condition.not);
  return 'members' in condition;
}

function checkWords({ of, quantifier }: MembersCondition, field: string): Pick<MembersCondition, 'of' | 'quantifier'> {
  if (of !== 'HOUSEHOLD' && of !== 'ACCOUNT') {
    throw badInput(`Expected HOUSEHOLD or ACCOUNT, got ${JSON.stringify(of)}.`, `${field}.of`);
  }
  if (!quantifiers.includes(quantifier)) {
    throw badInput(`Expected ${quantifiers.join(', ')}; got ${JSON.stringify(quantifier)}.`, `${field}.quantifier`);
  }
  return { of, quantifier };
}
