import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { fromPublicId } from '../../kernel/ids.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { givenDefinition } from './given-input.ts';
import {
  CreateLoyaltyProgramInput,
  PublishLoyaltyProgramInput,
  SetLoyaltyProgramPhaseInput,
  TurnLoyaltyLeverInput,
  UpdateLoyaltyProgramDraftInput,
} from './program.input.ts';
import type { ProgramService } from './program.service.ts';
import { LoyaltyProgram, LoyaltyProgramConnection, LoyaltyProgramPayload } from './program.type.ts';
import { findProgram, findProgramBy, listAllPrograms } from './program-reader.service.ts';

/** For `node(id)` with a `prg_…`. */
export async function findLoyaltyProgramNode(ctx: Context, uuid: string): Promise<LoyaltyProgram | null> {
  const row = await findProgram(ctx, uuid);
  return row && new LoyaltyProgram(row);
}

const faults =
  '`BAD_USER_INPUT` with the path of the fault in `field`, such as `input.definition.rules[2].earns.spend.per`';

@Resolver()
export class LoyaltyProgramResolver {
  readonly #programs: ProgramService;

  constructor(programs: ProgramService) {
    this.#programs = programs;
  }

  @Query(() => LoyaltyProgram, {
    nullable: true,
    description:
      'A loyalty programme, by id or by name: exactly one of them. Null when there is none. Needs the scope `loyalty:read`.',
  })
  async loyaltyProgram(
    @Ctx() ctx: Context,
    @Arg('id', () => ID, { nullable: true, description: 'Its id, `prg_…`.' }) id: string | null,
    @Arg('name', () => String, { nullable: true, description: 'Its name, whatever the case.' }) name: string | null,
  ): Promise<LoyaltyProgram | null> {
    const row = await findProgramBy(ctx, { id, name });
    return row && new LoyaltyProgram(row);
  }

  @Query(() => LoyaltyProgramConnection, {
    description: 'Loyalty programmes, the newest first. Needs the scope `loyalty:read`.',
  })
  loyaltyPrograms(
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
  ): Promise<LoyaltyProgramConnection> {
    return listAllPrograms(ctx, { first, after, last, before }, (row) => new LoyaltyProgram(row));
  }

  @Mutation(() => LoyaltyProgramPayload, {
    description:
      'Creates a programme with a first draft. Nothing counts until that is published and the phase is set. Needs the scope ' +
      '`loyalty:manage`, and `pii:read` for conditions that test masked values. ' +
      `Codes: ${faults}; \`SEGMENT_TOO_EXPENSIVE\`, \`FORBIDDEN\`, \`IDEMPOTENCY_CONFLICT\`.`,
  })
  async createLoyaltyProgram(
    @Ctx() ctx: Context,
    @Arg('input', () => CreateLoyaltyProgramInput, { description: 'Which.' }) input: CreateLoyaltyProgramInput,
  ): Promise<LoyaltyProgramPayload> {
    const definition = givenDefinition(input.definition);
    return new LoyaltyProgramPayload(await this.#programs.create(ctx, { ...input, definition }));
  }

  @Mutation(() => LoyaltyProgramPayload, {
    description:
      'Changes the draft of a programme, or makes one where the latest version is published. Every change is another ' +
      'version number. Needs the scope `loyalty:manage`. Codes: as `createLoyaltyProgram`, and `NOT_FOUND`, ' +
      '`VERSION_CONFLICT` with `currentVersion`.',
  })
  async updateLoyaltyProgramDraft(
    @Ctx() ctx: Context,
    @Arg('input', () => UpdateLoyaltyProgramDraftInput, { description: 'Which, and how.' })
    input: UpdateLoyaltyProgramDraftInput,
  ): Promise<LoyaltyProgramPayload> {
    const definition = input.definition == null ? null : givenDefinition(input.definition);
    const programId = fromPublicId('prg', input.programId, 'input.programId');
    return new LoyaltyProgramPayload(await this.#programs.updateDraft(ctx, { ...input, programId, definition }));
  }

  @Mutation(() => LoyaltyProgramPayload, {
    description:
      'Publishes the draft of a programme: from `effectiveAt` on it counts for what happens then, and never changes again. ' +
      'Segments that it names count as they are defined now. Needs the scope `loyalty:manage`. Codes: ' +
      '`BAD_USER_INPUT`, `NOT_FOUND`, `VERSION_CONFLICT` with `currentVersion`, and as `createLoyaltyProgram`.',
  })
  async publishLoyaltyProgram(
    @Ctx() ctx: Context,
    @Arg('input', () => PublishLoyaltyProgramInput, { description: 'Which, and from when on.' })
    input: PublishLoyaltyProgramInput,
  ): Promise<LoyaltyProgramPayload> {
    const programId = fromPublicId('prg', input.programId, 'input.programId');
    return new LoyaltyProgramPayload(await this.#programs.publish(ctx, { ...input, programId }));
  }

  @Mutation(() => LoyaltyProgramPayload, {
    description:
      'Moves a programme to another phase, now or later: forward, over any number of phases, and back only from SUNSET to ' +
      'LIVE. Needs the scope `loyalty:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  async setLoyaltyProgramPhase(
    @Ctx() ctx: Context,
    @Arg('input', () => SetLoyaltyProgramPhaseInput, { description: 'Which phase, and from when on.' })
    input: SetLoyaltyProgramPhaseInput,
  ): Promise<LoyaltyProgramPayload> {
    const programId = fromPublicId('prg', input.programId, 'input.programId');
    return new LoyaltyProgramPayload(await this.#programs.setPhase(ctx, { ...input, programId }));
  }

  @Mutation(() => LoyaltyProgramPayload, {
    description:
      'Turns a lever of a programme within its bounds, now or later, for good or for a time. Needs the scope ' +
      '`loyalty:manage`. Codes: `BAD_USER_INPUT`, `NOT_FOUND`.',
  })
  async turnLoyaltyLever(
    @Ctx() ctx: Context,
    @Arg('input', () => TurnLoyaltyLeverInput, { description: 'Which lever, and to what.' })
    input: TurnLoyaltyLeverInput,
  ): Promise<LoyaltyProgramPayload> {
    const programId = fromPublicId('prg', input.programId, 'input.programId');
    return new LoyaltyProgramPayload(await this.#programs.turnLever(ctx, { ...input, programId }));
  }
}
