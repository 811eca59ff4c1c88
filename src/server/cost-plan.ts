import type { CostRule } from './cost-rules.ts';

/** Variables as resolvers get them. */
export type Values = Readonly<Record<string, unknown>>;

/** Reads something from the arguments of a field or a directive. */
export type Reader<T> = (variables: Values) => T;

/** One field of an operation, its fragments written out, as far as it can cost something. */
export interface CostNode {
  /** Under which name it stands in the answer. */
  readonly name: string;
  readonly rule: CostRule;
  /** Whether `@skip` and `@include` leave it in. */
  readonly included: Reader<boolean>;
  /** How many objects were asked for; `undefined`: nobody said. */
  readonly size: Reader<number | undefined>;
  /** Points by its arguments. */
  readonly extra: Reader<number>;
  readonly set: CostSet;
}

/** What is selected of an object. */
export interface CostSet {
  readonly fields: readonly CostNode[];
  /** Of an interface or a union: what is selected of some of its types only. */
  readonly branches: readonly CostBranch[];
}

export interface CostBranch {
  readonly types: ReadonlySet<string>;
  readonly set: CostSet;
}

export const emptySet: CostSet = { fields: [], branches: [] };

export function isEmpty({ fields, branches }: CostSet): boolean {
  return fields.length === 0 && branches.length === 0;
}

/** What each event of a subscription costs: its fields as of a query, the subscription itself by its `each`. */
export function eventsOf({ fields, branches }: CostSet): CostSet {
  return { fields: fields.map((field) => ({ ...field, rule: { ...field.rule, base: field.rule.each } })), branches };
}

/** What it costs to open a subscription: what its events show is looked at when they come. */
export function openingOf({ fields }: CostSet): CostSet {
  return { fields: fields.map((field) => ({ ...field, set: emptySet })), branches: [] };
}

/** What an operation may cost at worst, in whole points: every list as long as it may be, every object of the dearest type. */
export function estimateCost(set: CostSet, variables: Values): number {
  return whole(estimateSet(set, variables, 1));
}

/** What it has cost, going by its answer. What the answer doesn't tell counts as at worst. */
export function measureCost(set: CostSet, variables: Values, data: Readonly<Record<string, unknown>>): number {
  return whole(measureSet(set, variables, data, 1));
}

function whole(points: number): number {
  return Math.max(1, Math.ceil(points));
}

function estimateSet({ fields, branches }: CostSet, variables: Values, page: number): number {
  let points = 0;
  for (const field of fields) points += estimateNode(field, variables, page);
  if (branches.length === 0) return points;
  const byType = new Map<string, number>();
  for (const { types, set } of branches) {
    const some = estimateSet(set, variables, page);
    for (const type of types) byType.set(type, (byType.get(type) ?? 0) + some);
  }
  let dearest = 0;
  for (const some of byType.values()) dearest = Math.max(dearest, some);
  return points + dearest;
}

/** `page`: how many objects the connection has in which this stands. */
function estimateNode(node: CostNode, variables: Values, page: number): number {
  if (!node.included(variables)) return 0;
  const { rule, set } = node;
  const own = rule.base + node.extra(variables);
  if (rule.kind === 'one') return own + estimateSet(set, variables, 1);
  const size = rule.kind === 'page' ? page : (node.size(variables) ?? rule.size);
  // A connection costs its objects once; what is selected of them stands in `nodes` and `edges`.
  if (rule.kind === 'connection') return own + size * rule.each + estimateSet(set, variables, size);
  return own + size * (rule.each + estimateSet(set, variables, 1));
}

type Data = Readonly<Record<string, unknown>>;

function measureSet({ fields, branches }: CostSet, variables: Values, data: Data, page: number): number {
  let points = 0;
  for (const field of fields) points += measureNode(field, variables, { value: data[field.name], page });
  // What was selected of another type is not in the answer.
  for (const { set } of branches) points += measureSet(set, variables, data, page);
  return points;
}

interface Found {
  readonly value: unknown;
  readonly page: number;
}

function measureNode(node: CostNode, variables: Values, { value, page }: Found): number {
  if (value === undefined || !node.included(variables)) return 0;
  const { rule, set } = node;
  const own = rule.base + node.extra(variables);
  if (rule.kind === 'connection') {
    const size = pageSize(value) ?? node.size(variables) ?? rule.size;
    return own + size * rule.each + measureValue(set, variables, { value, page: size });
  }
  if (rule.kind === 'one') return own + measureValue(set, variables, { value, page });
  return own + lengthOf(value) * rule.each + measureValue(set, variables, { value, page });
}

/** Objects, or lists of them. */
function measureValue(set: CostSet, variables: Values, { value, page }: Found): number {
  if (typeof value !== 'object' || value === null || isEmpty(set)) return 0;
  if (!Array.isArray(value)) return measureSet(set, variables, value as Data, page);
  let points = 0;
  for (const item of value) points += measureValue(set, variables, { value: item, page });
  return points;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

/** The answer may have renamed its lists: whichever is there, one that shows objects is as long as the page. */
function pageSize(connection: unknown): number | undefined {
  if (typeof connection !== 'object' || connection === null) return 0;
  const lists = Object.values(connection).filter(Array.isArray);
  return lists.length === 0 ? undefined : Math.max(...lists.map((list) => list.length));
}
