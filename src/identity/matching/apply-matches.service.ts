import type { Context } from '../../kernel/context.ts';
import { type JudgedPair, type Judgement, judgePairs, type Surroundings } from './judge-pairs.ts';
import { type FoundPair, pairKey, type ScoredPair, type StoredCandidate } from './match-candidate.ts';
import { findLinkedRecords, insertCandidates, updateCandidates } from './match-candidates.queries.ts';
import { findCustomersOf, findParted, findWithdrawn } from './match-decisions.queries.ts';
import type { Thresholds } from './match-model.ts';

export interface MatchLink extends ScoredPair {
  readonly modelVersion: number;
}

/** What matching needs of the decisions about who is who. */
export interface MatchDecisions {
  /** Says that the records of each pair are one person; soft. Answers the decision of each, in their order. */
  recordMatches(ctx: Context, links: readonly MatchLink[]): Promise<readonly string[]>;
  /** Takes such decisions back, where they are still in force. */
  withdrawMatches(ctx: Context, decisionIds: readonly string[]): Promise<void>;
}

export interface ModelInUse {
  readonly version: number;
  readonly thresholds: Thresholds;
}

export interface Applied {
  readonly linked: number;
  readonly proposed: number;
  readonly withdrawn: number;
}

/** Makes true what follows from scored pairs: links, candidates, and the end of those that were found before. */
export class MatchApplication {
  readonly #decisions: MatchDecisions;

  constructor(decisions: MatchDecisions) {
    this.#decisions = decisions;
  }

  /**
   * `known` are all candidates that the scoring could have found again. Links are made before they are noted: after a
   * crash in between, the same is done again and meets its own decisions.
   */
  async apply(
    ctx: Context,
    model: ModelInUse,
    found: readonly FoundPair[],
    known: readonly StoredCandidate[],
  ): Promise<Applied> {
    if (found.length === 0 && known.length === 0) return { linked: 0, proposed: 0, withdrawn: 0 };
    const around = await readSurroundings(ctx, [...found, ...known]);
    const judgement = judgePairs(found, known, around, model.thresholds);
    if (judgement.toRevoke.length > 0) await this.#decisions.withdrawMatches(ctx, judgement.toRevoke);
    const candidates = await this.#link(ctx, model, judgement);
    await writeCandidates(ctx, model, candidates);
    const count = (status: JudgedPair['status']) =>
      candidates.filter((pair) => pair.status === status && pair.before !== status).length;
    return { linked: count('LINKED'), proposed: count('PENDING'), withdrawn: judgement.toRevoke.length };
  }

  /** A link that a limit refuses is left to a steward, who may link whatever limits say. */
  async #link(ctx: Context, { version }: ModelInUse, { candidates, toLink }: Judgement): Promise<JudgedPair[]> {
    const links = toLink.map(({ recordA, recordB, weight }) => ({ recordA, recordB, weight, modelVersion: version }));
    const decisions = links.length > 0 ? await this.#decisions.recordMatches(ctx, links) : [];
    const decisionOf = new Map(links.map((link, at) => [pairKey(link.recordA, link.recordB), decisions[at]!]));
    const linked = candidates.filter(({ status }) => status === 'LINKED');
    const customerOf = await readCustomers(ctx, linked);
    return candidates.map((pair) => {
      if (pair.status !== 'LINKED') return pair;
      const isOne = customerOf.get(pair.recordA) === customerOf.get(pair.recordB);
      const decisionId = pair.decisionId ?? decisionOf.get(pairKey(pair.recordA, pair.recordB)) ?? null;
      return { ...pair, decisionId, status: isOne ? 'LINKED' : 'PENDING' };
    });
  }
}

async function readSurroundings({ pool }: Context, pairs: readonly ScoredPair[]): Promise<Surroundings> {
  const recordIds = [...new Set(pairs.flatMap(({ recordA, recordB }) => [recordA, recordB]))];
  const [customers, withdrawn, linked] = await Promise.all([
    findCustomersOf(pool, recordIds),
    findWithdrawn(pool, recordIds),
    findLinkedRecords(pool, recordIds),
  ]);
  const parted = await findParted(pool, [...new Set(customers.map(({ customerId }) => customerId))]);
  return {
    customerOf: new Map(customers.map(({ recordId, customerId }) => [recordId, customerId])),
    parted: new Set(parted.map(({ a, b }) => pairKey(a, b))),
    withdrawn: new Set(withdrawn.map(({ a, b }) => pairKey(a, b))),
    linked: new Set(linked),
  };
}

async function readCustomers({ pool }: Context, pairs: readonly ScoredPair[]): Promise<Map<string, string>> {
  if (pairs.length === 0) return new Map();
  const recordIds = new Set(pairs.flatMap(({ recordA, recordB }) => [recordA, recordB]));
  const customers = await findCustomersOf(pool, [...recordIds]);
  return new Map(customers.map(({ recordId, customerId }) => [recordId, customerId]));
}

async function writeCandidates(ctx: Context, model: ModelInUse, candidates: readonly JudgedPair[]): Promise<void> {
  const added = candidates.filter(({ before }) => before === null);
  const known = candidates.filter(({ before }) => before !== null);
  const by = { modelVersion: model.version, now: ctx.clock.now() };
  await ctx.pool.begin(async (tx) => {
    if (added.length > 0) await insertCandidates(tx, added, by);
    if (known.length > 0) await updateCandidates(tx, known, by);
  });
}
