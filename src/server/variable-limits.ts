import { type DocumentNode, Kind, visit } from 'graphql';

/** How large the variables of an operation may be, the events of ingestion apart: those are counted and measured one by one. */
export const variableLimits = {
  /** Levels of objects and lists: far more than any input has, far less than a recursion can bear. */
  depth: 60,
  /** Members of objects and lists. Each costs time before a resolver can refuse it. */
  values: 50_000,
  /** Of all texts. What is wrong with a value is said with the value. */
  characters: 1_000_000,
} as const;

/** The names of variables that are events for ingestion. */
export function eventVariables(document: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(document, {
    Field(node) {
      if (node.name.value !== 'ingest') return;
      for (const { name, value } of node.arguments ?? []) {
        if (name.value === 'events' && value.kind === Kind.VARIABLE) names.add(value.name.value);
      }
    },
  });
  return names;
}

/** What is wrong with the shape of variables; `undefined`: no recursion or copy further in can be led astray by it. */
export function whyHarmful(variables: object, events: ReadonlySet<string>): string | undefined {
  if (Object.hasOwn(variables, '__proto__')) return shape;
  const counted = new Measure(variableLimits);
  const uncounted = new Measure({ ...variableLimits, values: Infinity, characters: Infinity });
  for (const [name, value] of Object.entries(variables)) {
    const harm = (events.has(name) ? uncounted : counted).take(value, variableLimits.depth - 1);
    if (harm) return harm;
  }
  return undefined;
}

const { depth, values, characters } = variableLimits;
const shape = `The variables are nested deeper than ${depth} levels or have a member __proto__.`;
const size = `The variables have more than ${values} members or ${characters} characters.`;

class Measure {
  #values: number;
  #characters: number;

  constructor({ values, characters }: { readonly values: number; readonly characters: number }) {
    this.#values = values;
    this.#characters = characters;
  }

  take(value: unknown, levels: number): string | undefined {
    if (typeof value === 'string') this.#characters -= value.length;
    if (--this.#values < 0 || this.#characters < 0) return size;
    if (typeof value !== 'object' || value === null) return undefined;
    if (levels === 0 || Object.hasOwn(value, '__proto__')) return shape;
    for (const member of Object.values(value)) {
      const harm = this.take(member, levels - 1);
      if (harm) return harm;
    }
    return undefined;
  }
}
