import { badInput, DomainError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Sight } from './masking.ts';

/** Each bound that is given must hold. */
export interface NumberRange<N> {
  readonly gt?: N | null;
  readonly gte?: N | null;
  readonly lt?: N | null;
  readonly lte?: N | null;
}

/** Half-open: `from` belongs to it, `to` does not. */
export interface InstantRange {
  readonly from?: Date | null;
  readonly to?: Date | null;
}

export const traitOperators = [
  'EQUALS',
  'NOT_EQUALS',
  'GREATER',
  'GREATER_OR_EQUAL',
  'LESS',
  'LESS_OR_EQUAL',
  'STARTS_WITH',
  'CONTAINS',
  'EXISTS',
  'NOT_EXISTS',
] as const;
export type TraitOperator = (typeof traitOperators)[number];

export interface TraitCondition {
  readonly name: string;
  readonly operator: TraitOperator;
  readonly value?: Json;
}

/** Which customers. Everything given must hold. */
export interface CustomerFilter {
  readonly and?: readonly CustomerFilter[] | null;
  readonly or?: readonly CustomerFilter[] | null;
  readonly not?: CustomerFilter | null;
  readonly identified?: boolean | null;
  readonly identifier?: { readonly kind: string; readonly value: string } | null;
  readonly trait?: TraitCondition | null;
  readonly source?: string | null;
  readonly orders?: NumberRange<number> | null;
  readonly touchpoints?: NumberRange<number> | null;
  readonly netRevenue?: ({ readonly currency: string } & NumberRange<string>) | null;
  readonly firstSeen?: InstantRange | null;
  readonly lastSeen?: InstantRange | null;
}

/** What each condition would tell, by asking often enough. */
const toldBy: Partial<Record<keyof CustomerFilter, readonly string[]>> = {
  identified: ['Customer.identified'],
  identifier: ['Customer.identifiers', 'Identifier.value'],
  trait: ['Customer.traits', 'Trait.value'],
  source: ['Customer.records', 'SourceRecord.source'],
  orders: ['Customer.orders', 'CustomerOrders.orders'],
  touchpoints: ['Customer.touchpointCount'],
  netRevenue: ['Customer.orders', 'CustomerOrders.revenue'],
  firstSeen: ['Customer.firstSeenAt'],
  lastSeen: ['Customer.lastSeenAt'],
};

/** Fields of the schema that a filter looks at. */
export function fieldsOfFilter(filter: CustomerFilter): string[] {
  const inner = [...(filter.and ?? []), ...(filter.or ?? []), ...(filter.not ? [filter.not] : [])];
  const named = (Object.keys(toldBy) as (keyof CustomerFilter)[]).filter((name) => filter[name] != null);
  return [...named.flatMap((name) => toldBy[name]!), ...inner.flatMap(fieldsOfFilter)];
}

const deepest = 5;
const mostConditions = 50;

/**
 * Refuses a filter that is too big, makes no sense, or looks at what the caller may not see (`FORBIDDEN`): a masked
 * value that one can filter by is not masked, one only has to ask often enough.
 */
export function checkCustomerFilter(filter: CustomerFilter, sight: Sight, field = 'filter'): void {
  const conditions = { left: mostConditions };
  checkNode(filter, { field, depth: 1, sight, conditions });
}

interface Place {
  readonly field: string;
  readonly depth: number;
  readonly sight: Sight;
  readonly conditions: { left: number };
}

function checkNode(filter: CustomerFilter, place: Place): void {
  if (place.depth > deepest) throw badInput(`Filters can be nested ${deepest} deep, not deeper.`, place.field);
  for (const [name, value] of Object.entries(filter)) {
    if (value == null) continue;
    const at = { ...place, field: `${place.field}.${name}` };
    place.conditions.left -= 1;
    if (place.conditions.left < 0)
      throw badInput(`A filter can hold ${mostConditions} conditions, not more.`, at.field);
    if (name === 'and' || name === 'or') checkBranches(value as readonly CustomerFilter[], at);
    else if (name === 'not') checkNode(value as CustomerFilter, { ...at, depth: at.depth + 1 });
    else checkLeaf(filter, name as keyof CustomerFilter, at);
  }
}

function checkBranches(branches: readonly CustomerFilter[], place: Place): void {
  if (branches.length === 0) throw badInput('Expected at least one filter in the list.', place.field);
  for (const [index, branch] of branches.entries()) {
    checkNode(branch, { ...place, field: `${place.field}[${index}]`, depth: place.depth + 1 });
  }
}

function checkLeaf(filter: CustomerFilter, name: keyof CustomerFilter, place: Place): void {
  if (name === 'identifier' && !place.sight.full) throw masked('Identifiers are', place.field);
  if (name === 'trait' && filter.trait) checkTrait(filter.trait, place);
  if (name === 'firstSeen' || name === 'lastSeen') checkPeriod(filter[name] ?? {}, place.field);
}

function checkTrait(condition: TraitCondition, place: Place): void {
  const { name, operator, value } = condition;
  if (place.sight.hidesTrait(name)) {
    throw masked(`The trait ${JSON.stringify(name.slice(0, 80))} is`, `${place.field}.name`);
  }
  const needsValue = operator !== 'EXISTS' && operator !== 'NOT_EXISTS';
  const isGiven = value !== undefined && value !== null;
  if (needsValue !== isGiven) {
    throw badInput(
      needsValue ? `${operator} needs a value other than null.` : `${operator} takes no value.`,
      `${place.field}.value`,
    );
  }
  if ((operator === 'STARTS_WITH' || operator === 'CONTAINS') && typeof value !== 'string') {
    throw badInput(`${operator} needs text.`, `${place.field}.value`);
  }
  if (/^(GREATER|LESS)/.test(operator) && typeof value !== 'number' && typeof value !== 'string') {
    throw badInput(`${operator} needs a number or text.`, `${place.field}.value`);
  }
}

function checkPeriod({ from, to }: InstantRange, field: string): void {
  if (from && to && from >= to) throw badInput('Expected `from` before `to`.', `${field}.to`);
}

function masked(what: string, field: string): DomainError {
  return new DomainError(
    'FORBIDDEN',
    `${what} masked for this key, so it can't filter by it: that needs the scope pii:read.`,
    {
      field,
      requiredScope: 'pii:read',
    },
  );
}
