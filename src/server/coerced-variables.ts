import { type DocumentNode, GraphQLScalarType, type GraphQLSchema, Kind, type VariableDefinitionNode } from 'graphql';

/** The type of a variable whose value has been coerced already. Known to nobody but whoever executes. */
const Coerced = new GraphQLScalarType({ name: '_Coerced' });

/** The same schema, for executing documents {@link withCoercedVariables}. */
export function withCoercedType(schema: GraphQLSchema): GraphQLSchema {
  return Object.create(schema, {
    getType: { value: (name: string) => (name === Coerced.name ? Coerced : schema.getType(name)) },
  }) as GraphQLSchema;
}

/** The same document, but its variables pass through as they are, and so do `more` of them. */
export function withCoercedVariables(document: DocumentNode, more: readonly string[] = []): DocumentNode {
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const own = (definition.variableDefinitions ?? []).map(coerced);
    return { ...definition, variableDefinitions: [...own, ...more.map(variableOf)] };
  });
  return { ...document, definitions };
}

/** `Boolean!` stays: graphql-jit wants to see that type in `@skip` and `@include`, and it is coerced to what it is. */
function coerced(definition: VariableDefinitionNode): VariableDefinitionNode {
  const { type } = definition;
  const isBoolean =
    type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.NAMED_TYPE && type.type.name.value === 'Boolean';
  return isBoolean ? definition : variableOf(definition.variable.name.value);
}

function variableOf(name: string): VariableDefinitionNode {
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } },
    type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: Coerced.name } },
  };
}
