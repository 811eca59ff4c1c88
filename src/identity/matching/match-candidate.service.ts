import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { notFound } from '../../kernel/errors.ts';
import { toPublicId } from '../../kernel/ids.ts';
import type { Page } from '../../kernel/paging.ts';
import type { DecisionBase } from '../decision-input.ts';
import type { DecisionRow } from '../decisions.queries.ts';
import type { DecisionService } from '../decisions.service.ts';
import type { MatchDecisions } from './apply-matches.service.ts';
import { type Breakdown, loadBreakdowns } from './match-breakdown.loader.ts';
import type { CandidateStatus } from './match-candidate.ts';
import { type CandidatePageArguments, readCandidatePage, toCandidatePage } from './match-candidate-page.ts';
import {
  type CandidateRow,
  countCandidates,
  decideCandidate,
  findCandidatesById,
  listCandidates,
} from './match-candidates.queries.ts';

/** Pairs of records that may be one person, the likeliest first. */
export async function listMatchCandidates<N>(
  ctx: Context,
  args: CandidatePageArguments,
  node: (row: CandidateRow) => N,
): Promise<Page<N>> {
  requireScope(ctx, 'identity:read');
  const request = readCandidatePage(args);
  const rows = await listCandidates(ctx.pool, request.status, { after: request.after, limit: request.size + 1 });
  return toCandidatePage(request, rows, node);
}

export async function countMatchCandidates(ctx: Context, status: CandidateStatus): Promise<number> {
  requireScope(ctx, 'identity:read');
  return countCandidates(ctx.pool, status);
}

export async function findMatchCandidate(ctx: Context, id: string): Promise<CandidateRow | null> {
  requireScope(ctx, 'identity:read');
  const [row] = await findCandidatesById(ctx.pool, [id]);
  return row ?? null;
}

export interface CandidateDecided {
  readonly candidate: CandidateRow;
  readonly decision: DecisionRow;
  readonly customerIds: readonly string[];
}

export type CandidateDecision = DecisionBase & { readonly candidateId: string };

/** What stewards decide about candidates. */
export class MatchReviewService {
  readonly #decisions: Pick<DecisionService, 'linkRecords' | 'vetoMatch'>;
  readonly #matches: MatchDecisions;

  constructor(decisions: Pick<DecisionService, 'linkRecords' | 'vetoMatch'>, matches: MatchDecisions) {
    this.#decisions = decisions;
    this.#matches = matches;
  }

  /** They are one person: links them, whatever limits say. */
  async accept(ctx: Context, input: CandidateDecision): Promise<CandidateDecided> {
    requireScope(ctx, 'identity:manage');
    const candidate = await getCandidate(ctx, input.candidateId);
    const { recordA, recordB } = candidate;
    const decided = await this.#decisions.linkRecords(ctx, { ...baseOf(input), recordIds: [recordA, recordB] });
    return this.#conclude(ctx, candidate, 'ACCEPTED', decided);
  }

  /** They are not: keeps them apart for good, and takes back what the matcher has said. */
  async reject(ctx: Context, input: CandidateDecision): Promise<CandidateDecided> {
    requireScope(ctx, 'identity:manage');
    const candidate = await getCandidate(ctx, input.candidateId);
    const { recordA, recordB, decisionId } = candidate;
    const decided = await this.#decisions.vetoMatch(ctx, {
      ...baseOf(input),
      recordId: recordA,
      otherRecordId: recordB,
    });
    const isMatchers = candidate.status === 'LINKED' || candidate.status === 'PENDING';
    if (isMatchers && decisionId !== null) await this.#matches.withdrawMatches(ctx, [decisionId]);
    return this.#conclude(ctx, candidate, 'REJECTED', decided);
  }

  /** A crash in front of it does no harm: whether a pair waits for a decision is seen from the decisions themselves. */
  async #conclude(
    ctx: Context,
    candidate: CandidateRow,
    status: CandidateStatus,
    { decision, customerIds }: { decision: DecisionRow; customerIds: readonly string[] },
  ): Promise<CandidateDecided> {
    const now = ctx.clock.now();
    await decideCandidate(ctx.pool, candidate, { status, decisionId: decision.id, now });
    return { candidate: await getCandidate(ctx, candidate.id), decision, customerIds };
  }
}

function baseOf({ reason, idempotencyKey }: DecisionBase): DecisionBase {
  return { reason, idempotencyKey };
}

async function getCandidate(ctx: Context, id: string): Promise<CandidateRow> {
  const [row] = await findCandidatesById(ctx.pool, [id]);
  if (!row) throw notFound('match candidate', toPublicId('mc', id));
  return row;
}

/** Why a pair has its weight, by what is stored of its records now. */
export async function explainCandidate(ctx: Context, candidate: CandidateRow): Promise<Breakdown | null> {
  requireScope(ctx, 'identity:read');
  return ctx.loaders.get(loadBreakdowns, ctx).load(candidate);
}
