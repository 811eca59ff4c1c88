import {
  type ArgumentNode,
  type DocumentNode,
  type GraphQLArgument,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parseType,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
} from 'graphql';
import type { OperationRequest } from './operations.ts';

type Variables = Readonly<Record<string, unknown>>;

/** A subscription whose argument `after` is a variable of ours, whatever its document says. */
interface Resumable {
  readonly document: DocumentNode;
  /** What the document itself says. */
  readonly after: ValueNode | undefined;
  readonly operation: OperationDefinitionNode;
}

/** No document of a client has it, or we would have seen it in their validation. */
const variable = '_rundumAfter';

/** What is worked out for a document goes with it. */
const known = new WeakMap<OperationDefinitionNode, Resumable | null>();

/**
 * The cursor behind which a subscription asks to start: null when it asks for what comes from now on, `undefined` for what
 * cannot be resumed.
 */
export function askedAfter(schema: GraphQLSchema, request: OperationRequest): string | null | undefined {
  const resumable = resumableOf(schema, request);
  if (!resumable) return undefined;
  const { after, operation } = resumable;
  const value = after && valueFromASTUntyped(after, withDefaults(operation, request.variables ?? {}));
  return value == null ? null : String(value);
}

/** The same subscription, starting behind this cursor, in a document that is the same each time. */
export function resumeAfter(schema: GraphQLSchema, request: OperationRequest, cursor: string): OperationRequest {
  const resumable = resumableOf(schema, request);
  if (!resumable) return request;
  return { ...request, document: resumable.document, variables: { ...request.variables, [variable]: cursor } };
}

/** The document has been validated. */
function resumableOf(schema: GraphQLSchema, { document, operationName }: OperationRequest): Resumable | null {
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== 'subscription') return null;
  let resumable = known.get(operation);
  if (resumable === undefined) {
    resumable = makeResumable(schema, document, operation);
    known.set(operation, resumable);
  }
  return resumable;
}

function makeResumable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Resumable | null {
  // Fragments that other operations use too must not get our variable there.
  const own = separateOperations(document)[operation.name?.value ?? ''] ?? document;
  const root = schema.getSubscriptionType();
  if (!root) return null;
  const found: { after?: ValueNode; argument?: GraphQLArgument } = {};
  const fields = root.getFields();

  const replace = (selection: SelectionNode): SelectionNode => {
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return { ...selection, selectionSet: replaceAll(selection.selectionSet) };
    if (selection.kind !== Kind.FIELD) return selection;
    const argument = fields[selection.name.value]?.args.find(({ name }) => name === 'after');
    if (!argument) return selection;
    const given = selection.arguments ?? [];
    found.argument = argument;
    found.after ??= given.find(({ name }) => name.value === 'after')?.value;
    return { ...selection, arguments: [...given.filter(({ name }) => name.value !== 'after'), ourArgument] };
  };
  const replaceAll = (set: SelectionSetNode): SelectionSetNode => ({ ...set, selections: set.selections.map(replace) });

  const definitions = own.definitions.map((definition) => {
    // A fragment on the root type can be spread at the root only.
    const isRoot =
      definition.kind === Kind.OPERATION_DEFINITION ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value === root.name);
    return isRoot ? { ...definition, selectionSet: replaceAll(definition.selectionSet) } : definition;
  });
  if (!found.argument) return null;
  // By the text that it stands for it is known whether the document is one to be trusted.
  const replaced = { ...own, definitions, loc: document.loc };
  return { document: declareVariables(replaced, found.argument), after: found.after, operation };
}

/** Declares our variable, and no longer what only the replaced argument used. */
function declareVariables(document: DocumentNode, { type }: GraphQLArgument): DocumentNode {
  const used = new Set<string>();
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => void used.add(name.value),
  });
  const ours: VariableDefinitionNode = {
    kind: Kind.VARIABLE_DEFINITION,
    variable: ourVariable,
    type: parseType(String(type)),
  };
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const kept = (definition.variableDefinitions ?? []).filter((one) => used.has(one.variable.name.value));
    return { ...definition, variableDefinitions: [...kept, ours] };
  });
  return { ...document, definitions };
}

const ourVariable = { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } } as const;

const ourArgument: ArgumentNode = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: 'after' },
  value: ourVariable,
};

function withDefaults({ variableDefinitions = [] }: OperationDefinitionNode, given: Variables): Variables {
  const defaults = variableDefinitions.flatMap(({ variable: { name }, defaultValue }) =>
    defaultValue ? [[name.value, valueFromASTUntyped(defaultValue)] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...given };
}
