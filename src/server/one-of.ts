import { type GraphQLInputField, type GraphQLSchema, isInputObjectType, isNonNullType } from 'graphql';

/**
 * Makes the inputs that are marked with `@Extensions({ oneOf: true })` take exactly one of their members, which
 * type-graphql has no word for. Then `@oneOf` stands in the printed schema, and GraphQL refuses two members itself.
 */
export function applyOneOf(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isInputObjectType(type) || type.extensions.oneOf !== true) continue;
    const wrong = Object.values(type.getFields()).find(isNeverLeftOut);
    if (wrong)
      throw new Error(`${type.name}.${wrong.name} must be nullable and without a default: ${type.name} is @oneOf.`);
    type.isOneOf = true;
  }
}

function isNeverLeftOut({ type, defaultValue }: GraphQLInputField): boolean {
  return isNonNullType(type) || defaultValue !== undefined;
}
