import {
  type ArgumentNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql';
import { maximumPageSize } from '../kernel/paging.ts';
import {
  type CostBranch,
  type CostNode,
  type CostSet,
  emptySet,
  isEmpty,
  type Reader,
  type Values,
} from './cost-plan.ts';
import { CostRules } from './cost-rules.ts';

type Field = GraphQLField<unknown, unknown>;

/** Fields that are one in the answer: of one name, under the same conditions. */
interface Merged {
  readonly node: FieldNode;
  readonly field: Field;
  readonly conditions: readonly DirectiveNode[];
  readonly sets: SelectionSetNode[];
}

interface Collected {
  readonly fields: Map<string, Merged>;
  /** By the type that a fragment is about: what it selects of some types only. */
  readonly narrower: Map<
    string,
    { type: GraphQLNamedType; conditions: readonly DirectiveNode[]; sets: SelectionSetNode[] }
  >;
}

/** Turns valid operations into what they can cost, which is looked at once and evaluated for each request. */
export class CostCompiler {
  readonly #schema: GraphQLSchema;
  readonly #rules: CostRules;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
    this.#rules = new CostRules(schema);
  }

  compile(document: DocumentNode, operation: OperationDefinitionNode): CostSet {
    const type = this.#schema.getRootType(operation.operation);
    if (!type) return emptySet;
    return new OperationCompiler(this.#schema, this.#rules, document).compile(type, [operation.selectionSet], []);
  }
}

class OperationCompiler {
  readonly #schema: GraphQLSchema;
  readonly #rules: CostRules;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();

  constructor(schema: GraphQLSchema, rules: CostRules, document: DocumentNode) {
    this.#schema = schema;
    this.#rules = rules;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  compile(type: GraphQLNamedType, sets: readonly SelectionSetNode[], conditions: readonly DirectiveNode[]): CostSet {
    const collected: Collected = { fields: new Map(), narrower: new Map() };
    for (const set of sets) this.#collect(type, set, { conditions, collected });
    const fields = [...collected.fields.values()].map((merged) => this.#compileField(type, merged));
    const branches = [...collected.narrower.values()].map((branch): CostBranch => {
      const types = isAbstractType(branch.type) ? this.#schema.getPossibleTypes(branch.type) : [branch.type];
      return {
        types: new Set(types.map(({ name }) => name)),
        set: this.compile(branch.type, branch.sets, branch.conditions),
      };
    });
    return {
      fields: fields.filter((field) => field !== undefined),
      branches: branches.filter(({ set }) => !isEmpty(set)),
    };
  }

  /** As execution does, so that what stands twice in the document and once in the answer counts once. */
  #collect(type: GraphQLNamedType, set: SelectionSetNode, into: Into): void {
    for (const selection of set.selections) this.#collectOne(type, selection, into);
  }

  #collectOne(type: GraphQLNamedType, selection: SelectionNode, { conditions: outer, collected }: Into): void {
    const conditions = [...outer, ...(selection.directives ?? []).filter(isCondition)];
    const into = { conditions, collected };
    if (selection.kind === Kind.FIELD) this.#collectField(type, selection, into);
    else if (selection.kind === Kind.INLINE_FRAGMENT) this.#collectFragment(type, selection, into);
    else {
      const fragment = this.#fragments.get(selection.name.value);
      if (fragment) this.#collectFragment(type, fragment, into);
    }
  }

  #collectFragment(type: GraphQLNamedType, { typeCondition, selectionSet }: Fragment, into: Into): void {
    const about = typeCondition ? this.#schema.getType(typeCondition.name.value) : type;
    if (!about) return;
    if (about === type || this.#includes(about, type)) {
      this.#collect(type, selectionSet, into);
      return;
    }
    const { conditions, collected } = into;
    const key = `${about.name} ${textOf(conditions)}`;
    const known = collected.narrower.get(key);
    if (known) known.sets.push(selectionSet);
    else collected.narrower.set(key, { type: about, conditions, sets: [selectionSet] });
  }

  #collectField(type: GraphQLNamedType, node: FieldNode, { conditions, collected }: Into): void {
    const field = this.#fieldOf(type, node.name.value);
    if (!field) return;
    const key = `${(node.alias ?? node.name).value} ${textOf(conditions)}`;
    const known = collected.fields.get(key);
    const sets = node.selectionSet ? [node.selectionSet] : [];
    if (known) known.sets.push(...sets);
    else collected.fields.set(key, { node, field, conditions, sets });
  }

  /** `undefined` for what costs nothing, with all that is below. */
  #compileField(parent: GraphQLNamedType, { node, field, conditions, sets }: Merged): CostNode | undefined {
    const rule = this.#rules.of(parent, field);
    const type = getNamedType(field.type);
    // The schema is answered from memory, and its tree has no look-ups.
    const inside = isCompositeType(type) && !type.name.startsWith('__') ? this.compile(type, sets, []) : emptySet;
    if (rule.base === 0 && rule.each === 0 && !rule.per && isEmpty(inside)) return undefined;
    return {
      name: (node.alias ?? node.name).value,
      rule,
      included: conditionsOf(conditions),
      size: sizeOf(field, node.arguments ?? []),
      extra: extraOf(rule.per, node.arguments ?? []),
      set: inside,
    };
  }

  #fieldOf(type: GraphQLNamedType, name: string): Field | undefined {
    if (type === this.#schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef as Field;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef as Field;
    }
    return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  }

  /** Every object of `type` is one of `about`. */
  #includes(about: GraphQLNamedType, type: GraphQLNamedType): boolean {
    return (
      isAbstractType(about) && (isObjectType(type) || isInterfaceType(type)) && this.#schema.isSubType(about, type)
    );
  }
}

