import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { Customer } from '../customer.type.ts';
import { sightOf } from '../masking.ts';
import { SourceRecord } from '../record.type.ts';
import { IdentityDecision } from '../stewardship/decision.type.ts';
import { findConcernedCustomers, findDecision, findStewardsRecords } from '../stewardship/steward.service.ts';
import { MatchCandidateStatus } from './match.enum.ts';
import { MatchDecisionInput } from './match.input.ts';
import {
  countMatchCandidates,
  explainCandidate,
  findMatchCandidate,
  listMatchCandidates,
  type MatchReviewService,
} from './match-candidate.service.ts';
import type { CandidateStatus } from './match-candidate.ts';
import {
  MatchBreakdown,
  MatchCandidate,
  MatchCandidateConnection,
  MatchDecisionPayload,
} from './match-candidate.type.ts';

/** For `node(id)` with an `mc_…`. */
export async function findMatchCandidateNode(ctx: Context, uuid: string): Promise<MatchCandidate | null> {
  const row = await findMatchCandidate(ctx, uuid);
  return row && new MatchCandidate(row);
}

const decides = 'Needs the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`, `IDEMPOTENCY_CONFLICT`';

@Resolver(() => MatchCandidateConnection)
export class MatchReviewResolver {
  readonly #review: MatchReviewService;

  constructor(review: MatchReviewService) {
    this.#review = review;
  }

  @Query(() => MatchCandidateConnection, {
    description:
      'Records of different customers that may be one person, the likeliest first. Needs the scope `identity:read`.',
  })
  async matchCandidates(
    @Ctx() ctx: Context,
    @Arg('status', () => MatchCandidateStatus, {
      defaultValue: 'PENDING',
      description: 'What has become of them; those that wait for a decision when left out.',
    })
    status: CandidateStatus,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<MatchCandidateConnection> {
    const page = await listMatchCandidates(ctx, { status, first, after }, (row) => new MatchCandidate(row));
    return { ...page, status };
  }

  @FieldResolver(() => Int, { description: 'How many there are in all. Counts them: ask for it once, not per page.' })
  totalCount(@Root() { status }: MatchCandidateConnection, @Ctx() ctx: Context): Promise<number> {
    return countMatchCandidates(ctx, status);
  }

  @Mutation(() => MatchDecisionPayload, {
    description:
      'The two records of a candidate are one person: links them, whatever limits say. ' +
      `${decides}, \`IDENTITY_CONFLICT\` where a decision (\`extensions.decisionId\`) says the contrary.`,
  })
  async acceptMatch(
    @Ctx() ctx: Context,
    @Arg('input', () => MatchDecisionInput, { description: 'Which, and why.' }) input: MatchDecisionInput,
  ): Promise<MatchDecisionPayload> {
    const candidateId = fromPublicId('mc', input.candidateId, 'input.candidateId');
    const decided = await this.#review.accept(ctx, { ...input, candidateId });
    ctx.loaders.clear();
    return new MatchDecisionPayload(decided);
  }

  @Mutation(() => MatchDecisionPayload, {
    description:
      'The two records of a candidate are not one person, and are never proposed again: a veto, which parts them if ' +
      `anything has joined them. ${decides}.`,
  })
  async rejectMatch(
    @Ctx() ctx: Context,
    @Arg('input', () => MatchDecisionInput, { description: 'Which, and why.' }) input: MatchDecisionInput,
  ): Promise<MatchDecisionPayload> {
    const candidateId = fromPublicId('mc', input.candidateId, 'input.candidateId');
    const decided = await this.#review.reject(ctx, { ...input, candidateId });
    ctx.loaders.clear();
    return new MatchDecisionPayload(decided);
  }
}

@Resolver(() => MatchCandidate)
export class MatchCandidateResolver {
  @FieldResolver(() => [SourceRecord], { description: 'The two records, in the order of the breakdown.' })
  records(@Root() { row }: MatchCandidate, @Ctx() ctx: Context): Promise<SourceRecord[]> {
    return findStewardsRecords(ctx, [row.recordA, row.recordB], 2);
  }

  @FieldResolver(() => MatchBreakdown, {
    nullable: true,
    description: 'Why it has this weight. Null where a record, or the model, is gone.',
  })
  async breakdown(@Root() { row }: MatchCandidate, @Ctx() ctx: Context): Promise<MatchBreakdown | null> {
    const breakdown = await explainCandidate(ctx, row);
    return breakdown && new MatchBreakdown(breakdown, sightOf(ctx));
  }

  @FieldResolver(() => IdentityDecision, { nullable: true, description: 'The decision that came of it, if any did.' })
  async decision(@Root() { row }: MatchCandidate, @Ctx() ctx: Context): Promise<IdentityDecision | null> {
    const decision = row.decisionId === null ? null : await findDecision(ctx, row.decisionId);
    return decision && new IdentityDecision(decision);
  }
}

@Resolver(() => MatchDecisionPayload)
export class MatchDecisionPayloadResolver {
  @FieldResolver(() => [Customer], {
    nullable: true,
    description:
      'The customers, as they are now, of the two records. Null, with `FORBIDDEN`, without `customers:read`.',
  })
  customers(@Root() { uuids }: MatchDecisionPayload, @Ctx() ctx: Context): Promise<Customer[]> {
    return findConcernedCustomers(ctx, uuids);
  }
}
