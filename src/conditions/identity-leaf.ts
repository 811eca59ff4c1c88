import { badInput } from '../kernel/errors.ts';
import type { IdentityCondition } from './condition.ts';
import { checkDuration, shift } from './duration.ts';
import type { CustomerFacts } from './facts.ts';
import type { Finding, LeafKind } from './leaf-kind.ts';
import type { Moment } from './moment.ts';
import { checkName, checkOnly } from './name.ts';
import { traitOf } from './trait-leaf.ts';

const tests = ['identified', 'carries', 'verified', 'recordFrom', 'mergedWithin'] as const;

/** How well a customer is known, and from where. */
export const identityLeaf: LeafKind<'identity'> = {
  name: 'identity',
  check: (given, field) => {
    const name = checkOnly(given, tests, field);
    const at = `${field}.${name}`;
    if (name === 'identified') return checkIdentified(given, at);
    if (name === 'mergedWithin') return { mergedWithin: checkDuration(given.mergedWithin!, at) };
    return { [name]: checkName(given[name]!, at) };
  },
  needs: ({ verified }) => ({
    identity: true,
    ...(verified === undefined ? {} : { traits: new Set([verifiedTrait(verified)]) }),
  }),
  cost: ({ identified }) => (identified ? 1 : 2),
  judge,
};

function checkIdentified({ identified }: IdentityCondition, field: string): IdentityCondition {
  if (identified !== true) throw badInput('Expected `true`; use `not` for the others.', field);
  return { identified };
}

/** The trait that says whether an identifier of this kind is the customer's. */
export function verifiedTrait(kind: string): string {
  return `${kind}Verified`;
}

function judge(leaf: IdentityCondition, facts: CustomerFacts, { now }: Moment): Finding {
  if (leaf.identified) return { verdict: facts.identified, found: facts.identified };
  if (leaf.recordFrom !== undefined) {
    return { verdict: facts.sources.has(leaf.recordFrom), found: [...facts.sources].sort() };
  }
  if (leaf.mergedWithin) {
    const earliest = shift(now, leaf.mergedWithin, -1);
    const merged = facts.mergedAt.filter((at) => at > earliest && at <= now);
    return { verdict: merged.length > 0, found: merged.map((at) => at.toISOString()).sort() };
  }
  const kinds = [...facts.identifierKinds].sort();
  if (leaf.carries !== undefined) return { verdict: kinds.includes(leaf.carries), found: kinds };
  const verified = traitOf(facts.traits, verifiedTrait(leaf.verified!)) ?? null;
  return { verdict: kinds.includes(leaf.verified!) && verified === true, found: { kinds, verified } };
}