type Fragment = Pick<FragmentDefinitionNode | InlineFragmentNode, 'typeCondition' | 'selectionSet'>;

interface Into {
  readonly conditions: readonly DirectiveNode[];
  readonly collected: Collected;
}

function isCondition({ name }: DirectiveNode): boolean {
  return name.value === 'skip' || name.value === 'include';
}

function textOf(conditions: readonly DirectiveNode[]): string {
  return conditions.map(({ name, arguments: given = [] }) => `${name.value}:${given.map(wordOf).join()}`).join(' ');
}

function wordOf({ value }: ArgumentNode): string {
  if (value.kind === Kind.VARIABLE) return `$${value.name.value}`;
  return value.kind === Kind.BOOLEAN ? String(value.value) : '?';
}

function conditionsOf(conditions: readonly DirectiveNode[]): Reader<boolean> {
  if (conditions.length === 0) return () => true;
  const tests = conditions.map(({ name, arguments: given = [] }) => {
    const read = readerOf(given[0]?.value);
    const left = name.value === 'include';
    return (variables: Values) => Boolean(read(variables)) === left;
  });
  return (variables) => tests.every((isIn) => isIn(variables));
}

/** `first` or `last`, or what the schema says for who gives neither. No list returns more than a page, whatever was asked. */
function sizeOf(field: Field, given: readonly ArgumentNode[]): Reader<number | undefined> {
  const names = ['first', 'last'].filter((name) => field.args.some((argument) => argument.name === name));
  if (names.length === 0) return () => undefined;
  const readers = names.map((name) => {
    const read = readerOf(given.find((argument) => argument.name.value === name)?.value);
    const otherwise = field.args.find((argument) => argument.name === name)?.defaultValue;
    return (variables: Values) => read(variables) ?? otherwise;
  });
  return (variables) => {
    const sizes = readers.map((read) => read(variables)).filter((size) => typeof size === 'number');
    return sizes.length === 0 ? undefined : Math.min(maximumPageSize, Math.max(0, ...sizes));
  };
}

function extraOf(per: CostNode['rule']['per'], given: readonly ArgumentNode[]): Reader<number> {
  if (!per) return () => 0;
  const readers = per.inputs.map((path) => {
    const [name = '', ...members] = path.split('.');
    return memberOf(readerOf(given.find((argument) => argument.name.value === name)?.value), members);
  });
  return (variables) => {
    const units = readers.map((read) => unitsOf(read(variables))).filter((unit) => unit !== undefined);
    return per.points * (units.length === 0 ? (per.usual ?? 0) : units.reduce((sum, unit) => sum + unit, 0));
  };
}

function memberOf(read: Reader<unknown>, members: readonly string[]): Reader<unknown> {
  return members.reduce<Reader<unknown>>(
    (from, member) => (variables) => (from(variables) as Record<string, unknown> | null | undefined)?.[member],
    read,
  );
}

function unitsOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'number' ? Math.max(0, value) : undefined;
}

/** Enough of a value to see how large it is. */
function readerOf(node: ValueNode | undefined): Reader<unknown> {
  switch (node?.kind) {
    case Kind.VARIABLE:
      return (variables) => variables[node.name.value];
    case Kind.INT:
      return () => Number(node.value);
    case Kind.BOOLEAN:
      return () => node.value;
    case Kind.LIST:
      return () => node.values;
    case Kind.OBJECT: {
      const members = node.fields.map(({ name, value }) => [name.value, readerOf(value)] as const);
      return (variables) => Object.fromEntries(members.map(([name, read]) => [name, read(variables)]));
    }
    default:
      return () => undefined;
  }
}
