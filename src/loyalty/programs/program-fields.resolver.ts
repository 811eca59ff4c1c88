import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import type { Enrolment, Phase } from '../program.ts';
import { LoyaltyEnrolmentEnum, LoyaltyPhaseEnum } from './program.enum.ts';
import { LoyaltyPhaseChange, LoyaltyProgram } from './program.type.ts';
import { currentPhase, listPhases, type ProgramReader, type ShownVersion } from './program-reader.service.ts';
import { LoyaltyRule } from './program-rule.type.ts';
import { LoyaltyLever, LoyaltyProgramVersion, LoyaltyTierScheme, LoyaltyWallet } from './program-version.type.ts';

const shown = 'Of the version that is in force, or of the latest before the first one is.';

@Resolver(() => LoyaltyProgram)
export class LoyaltyProgramFieldsResolver {
  readonly #reader: ProgramReader;

  constructor(reader: ProgramReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => LoyaltyPhaseEnum, { description: 'How it is run now.' })
  phase(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<Phase> {
    return currentPhase(ctx, row.id);
  }

  @FieldResolver(() => [LoyaltyPhaseChange], {
    description: 'Every phase that it entered, the first one first; those that are planned come last.',
  })
  async phases(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyPhaseChange[]> {
    return (await listPhases(ctx, row.id)).map((change) => new LoyaltyPhaseChange(change));
  }

  @FieldResolver(() => Int, {
    description: 'The latest version, draft or not. Give it as `expectedVersion` to notice that somebody was faster.',
  })
  async latestVersion(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<number> {
    return (await this.#reader.versionsOf(ctx, row.id))[0]!.version.version;
  }

  @FieldResolver(() => LoyaltyProgramVersion, {
    nullable: true,
    description: 'The version that counts now. Null before the first one does.',
  })
  async inForce(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyProgramVersion | null> {
    const version = await this.#reader.versionInForce(ctx, row.id);
    return version && new LoyaltyProgramVersion(version);
  }

  @FieldResolver(() => LoyaltyProgramVersion, {
    nullable: true,
    description: 'What is being worked on. Null when the latest version is published.',
  })
  async draft(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyProgramVersion | null> {
    const draft = await this.#reader.draftOf(ctx, row.id);
    return draft && new LoyaltyProgramVersion(draft);
  }

  @FieldResolver(() => [LoyaltyProgramVersion], {
    description: 'Every version that was published, and the draft; the latest first.',
  })
  async versions(@Root() { row }: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyProgramVersion[]> {
    return (await this.#reader.versionsOf(ctx, row.id)).map((version) => new LoyaltyProgramVersion(version));
  }

  @FieldResolver(() => String, { nullable: true, description: `How it works, for people. ${shown}` })
  async mechanics(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<string | null> {
    return (await this.#shown(ctx, program)).version.definition.mechanics;
  }

  @FieldResolver(() => String, { nullable: true, description: `What it is to achieve. ${shown}` })
  async goals(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<string | null> {
    return (await this.#shown(ctx, program)).version.definition.goals;
  }

  @FieldResolver(() => LoyaltyEnrolmentEnum, { description: `Who is a member. ${shown}` })
  async enrolment(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<Enrolment> {
    return (await this.#shown(ctx, program)).version.definition.enrolment;
  }

  @FieldResolver(() => [LoyaltyWallet], { description: `Its units of points. ${shown}` })
  async wallets(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<readonly LoyaltyWallet[]> {
    return (await this.#shown(ctx, program)).version.definition.wallets;
  }

  @FieldResolver(() => [LoyaltyRule], { description: `By which points are earned. ${shown}` })
  async rules(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyRule[]> {
    return new LoyaltyProgramVersion(await this.#shown(ctx, program)).rules;
  }

  @FieldResolver(() => LoyaltyTierScheme, { nullable: true, description: `Null: it has no tiers. ${shown}` })
  async tierScheme(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyTierScheme | null> {
    return new LoyaltyProgramVersion(await this.#shown(ctx, program)).tierScheme;
  }

  @FieldResolver(() => [LoyaltyLever], { description: `Numbers that can be turned without another version. ${shown}` })
  async levers(@Root() program: LoyaltyProgram, @Ctx() ctx: Context): Promise<LoyaltyLever[]> {
    return new LoyaltyProgramVersion(await this.#shown(ctx, program)).levers;
  }

  #shown(ctx: Context, { row }: LoyaltyProgram): Promise<ShownVersion> {
    return this.#reader.versionToShow(ctx, row.id);
  }
}
