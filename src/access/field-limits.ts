import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Boundary } from '../kernel/boundary.ts';
import type { Context } from '../kernel/context.ts';
import { badInput } from '../kernel/errors.ts';
import { outside } from './boundary.ts';

const rootTypes: ReadonlySet<string> = new Set(['Query', 'Mutation', 'Subscription']);

/**
 * Whether a key's list of fields leaves a field out. What is allowed is allowed with all that is below it, until a type
 * that the list names itself: of that one only the fields that it names.
 */
export function isFieldClosed(boundary: Boundary | undefined, type: string, field: string): boolean {
  const { allow, deny } = boundary?.fields ?? {};
  if (deny?.some((coordinate) => isOf(coordinate, type, field))) return true;
  if (!allow) return false;
  const isLimited = rootTypes.has(type) || allow.some((coordinate) => coordinate.startsWith(`${type}.`));
  return isLimited && !allow.some((coordinate) => isOf(coordinate, type, field));
}

/** For what would tell a field by another way: a filter, an order, a group. Throws `FORBIDDEN`. */
export function requireFields(ctx: Pick<Context, 'viewer'>, coordinates: readonly string[], argument: string): void {
  if (!ctx.viewer.boundary?.fields) return;
  const closed = coordinates.find((coordinate) => isCoordinateClosed(ctx.viewer.boundary, coordinate));
  if (closed === undefined) return;
  throw outside(`${argument} would tell ${closed}, which this key may not ask for.`, { field: argument });
}

export function isCoordinateClosed(boundary: Boundary | undefined, coordinate: string): boolean {
  const [type = '', field = ''] = coordinate.split('.');
  return isFieldClosed(boundary, type, field);
}

/** It limits what may be asked of customers, not only which root fields: conditions could tell all of that. */
export function limitsFieldsOfObjects(boundary: Boundary | undefined): boolean {
  const named = [...(boundary?.fields?.allow ?? []), ...(boundary?.fields?.deny ?? [])];
  return named.some((coordinate) => !rootTypes.has(coordinate.split('.')[0]!));
}

function isOf(coordinate: string, type: string, field: string): boolean {
  return coordinate === `${type}.${field}` || coordinate === `${type}.*`;
}

/** Throws `BAD_USER_INPUT` for a list that names what the schema does not have: a mistyped field would stay open. */
export function checkCoordinates(schema: GraphQLSchema, { fields }: Pick<Boundary, 'fields'>): void {
  for (const [list, coordinates = []] of [
    ['allowedFields', fields?.allow] as const,
    ['deniedFields', fields?.deny] as const,
  ]) {
    const unknown = coordinates.findIndex((coordinate) => !isInSchema(schema, coordinate));
    if (unknown === -1) continue;
    const got = JSON.stringify(coordinates[unknown]!.slice(0, 80));
    throw badInput(
      `Expected a field of the schema, such as Customer.identifiers, got ${got}.`,
      `input.boundary.${list}[${unknown}]`,
    );
  }
}

function isInSchema(schema: GraphQLSchema, coordinate: string): boolean {
  const [name = '', field = ''] = coordinate.split('.');
  const type = schema.getType(name);
  return isObjectType(type) && (field === '*' || type.getFields()[field] !== undefined);
}
