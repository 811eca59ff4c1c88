import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { ActivateMatchModelInput, RunMatchingInput, TrainMatchModelInput } from './match.input.ts';
import {
  activateMatchModel,
  findMatchRun,
  listMatchModels,
  listMatchRuns,
  readMatchingStatus,
  requestMatchRun,
  requestTraining,
} from './match.service.ts';
import { ActivateMatchModelPayload, MatchingStatus, MatchModel, MatchRun, MatchRunPayload } from './match.type.ts';

const manages = 'Needs the scope `identity:manage`. Codes: `BAD_USER_INPUT`, `IDEMPOTENCY_CONFLICT`';

@Resolver()
export class MatchResolver {
  @Query(() => MatchingStatus, { description: 'How matching is. Needs the scope `identity:read`.' })
  async matchingStatus(@Ctx() ctx: Context): Promise<MatchingStatus> {
    return new MatchingStatus(await readMatchingStatus(ctx));
  }

  @Query(() => [MatchModel], { description: 'The models, the newest first. Needs the scope `identity:read`.' })
  async matchModels(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 200.' }) first: number,
  ): Promise<MatchModel[]> {
    return (await listMatchModels(ctx, first)).map((row) => new MatchModel(row));
  }

  @Query(() => [MatchRun], {
    description: 'Trainings and runs, the newest first. Needs the scope `identity:read`.',
  })
  async matchRuns(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 200.' }) first: number,
  ): Promise<MatchRun[]> {
    return (await listMatchRuns(ctx, first)).map((row) => new MatchRun(row));
  }

  @Query(() => MatchRun, { nullable: true, description: 'One of them. Needs the scope `identity:read`.' })
  async matchRun(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { description: 'Which (`mr_…`).' }) id: string,
  ): Promise<MatchRun | null> {
    const row = await findMatchRun(ctx, fromPublicId('mr', id));
    return row && new MatchRun(row);
  }

  @Mutation(() => MatchRunPayload, {
    description: `Learns a new model from all records, in the background. ${manages}.`,
  })
  async trainMatchModel(
    @Ctx() ctx: Context,
    @Arg('input', () => TrainMatchModelInput, { description: 'What to compare.' }) input: TrainMatchModelInput,
  ): Promise<MatchRunPayload> {
    const { fields, activate, idempotencyKey } = input;
    const sources = fields?.map((field) => ({ ...field, identifier: field.identifier ?? null }));
    return new MatchRunPayload(await requestTraining(ctx, { ...(sources && { sources }), activate, idempotencyKey }));
  }

  @Mutation(() => MatchRunPayload, {
    description: `Matches all records by the model in use, in the background. Rarely needed: changes are followed by themselves. ${manages}.`,
  })
  async runMatching(
    @Ctx() ctx: Context,
    @Arg('input', () => RunMatchingInput, { description: 'How to tell a repeat.' }) input: RunMatchingInput,
  ): Promise<MatchRunPayload> {
    return new MatchRunPayload(await requestMatchRun(ctx, input));
  }

  @Mutation(() => ActivateMatchModelPayload, {
    description:
      'Uses a model from now on, and matches all records by it: what it links differently is linked, or comes apart. ' +
      `${manages}, \`NOT_FOUND\`.`,
  })
  async activateMatchModel(
    @Ctx() ctx: Context,
    @Arg('input', () => ActivateMatchModelInput, { description: 'Which.' }) input: ActivateMatchModelInput,
  ): Promise<ActivateMatchModelPayload> {
    return new ActivateMatchModelPayload(await activateMatchModel(ctx, input));
  }
}
