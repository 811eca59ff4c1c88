import type { Database } from '../kernel/database.ts';
import { findTied } from './closure.queries.ts';
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
  const recordIds = new Set(seeds);
  const claims: C[] = [];
  const followed = new Set<string>();
  for (let frontier = [...recordIds]; frontier.length > 0; ) {
    const carried = await claimsOf(frontier);
    for (const claim of carried) claims.push(claim);
    const identifierIds = leadingOn(carried, rules).filter((id) => !followed.has(id));
    for (const id of identifierIds) followed.add(id);
    const tied = await findTied(db, { recordIds: frontier, identifierIds });
    frontier = tied.filter((id) => !recordIds.has(id));
    for (const id of frontier) recordIds.add(id);
  }
  return { recordIds, claims };
}

/** Identifiers by which these claims can join their records to others. */
function leadingOn(claims: readonly ClaimEvidence[], rules: IdentityRules): string[] {
  const shared = new Set(claims.filter(({ claimants }) => claimants > 1).map(({ identifierId }) => identifierId));
  if (shared.size === 0) return [];
  const usable = new Set(usableClaims(claims, rules).map(({ identifierId }) => identifierId));
  return [...shared.intersection(usable)];
}
