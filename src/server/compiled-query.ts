import {
  type ArgumentNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLInputType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromAST,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Context } from '../kernel/context.ts';
import { withCoercedType, withCoercedVariables } from './coerced-variables.ts';

type Values = Record<string, unknown>;

/** Runs one query operation; `undefined` when graphql-js has to answer this time. */
export type CompiledQuery = (
  context: Context,
  variables: Values,
) => Promise<ExecutionResult> | ExecutionResult | undefined;

/** A literal of the document, taken out of the text that gets compiled. */
interface Literal {
  readonly name: string;
  readonly node: ValueNode;
  readonly type: GraphQLInputType;
}

/**
 * Turns a valid query into a function, with graphql-jit. `undefined` for what graphql-jit would answer otherwise than
 * graphql-js, or could not be given safely.
 *
 * Fields without a resolver must be plain values: of those, graphql-jit calls no functions and awaits no promises.
 * type-graphql gives methods a resolver, and a row that has been read has no promises.
 *
 * graphql-jit writes JavaScript source. It pastes literals of the query into that source as text, and there a string
 * can be made to run as code (`objectStringify` of 0.8.9 replaces magic markers without escaping them). So nothing that
 * a caller wrote but plain names ever reaches it: every literal becomes a variable here. That also gives arguments
 * exactly as graphql-js coerces them: custom scalars, `@oneOf`, variables inside of objects.
 */
export function tryCompileQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): CompiledQuery | undefined {
  if (operation.operation !== 'query' || !hasPlainNames(document) || !hasPlainConditions(document, operation))
    return undefined;
  const { source, literals } = takeLiterals(schema, document, operation);
  const compiled = compileQuery(withCoercedType(schema), source, operation.name?.value, {
    useExperimentalPathBasedSkipInclude: true,
  });
  if (!isCompiledQuery(compiled)) return undefined;
  return (context, variables) => {
    const values = literalValues(literals, variables);
    return values && compiled.query(undefined, context, { ...variables, ...values });
  };
}

/**
 * graphql-jit joins response names with `_` to name things, so `{ a_b { c } }` and `{ a { b_c } }` collide, and
 * `__proto__` is no ordinary key in the objects that it writes. Introspection is left to graphql-js altogether.
 */
function hasPlainNames(document: DocumentNode): boolean {
  let plain = true;
  visit(document, {
    Field(node) {
      const responseName = (node.alias ?? node.name).value;
      if (responseName !== '__typename' && !/^[A-Za-z][A-Za-z0-9]*$/.test(responseName)) plain = false;
      if (node.name.value.startsWith('__') && node.name.value !== '__typename') plain = false;
    },
    Variable(node) {
      if (!/^[A-Za-z]/.test(node.name.value)) plain = false;
    },
  });
  return plain;
}

/** `@skip` and `@include` by a variable that may be null: an error in graphql-js, false in graphql-jit. */
function hasPlainConditions(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const certain = new Set((operation.variableDefinitions ?? []).filter(isRequired).map((it) => it.variable.name.value));
  let plain = true;
  visit(document, {
    Directive(node) {
      for (const { value } of node.arguments ?? []) {
        if (value.kind === Kind.VARIABLE && !certain.has(value.name.value)) plain = false;
      }
    },
  });
  return plain;
}

function isRequired(definition: VariableDefinitionNode): boolean {
  return definition.type.kind === Kind.NON_NULL_TYPE;
}

/** The operation alone, with fragments, every argument a variable, and variables that pass through as they are. */
function takeLiterals(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const literals: Literal[] = [];
  const definitions = document.definitions.filter((it) => it === operation || it.kind === Kind.FRAGMENT_DEFINITION);
  const typeInfo = new TypeInfo(schema);
  const source = visit(
    { ...document, definitions },
    visitWithTypeInfo(typeInfo, {
      Directive: () => false,
      VariableDefinition: () => false,
      Argument(node): ArgumentNode | false {
        const type = typeInfo.getInputType();
        if (node.value.kind === Kind.VARIABLE || !type) return false;
        const name = `_literal${literals.length}`;
        literals.push({ name, node: node.value, type });
        return { ...node, value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: name } } };
      },
    }),
  );
  return {
    source: withCoercedVariables(
      source,
      literals.map(({ name }) => name),
    ),
    literals,
  };
}

/** `undefined` when one of them is an error with these variables. */
function literalValues(literals: readonly Literal[], variables: Values): Values | undefined {
  const values: Values = {};
  for (const { name, node, type } of literals) {
    const value = valueFromAST(node, type, variables);
    if (value === undefined) return undefined;
    values[name] = value;
  }
  return values;
}
