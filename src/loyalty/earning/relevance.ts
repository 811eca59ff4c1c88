import type { Program } from '../program.ts';

const orderTypes = ['order.completed', 'order.returned'];

const remembered = new WeakMap<object, ReadonlySet<string> | null>();

/** Types of touchpoints that a programme could ever look at; null: all. */
export function typesOf(program: Pick<Program, 'versions'>): ReadonlySet<string> | null {
  const known = remembered.get(program);
  if (known !== undefined) return known;
  const types = findTypes(program);
  remembered.set(program, types);
  return types;
}

function findTypes({ versions }: Pick<Program, 'versions'>): ReadonlySet<string> | null {
  const types = new Set(orderTypes);
  for (const { definition } of versions) {
    for (const { match } of definition.rules) {
      if (match.types === undefined) return null;
      for (const type of match.types) types.add(type);
    }
  }
  return types;
}

/** The same for several programmes. */
export function typesOfAll(programs: readonly Pick<Program, 'versions'>[]): readonly string[] | null {
  const sets = programs.map(typesOf);
  if (sets.some((set) => set === null)) return null;
  return [...new Set(sets.flatMap((set) => [...set!]))].sort();
}
