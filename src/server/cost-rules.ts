import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import { type CostWeight, costWeights } from './cost-weights.ts';

/** What a field of the schema costs. */
export interface CostRule {
  readonly kind: 'one' | 'list' | 'connection' | 'page';
  /** Points for looking at all. */
  readonly base: number;
  /** Points for each object of a list or connection. */
  readonly each: number;
  /** How many objects there are when the caller doesn't say. */
  readonly size: number;
  readonly per: CostWeight['per'];
}

/** What lists have that take no `first`, and are not said to have more. */
const usualSize = 10;
/** What connections return to who doesn't say how many: `kernel/paging.ts`. */
const usualPage = 50;
const mutation = 10;
const subscription = 10;

/**
 * Derives what fields cost from how they are answered: a field with a resolver looks something up, one without was read together
 * with its object.
 */
export class CostRules {
  readonly #schema: GraphQLSchema;
  readonly #rules = new Map<string, CostRule>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  of(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>): CostRule {
    const coordinate = `${parent.name}.${field.name}`;
    let rule = this.#rules.get(coordinate);
    if (!rule) {
      rule = { ...this.#derive(parent, field), ...costWeights[coordinate] } as CostRule;
      this.#rules.set(coordinate, rule);
    }
    return rule;
  }

  #derive(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>): CostRule {
    const base = this.#baseOf(parent, field);
    const looksUp = base > 0;
    const named = getNamedType(field.type);
    // `each`: for an event.
    if (parent === this.#schema.getSubscriptionType()) return { kind: 'one', base, each: 1, size: 1, per: undefined };
    if (isLeafType(named)) return { kind: 'one', base, each: 0, size: 1, per: undefined };
    if (isPage(parent, field)) return { kind: 'page', base: 0, each: 0, size: usualPage, per: undefined };
    if (isConnection(named)) return { kind: 'connection', base, each: 1, size: usualPage, per: undefined };
    if (!isListType(getNullableType(field.type))) return { kind: 'one', base, each: 0, size: 1, per: undefined };
    const paged = field.args.some(({ name }) => name === 'first');
    return { kind: 'list', base, each: looksUp ? 1 : 0, size: paged ? usualPage : usualSize, per: undefined };
  }

  #baseOf(parent: GraphQLNamedType, field: GraphQLField<unknown, unknown>): number {
    if (parent === this.#schema.getMutationType()) return mutation;
    if (parent === this.#schema.getSubscriptionType()) return subscription;
    if (field.resolve || parent === this.#schema.getQueryType()) return 1;
    return 0;
  }
}

function isConnection(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.name.endsWith('Connection') && 'pageInfo' in type.getFields();
}

/** The two lists of a connection: its size is counted with the connection. */
function isPage(parent: GraphQLNamedType, { name, type }: GraphQLField<unknown, unknown>): boolean {
  return isConnection(parent) && (name === 'edges' || name === 'nodes') && isCompositeType(getNamedType(type));
}
