import { fromPublicId } from '../kernel/ids.ts';
import type { ConditionInput } from './condition.input.ts';
import type { Condition } from './condition.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * What GraphQL hands over → the plain condition, still unchecked: no classes, no members that are null, instants as text,
 * ids of segments and programmes as UUIDs. `field` is the path of the argument. Throws `BAD_USER_INPUT` for an id that is none.
 */
export function givenCondition(given: ConditionInput, field = 'definition'): Condition {
  const members = Object.entries(given)
    .filter(([, member]) => member != null)
    .map(([name, member]) => [name, givenMember(name, member, `${field}.${name}`)]);
  return Object.fromEntries(members) as Condition;
}

function givenMember(name: string, member: unknown, field: string): unknown {
  switch (name) {
    case 'all':
    case 'any':
      return (member as ConditionInput[]).map((part, index) => givenCondition(part, `${field}[${index}]`));
    case 'not':
      return givenCondition(member as ConditionInput, field);
    case 'members': {
      const { condition, ...others } = member as { condition: ConditionInput };
      return { ...givenObject(others), condition: givenCondition(condition, `${field}.condition`) };
    }
    case 'segment':
    case 'list':
      return { id: fromPublicId('seg', (member as { id: string }).id, `${field}.id`) };
    case 'loyalty':
      return givenLoyalty(member as Given, field);
    default:
      return givenValue(member);
  }
}

function givenLoyalty({ program, ...others }: Given, field: string): unknown {
  const named = program == null ? {} : { program: fromPublicId('prg', program as string, `${field}.program`) };
  return { ...named, ...givenObject(others) };
}

function givenValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(givenValue);
  return typeof value === 'object' && value !== null ? givenObject(value as Given) : value;
}

/** Any JSON value, of which null is one too. */
const jsonMembers = new Set(['value', 'values']);

function givenObject(object: Given): Given {
  const members = Object.entries(object)
    .filter(([name, member]) => (name === 'value' ? member !== undefined : member != null))
    .map(([name, member]) => [name, jsonMembers.has(name) ? member : givenValue(member)]);
  return Object.fromEntries(members);
}
