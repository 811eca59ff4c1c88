import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { TraitHeldCondition } from './condition.ts';
import { checkDuration, durationMs, shift } from './duration.ts';
import type { CustomerFacts } from './facts.ts';
import type { LeafKind } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { checkName } from './name.ts';
import { checkOperand, isSame } from './value-test.ts';

/** How long sources have been saying the same of a trait. */
export const traitHeldLeaf: LeafKind<'traitHeld'> = {
  name: 'traitHeld',
  check: (given, field) => ({
    trait: checkName(given.trait, `${field}.trait`),
    value: checkValue(given.value, `${field}.value`),
    ...checkLengths(given, field),
  }),
  needs: ({ trait }) => ({ traitHistories: new Set([trait]) }),
  cost: () => 8,
  judge: (leaf, facts, moment) => {
    const since = heldSince(leaf, facts, moment);
    return { verdict: since !== undefined && isLongEnough(since, leaf, moment), found: since?.toISOString() ?? null };
  },
};

function checkValue(value: Json | undefined, field: string): Json {
  if (value === null) return null;
  if (value === undefined) throw badInput('Expected a value; null for none.', field);
  return checkOperand('JSON', value, field);
}

function checkLengths({ atLeast, lessThan }: TraitHeldCondition, field: string) {
  const lengths = {
    ...(atLeast == null ? {} : { atLeast: checkDuration(atLeast, `${field}.atLeast`) }),
    ...(lessThan == null ? {} : { lessThan: checkDuration(lessThan, `${field}.lessThan`) }),
  };
  if (!lengths.atLeast && !lengths.lessThan) throw badInput('Give `atLeast`, `lessThan` or both.', field);
  if (lengths.atLeast && lengths.lessThan && durationMs(lengths.atLeast) >= durationMs(lengths.lessThan)) {
    throw badInput('Expected `lessThan` to be longer than `atLeast`.', `${field}.lessThan`);
  }
  return lengths;
}

/** When the value was said first without another one since; `undefined` where the last word is another. */
function heldSince({ trait, value }: TraitHeldCondition, facts: CustomerFacts, { now }: Moment): Date | undefined {
  let since: Date | undefined;
  for (const { traits, occurredAt } of facts.touchpoints) {
    if (occurredAt > now || traits === null || !Object.hasOwn(traits, trait)) continue;
    since = isSame(traits[trait], value) ? (since ?? occurredAt) : undefined;
  }
  return since;
}

function isLongEnough(since: Date, { atLeast, lessThan }: TraitHeldCondition, { now }: Moment): boolean {
  return (!atLeast || since <= shift(now, atLeast, -1)) && (!lessThan || since > shift(now, lessThan, -1));
}
