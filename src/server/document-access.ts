import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { outside } from '../access/boundary.ts';
import { isFieldClosed, limitsFieldsOfObjects } from '../access/field-limits.ts';
import { type Boundary, limitsData, limitsTouchpoints } from '../kernel/boundary.ts';
import type { Viewer } from '../kernel/context.ts';
import { conditionFields } from './boundary-rules/condition-fields.ts';
import { ruleOf } from './boundary-rules/rule-of.ts';

/** Nobody reads more of them. */
const mostErrors = 20;

/**
 * What an operation asks for that its key may not have, whatever its scopes say. Whether a field is refused depends on
 * the key and the document, never on data: so the operation is refused as a whole before anything of it runs, and no
 * mutation is half done. Keys without a boundary cost nothing here.
 */
export function refusedFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, viewer }: { operation: OperationDefinitionNode; viewer: Viewer },
): readonly GraphQLError[] {
  if (!viewer.boundary && !viewer.writeOnly) return [];
  const errors: GraphQLError[] = [];
  const typeInfo = new TypeInfo(schema);
  const definitions = document.definitions.filter((it) => it === operation || it.kind === Kind.FRAGMENT_DEFINITION);
  visit(
    { ...document, definitions },
    visitWithTypeInfo(typeInfo, {
      Field(node) {
        const type = typeInfo.getParentType();
        if (!type || node.name.value.startsWith('__') || errors.length >= mostErrors) return;
        const why = whyRefused(viewer, { schema, type, field: node.name.value });
        if (why) errors.push(refusal(node, `${type.name}.${node.name.value}`, why));
      },
    }),
  );
  return errors;
}

interface Asked {
  readonly schema: GraphQLSchema;
  readonly type: GraphQLNamedType;
  readonly field: string;
}

function whyRefused({ boundary, writeOnly }: Viewer, { schema, type, field }: Asked): string | undefined {
  if (writeOnly) return isForSending(schema, type, field) ? undefined : 'this key only sends, and reads nothing.';
  if (isClosed(boundary, { schema, type, field })) return 'this key may not ask for it.';
  if (limitsFieldsOfObjects(boundary) && conditionFields.has(`${type.name}.${field}`))
    return 'a condition could tell what this key may not ask for.';
  return limitsData(boundary) ? whyOutside(boundary, type.name, field) : undefined;
}

/** `ingest`, and what it answers. */
function isForSending(schema: GraphQLSchema, type: GraphQLNamedType, field: string): boolean {
  if (type === schema.getMutationType()) return field === 'ingest';
  return type !== schema.getQueryType() && type !== schema.getSubscriptionType();
}

/** A field of an interface is that of each type behind it. */
function isClosed(boundary: Boundary | undefined, { schema, type, field }: Asked): boolean {
  const types = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type];
  return types.some(({ name }) => isFieldClosed(boundary, name, field));
}

function whyOutside(boundary: Boundary, type: string, field: string): string | undefined {
  switch (ruleOf(type, field)) {
    case 'FREE':
    case 'INSIDE':
    case 'CUT':
      return undefined;
    case 'RECORD':
      return boundary.touchpointTypes || boundary.stores
        ? 'it follows from all touchpoints of a record, and this key is kept to some.'
        : undefined;
    case 'WHOLE':
      return limitsTouchpoints(boundary)
        ? 'it follows from all touchpoints of a customer, and this key is kept to some.'
        : undefined;
    default:
      return 'it tells about more than this key may see.';
  }
}

function refusal(node: FieldNode, field: string, why: string): GraphQLError {
  const message = `${field} is refused: ${why}`;
  return new GraphQLError(message, { nodes: node, originalError: outside(message, { field }) });
}
