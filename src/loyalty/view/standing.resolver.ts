import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { Customer } from '../../identity/customer.type.ts';
import type { Context } from '../../kernel/context.ts';
import { Cursor } from '../../kernel/scalars.ts';
import { findLoyaltyProgramNode } from '../programs/program.resolver.ts';
import { LoyaltyProgram } from '../programs/program.type.ts';
import type { StandingReader } from './standing.service.ts';
import {
  LoyaltyBalance,
  LoyaltyEntry,
  LoyaltyEntryConnection,
  LoyaltyExpiring,
  LoyaltyLot,
  LoyaltyLotConnection,
  LoyaltyMember,
  LoyaltyMembership,
  LoyaltyMemberTier,
  LoyaltyTierChange,
  LoyaltyTierProgress,
} from './standing.type.ts';

/** What loyalty adds to a customer. */
@Resolver(() => Customer)
export class CustomerLoyaltyResolver {
  readonly #reader: StandingReader;

  constructor(reader: StandingReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => [LoyaltyMember], {
    description:
      'Their place in each loyalty programme with which they have to do: points, lots, tier. It is up to date with every ' +
      'touchpoint that has been acknowledged. Needs the scope `loyalty:read` too.',
  })
  async loyalty(@Root() customer: Customer, @Ctx() ctx: Context): Promise<LoyaltyMember[]> {
    const standings = await this.#reader.standingsOf(ctx, customer.uuid);
    return standings.map((standing) => new LoyaltyMember(standing));
  }
}

@Resolver(() => LoyaltyMember)
export class LoyaltyMemberResolver {
  readonly #reader: StandingReader;

  constructor(reader: StandingReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => LoyaltyProgram, { description: 'The programme.' })
  program(@Root() { row }: LoyaltyMember, @Ctx() ctx: Context): Promise<LoyaltyProgram | null> {
    return findLoyaltyProgramNode(ctx, row.programId);
  }

  @FieldResolver(() => [LoyaltyMembership], {
    description: 'Their memberships; the one that counts as theirs first. Empty: they have earned without one.',
  })
  async memberships(@Root() { row }: LoyaltyMember, @Ctx() ctx: Context): Promise<LoyaltyMembership[]> {
    return (await this.#reader.membershipsOf(ctx, row)).map((one) => new LoyaltyMembership(one));
  }

  @FieldResolver(() => [LoyaltyBalance], { description: 'Their points, by wallet.' })
  async balances(@Root() { row }: LoyaltyMember, @Ctx() ctx: Context): Promise<LoyaltyBalance[]> {
    return (await this.#reader.walletsOf(ctx, row)).map((wallet) => new LoyaltyBalance(wallet));
  }

  @FieldResolver(() => LoyaltyMemberTier, { nullable: true, description: 'Null where the programme has no tiers.' })
  async tier(@Root() { row }: LoyaltyMember, @Ctx() ctx: Context): Promise<LoyaltyMemberTier | null> {
    const tier = await this.#reader.tierOf(ctx, row);
    return tier && new LoyaltyMemberTier(tier);
  }

  @FieldResolver(() => LoyaltyTierProgress, { nullable: true, description: 'How far it is to the next tier.' })
  async tierProgress(@Root() { row }: LoyaltyMember, @Ctx() ctx: Context): Promise<LoyaltyTierProgress | null> {
    const progress = await this.#reader.progressOf(ctx, row);
    return progress && new LoyaltyTierProgress(progress);
  }

  @FieldResolver(() => [LoyaltyTierChange], { description: 'How they came by their tier, the latest change first.' })
  async tierHistory(
    @Root() { row }: LoyaltyMember,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { defaultValue: 20, description: '1 to 200.' }) first: number,
  ): Promise<LoyaltyTierChange[]> {
    return (await this.#reader.tierHistoryOf(ctx, row, first)).map((change) => new LoyaltyTierChange(change));
  }

  @FieldResolver(() => LoyaltyLotConnection, { description: 'Their lots, the latest first.' })
  lots(
    @Root() { row }: LoyaltyMember,
    @Ctx() ctx: Context,
    @Arg('open', () => Boolean, {
      defaultValue: true,
      description: 'Only those with something to spend, now or later.',
    })
    open: boolean,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<LoyaltyLotConnection> {
    return this.#reader.lotsOf(ctx, row, { args: { first, after }, open, node: (lot) => new LoyaltyLot(lot) });
  }

  @FieldResolver(() => LoyaltyEntryConnection, { description: 'Their ledger, the latest entry first.' })
  entries(
    @Root() { row }: LoyaltyMember,
    @Ctx() ctx: Context,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
  ): Promise<LoyaltyEntryConnection> {
    return this.#reader.entriesOf(ctx, row, { args: { first, after }, node: (entry) => new LoyaltyEntry(entry) });
  }
}

@Resolver(() => LoyaltyBalance)
export class LoyaltyBalanceResolver {
  readonly #reader: StandingReader;

  constructor(reader: StandingReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => String, { description: 'The name of the wallet.' })
  name(@Root() { row }: LoyaltyBalance, @Ctx() ctx: Context): Promise<string> {
    return this.#reader.walletName(ctx, row);
  }

  @FieldResolver(() => [LoyaltyExpiring], { description: 'What expires when, the earliest first.' })
  async expiring(@Root() { row }: LoyaltyBalance, @Ctx() ctx: Context): Promise<LoyaltyExpiring[]> {
    return (await this.#reader.expiringOf(ctx, row)).map((one) => new LoyaltyExpiring(one));
  }
}
