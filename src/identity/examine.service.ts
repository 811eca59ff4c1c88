import type { Database } from '../kernel/database.ts';
import { type CountedClaim, type CountLimits, findCountedClaims } from './closure.queries.ts';
import { closeOver } from './closure.service.ts';
import { evidenceOf, somebodysAmong } from './decision.ts';
import { findActiveDecisions } from './decisions.queries.ts';
import { findRecordFacts, type RecordFacts } from './identity-rebuild.queries.ts';
import type { Resolution } from './resolution.ts';
import { resolve } from './resolve.ts';
import { countedUpTo, type IdentityRules, isBlocked } from './rules.ts';

/** What facts alone say of some records and everything tied to them. */
export interface Examination {
  /** As they are stored. */
  readonly records: readonly RecordFacts[];
  /** All that they carry, blocked values too. */
  readonly claims: readonly CountedClaim[];
  /** Identifiers among them whose values the rules block. */
  readonly blocked: ReadonlySet<string>;
  readonly resolution: Resolution;
}

/** Resolves these records under the given rules, from nothing but facts; writes nothing. */
export async function examine(db: Database, seeds: readonly string[], rules: IdentityRules): Promise<Examination> {
  const limits = countLimits(rules);
  const all: CountedClaim[] = [];
  const blocked = new Set<string>();
  const claimsOf = async (recordIds: readonly string[]) => {
    const claims = await findCountedClaims(db, recordIds, limits);
    for (const claim of claims) {
      all.push(claim);
      if (isBlocked(rules, claim.value, claim.kind)) blocked.add(claim.identifierId);
    }
    return claims.filter(({ identifierId }) => !blocked.has(identifierId));
  };
  const closure = await closeOver(db, seeds, { rules, claimsOf });
  const recordIds = [...closure.recordIds];
  const [records, decisions] = await Promise.all([findRecordFacts(db, recordIds), findActiveDecisions(db, recordIds)]);
  const { links, separations } = evidenceOf(decisions);
  const somebodys = somebodysAmong(records, closure.claims, links);
  const resolution = resolve({ records: somebodys, claims: closure.claims, links, separations }, rules);
  return { records, claims: all, blocked, resolution };
}

export function countLimits(rules: IdentityRules): CountLimits {
  const kinds = new Map([...rules.kinds.keys()].map((kind) => [kind, countedUpTo(rules, kind)]));
  return { kinds, others: countedUpTo({ ...rules, kinds: new Map() }, '') };
}
