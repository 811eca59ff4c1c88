import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import type { ActiveDecision } from './decision.ts';
import { findActiveDecisions } from './decisions.queries.ts';
import { type Regrouping, reassignments, regroupingOf } from './identify.ts';
import { assignRecords, findClaimsOf, type NeighbourhoodClaim, type RecordState } from './identity.queries.ts';
import { deleteRefusedLinks, findRefusedLinks, upsertRefusedLinks } from './refused-links.queries.ts';
import { type Cause, compareRefusals, linesOf } from './regrouping.ts';
import { insertRegroupings } from './regroupings.queries.ts';
import type { RefusedLink, Resolution } from './resolution.ts';
import { resolveSaid } from './resolve-said.ts';
import type { IdentityRules } from './rules.ts';

/** All that is said of some records, and what was refused of it until now. */
export interface SaidOfRecords {
  readonly claims: readonly NeighbourhoodClaim[];
  readonly decisions: readonly ActiveDecision[];
  readonly refusedBefore: readonly RefusedLink[];
}

export async function readEvidence(tx: Tx, recordIds: readonly string[]): Promise<SaidOfRecords> {
  const [claims, decisions, refusedBefore] = await Promise.all([
    findClaimsOf(tx, recordIds),
    findActiveDecisions(tx, recordIds),
    findRefusedLinks(tx, recordIds),
  ]);
  return { claims, decisions, refusedBefore };
}

export interface RegroupOrigin extends Cause {
  readonly now: Date;
  readonly ids: Ids;
  readonly rules: IdentityRules;
  /** Records that this transaction created: nobody has heard of their customers yet. */
  readonly created: ReadonlySet<string>;
}

export interface RegroupedRecords {
  readonly resolution: Resolution;
  readonly regrouping: Regrouping;
  /** Refused now and not before. */
  readonly refused: readonly RefusedLink[];
}

/**
 * Resolves a closed neighbourhood, whose records are locked, and writes what follows: whose each record is, what was
 * refused, and a line for every merge and split.
 */
export async function regroupRecords(
  tx: Tx,
  origin: RegroupOrigin,
  { records, claims, decisions, refusedBefore }: SaidOfRecords & { readonly records: readonly RecordState[] },
): Promise<RegroupedRecords> {
  const resolution = resolveSaid({ records, claims, decisions }, origin.rules);
  const moves = reassignments(records, resolution);
  const known = records.filter(({ id, customerId }) => customerId !== null && !origin.created.has(id));
  const before = new Set(known.map(({ customerId }) => customerId!));
  const lines = linesOf(moves, before, resolution.customerOf, { ...origin, newId: () => origin.ids.uuid() });
  const { added, changed, gone } = compareRefusals(resolution.refused, refusedBefore);
  await Promise.all([
    moves.length > 0 && assignRecords(tx, moves),
    lines.length > 0 && insertRegroupings(tx, lines, origin.now),
    gone.length > 0 && deleteRefusedLinks(tx, gone),
    added.length + changed.length > 0 && upsertRefusedLinks(tx, [...added, ...changed], origin.now),
  ]);
  return { resolution, regrouping: regroupingOf(moves, before, resolution), refused: added };
}
