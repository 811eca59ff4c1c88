import type { Condition } from '../conditions/condition.ts';
import type { Judgement } from '../conditions/language.ts';
import type { Json } from '../kernel/json.ts';
import type { Definitions } from './segment-book.ts';

/** One part of a judged definition. */
export interface ExplainedPart {
  /** Where it stands, such as `definition.all[1]`; what a named segment consists of, behind `.segment`. */
  readonly path: string;
  readonly depth: number;
  /** As it was written: a segment that it names is not written out. */
  readonly condition: Condition;
  readonly verdict: boolean;
  /** Of a leaf: what was found. */
  readonly found: Json;
}

/** A definition with the versions of the segments that it names. */
export interface Written {
  readonly definition: Condition;
  readonly pins: Readonly<Record<string, number>>;
}

interface Place {
  readonly path: string;
  readonly depth: number;
}

/**
 * The parts of a definition, each in front of what it consists of. What was judged had the segments that it names written
 * out: here they stand again as they were named, with what they consist of below.
 */
export function explainParts(
  { definition, pins }: Written,
  judgement: Judgement,
  definitions: Definitions,
  place: Place = { path: 'definition', depth: 0 },
): ExplainedPart[] {
  const own = { ...place, condition: definition, verdict: judgement.verdict };
  const below = (inner: Written, judged: Judgement, path: string) =>
    explainParts(inner, judged, definitions, { path, depth: place.depth + 1 });
  if ('segment' in definition) {
    const { id } = definition.segment;
    const named = definitions(id, pins[id]!);
    return [{ ...own, found: null }, ...(named ? below(named, judgement, `${place.path}.segment`) : [])];
  }
  const parts = partsOf(definition);
  if (!parts) return [{ ...own, found: judgement.found ?? null }];
  return [
    { ...own, found: null },
    ...parts.flatMap(({ part, name }, index) =>
      below({ definition: part, pins }, judgement.parts[index]!, `${place.path}.${name}`),
    ),
  ];
}

/** Undefined for a leaf. */
function partsOf(condition: Condition): { part: Condition; name: string }[] | undefined {
  if ('all' in condition) return condition.all.map((part, index) => ({ part, name: `all[${index}]` }));
  if ('any' in condition) return condition.any.map((part, index) => ({ part, name: `any[${index}]` }));
  return 'not' in condition ? [{ part: condition.not, name: 'not' }] : undefined;
}
