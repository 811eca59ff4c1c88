import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Variables as they were sent → as resolvers get them; `undefined` when graphql-js has to look at them. */
export type VariableCoercion = (given: Values) => Values | undefined;

/**
 * Turns the variables of a valid operation into a function that coerces them to the same values as graphql-js, faster.
 * What is wrong with variables is for graphql-js to say, which then coerces them itself; so is whatever is seldom.
 *
 * A value that needs no change is passed on, not copied: an ingest call has ten thousand of them.
 */
export function compileVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
): VariableCoercion {
  const compiler = new Compiler();
  const variables = definitions.map((definition) => {
    const type = typeFromAST(schema, definition.type) as GraphQLInputType;
    return { definition, type, name: definition.variable.name.value, coerce: compiler.coercionOf(type) };
  });
  return (given) => {
    const values: Record<string, unknown> = Object.create(null);
    try {
      for (const { definition, type, name, coerce } of variables) {
        if (Object.hasOwn(given, name)) values[name] = coerce(given[name]);
        else if (definition.defaultValue) values[name] = valueFromAST(definition.defaultValue, type);
        else if (isNonNullType(type)) return undefined;
      }
      return values;
    } catch {
      return undefined;
    }
  };
}

/** Throws, anything, for a value that is wrong or unusual. */
type Coercion = (given: unknown) => unknown;

class Compiler {
  readonly #objects = new Map<GraphQLInputObjectType, Coercion>();

  coercionOf(type: GraphQLInputType): Coercion {
    if (isNonNullType(type)) return this.#present(type.ofType);
    const coerce = this.#present(type);
    return (given) => (given === null ? null : coerce(given));
  }

  #present(type: GraphQLInputType): Coercion {
    if (isListType(type)) return listCoercion(this.coercionOf(type.ofType));
    if (isInputObjectType(type)) return this.#objects.get(type) ?? this.#object(type);
    if (isNonNullType(type)) return giveUp;
    return (given) => (given === null ? giveUp() : (type.parseValue(given) ?? giveUp()));
  }

  #object(type: GraphQLInputObjectType): Coercion {
    if (type.isOneOf) return giveUp;
    const fields = Object.values(type.getFields());
    const members = new Map<string, Coercion>();
    const coerce = objectCoercion(members, {
      required: fields.filter(isRequiredInputField).map(({ name }) => name),
      defaults: fields.filter(({ defaultValue }) => defaultValue !== undefined),
    });
    // Before its members: a type can contain itself.
    this.#objects.set(type, coerce);
    for (const field of fields) members.set(field.name, this.coercionOf(field.type));
    return coerce;
  }
}

function listCoercion(coerce: Coercion): Coercion {
  return (given) => {
    if (!Array.isArray(given)) return giveUp();
    let coerced: unknown[] = given;
    for (let index = 0; index < given.length; index += 1) {
      const item = coerce(given[index]);
      if (item === given[index]) continue;
      if (coerced === given) coerced = [...given];
      coerced[index] = item;
    }
    return coerced;
  };
}

interface Demands {
  readonly required: readonly string[];
  readonly defaults: readonly { readonly name: string; readonly defaultValue?: unknown }[];
}

function objectCoercion(members: ReadonlyMap<string, Coercion>, { required, defaults }: Demands): Coercion {
  return (given) => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return giveUp();
    const values = given as Values;
    let changed: Record<string, unknown> | undefined;
    for (const name of required) if (values[name] === undefined) giveUp();
    for (const { name, defaultValue } of defaults) {
      if (values[name] !== undefined) continue;
      changed ??= {};
      changed[name] = defaultValue;
    }
    for (const name of Object.keys(values)) {
      const coerce = members.get(name) ?? giveUp();
      const member = coerce(values[name]);
      if (member === values[name]) continue;
      changed ??= {};
      changed[name] = member;
    }
    return changed ? { ...values, ...changed } : values;
  };
}

/** Thrown, never seen. */
const unusual = new Error('For graphql-js to look at.');

function giveUp(): never {
  throw unusual;
}
