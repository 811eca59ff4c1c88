import type { Tx } from '../kernel/database.ts';
import { type KnownIdentifier, recountClaimants, toggleBlocked } from './recount.queries.ts';
import { countedUpTo, type IdentityRules, isBlocked } from './rules.ts';

/** Marks identifiers as blocked or not, and counts their claimants, as the rules want it. Under the identity lock. */
export async function settleIdentifiers(
  tx: Tx,
  identifiers: readonly KnownIdentifier[],
  { rules, now }: { rules: IdentityRules; now: Date },
): Promise<void> {
  if (identifiers.length === 0) return;
  const mistaken = identifiers.filter(({ kind, value, blocked }) => blocked !== isBlocked(rules, value, kind));
  if (mistaken.length > 0)
    await toggleBlocked(
      tx,
      mistaken.map(({ id }) => id),
    );
  const counted = identifiers.map(({ id, kind }) => ({ id, stopAt: countedUpTo(rules, kind) }));
  await recountClaimants(tx, counted, now);
}
