import type { Condition } from '../conditions/condition.ts';
import { parseCondition } from '../conditions/parse-condition.ts';
import { badInput } from '../kernel/errors.ts';

/** A condition as a tree or as text, as callers may give it. */
export interface GivenDefinition {
  readonly definition?: Condition | null;
  readonly text?: string | null;
}

export interface ReadDefinition {
  readonly condition: Condition;
  /** The argument it came in. */
  readonly field: string;
}

/** Null: neither is given. `within` is the path of the object that has both, such as `input.`. */
export function readDefinition({ definition, text }: GivenDefinition, within: string): ReadDefinition | null {
  if (definition != null && text != null) {
    throw badInput('Give `definition` or `text`, not both: they are two ways to say the same.', `${within}text`);
  }
  if (definition != null) return { condition: definition, field: `${within}definition` };
  return text == null ? null : { condition: parseCondition(text, `${within}text`), field: `${within}text` };
}

/** Throws `BAD_USER_INPUT` where neither is given. */
export function getDefinition(given: GivenDefinition, within: string): ReadDefinition {
  const read = readDefinition(given, within);
  if (read) return read;
  throw badInput('Expected `definition` or `text`: which customers it is about.', `${within}definition`);
}
