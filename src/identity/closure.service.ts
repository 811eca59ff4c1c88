import type { Database } from '../kernel/database.ts';
import { findTied, type Tied } from './closure.queries.ts';
import type { ClaimEvidence } from './resolution.ts';
import { usableClaims } from './resolve.ts';
import type { IdentityRules } from './rules.ts';

/** Records with all claims on them, closed: nothing that can join leads outside, and no customer lies half within. */
export interface Closure<C extends ClaimEvidence> {
  readonly recordIds: ReadonlySet<string>;
  readonly claims: readonly C[];
}

/**
 * Everything that these rules can tie to the given records. Ingestion needs one step only, because what is stored is
 * closed under the rules in force; under other rules, or where something may be broken, the walk goes on to its end. Two
 * statements a step; most walks end after one or two.
 */
export async function closeOver<C extends ClaimEvidence>(
  db: Database,
  seeds: readonly string[],
  { rules, claimsOf }: { rules: IdentityRules; claimsOf: (recordIds: readonly string[]) => Promise<readonly C[]> },
): Promise<Closure<C>> {
  const recordIds = new Set<string>();
  const claims: C[] = [];
  const followed = new Set<string>();
  let frontier: readonly Tied[] = [...new Set(seeds)].map((id) => ({ id, firmly: true }));
  while (frontier.length > 0) {
    const carried = await claimsOf(frontier.map(({ id }) => id));
    const usable = usableClaims(carried, rules);
    // Who carries too many values of a kind is nobody's word on who these are: it is led to by them as little as it leads.
    const led = new Set(usable.filter((claim) => followed.has(claim.identifierId)).map(({ recordId }) => recordId));
    const reached = new Set(frontier.filter(({ id, firmly }) => firmly || led.has(id)).map(({ id }) => id));
    for (const id of reached) recordIds.add(id);
    for (const claim of carried) if (reached.has(claim.recordId)) claims.push(claim);
    const identifierIds = leadingOn(carried, usable, reached).filter((id) => !followed.has(id));
    for (const id of identifierIds) followed.add(id);
    const tied = reached.size > 0 ? await findTied(db, { recordIds: [...reached], identifierIds }) : [];
    frontier = tied.filter(({ id }) => !recordIds.has(id));
  }
  return { recordIds, claims };
}

/** Identifiers by which these records can be joined to others. */
function leadingOn(
  claims: readonly ClaimEvidence[],
  usable: readonly Pick<ClaimEvidence, 'identifierId' | 'recordId'>[],
  recordIds: ReadonlySet<string>,
): string[] {
  const shared = new Set(claims.filter(({ claimants }) => claimants > 1).map(({ identifierId }) => identifierId));
  const leading = usable.filter(({ identifierId, recordId }) => recordIds.has(recordId) && shared.has(identifierId));
  return [...new Set(leading.map(({ identifierId }) => identifierId))];
}
