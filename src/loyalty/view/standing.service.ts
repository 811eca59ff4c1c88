import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { type Page, type PageArguments, readPageArguments, readSize, toPage } from '../../kernel/paging.ts';
import type { Calendar } from '../earning/calendar.ts';
import { MemberFold } from '../earning/member-fold.ts';
import { progressAt, type TierProgress } from '../earning/tier-level.ts';
import type { Lot } from '../ledger/lot.ts';
import type { Program, Tier, TierScheme } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { termsAt } from '../terms.ts';
import {
  loadEntries,
  loadExpiring,
  loadLots,
  loadMembershipViews,
  loadOverrides,
  loadStandings,
  loadTierLog,
  loadWallets,
  nameOfStandingPage,
  nameOfTierLog,
} from './standing.loader.ts';
import type { EntryView, ExpiringView, MembershipView, Standing, TierLogView, WalletView } from './standing.queries.ts';

/** What a customer is in a programme, with what the programme says now. */
export interface MemberTier {
  readonly tier: Tier;
  readonly since: Date;
  readonly dueAt: Date | null;
  /** Somebody gave it, until then. */
  readonly overriddenUntil: Date | null;
}

export interface Progress extends TierProgress {
  readonly nextTier: Tier | null;
  readonly basis: TierScheme['basis'];
}

/** Reads what customers have in loyalty programmes. */
export class StandingReader {
  readonly #book: ProgramBook;
  readonly #calendar: Calendar;

  constructor(book: ProgramBook, calendar: Calendar) {
    this.#book = book;
    this.#calendar = calendar;
  }

  async standingsOf(ctx: Context, customerId: string): Promise<Standing[]> {
    requireScope(ctx, 'loyalty:read');
    return ctx.loaders.get(loadStandings, ctx).load(customerId);
  }

  async membershipsOf(ctx: Context, { customerId, programId }: Standing): Promise<MembershipView[]> {
    const all = await ctx.loaders.get(loadMembershipViews, ctx).load(customerId);
    return all.filter((one) => one.programId === programId);
  }

  async walletsOf(ctx: Context, { customerId, programId }: Standing): Promise<WalletView[]> {
    const wallets = (await ctx.loaders.get(loadWallets, ctx).load(customerId)).filter(
      (one) => one.programId === programId,
    );
    const program = await this.#program(ctx, programId);
    const declared = program?.versions.at(-1)?.definition.wallets ?? [];
    const missing = declared.filter(({ key }) => !wallets.some(({ wallet }) => wallet === key));
    return [...wallets, ...missing.map(({ key }) => emptyWallet({ customerId, programId, wallet: key }))];
  }

  async walletName(ctx: Context, { programId, wallet }: WalletView): Promise<string> {
    const program = await this.#program(ctx, programId);
    const named = program?.versions.at(-1)?.definition.wallets.find(({ key }) => key === wallet);
    return named?.name ?? wallet;
  }

  async expiringOf(ctx: Context, { customerId, programId, wallet }: WalletView): Promise<ExpiringView[]> {
    const all = await ctx.loaders.get(loadExpiring, ctx).load(customerId);
    return all.filter((one) => one.programId === programId && one.wallet === wallet);
  }

  async tierOf(ctx: Context, standing: Standing): Promise<MemberTier | null> {
    const scheme = await this.#schemeOf(ctx, standing);
    const tier = scheme?.tiers.find(({ key }) => key === standing.tier);
    if (!tier) return null;
    const now = ctx.clock.now();
    const overrides = await this.#overridesOf(ctx, standing);
    const given = overrides.find((one) => one.tier === tier.key && one.from <= now && now < one.to);
    return { tier, since: standing.tierSince!, dueAt: standing.dueAt, overriddenUntil: given?.to ?? null };
  }

  async progressOf(ctx: Context, standing: Standing): Promise<Progress | null> {
    const { customerId, programId, state, tier } = standing;
    const program = await this.#program(ctx, programId);
    if (!program || state === null || tier === null) return null;
    const overrides = await this.#overridesOf(ctx, standing);
    const member = { customerId, memberships: [], overrides, verdicts: new Map() };
    const now = ctx.clock.now();
    const question = new MemberFold({ program, calendar: this.#calendar }, member, state).tierQuestion(now);
    const progress = question && progressAt(question, now);
    const scheme = question?.terms.definition.tierScheme;
    if (!progress || !scheme) return null;
    return {
      ...progress,
      basis: scheme.basis,
      nextTier: scheme.tiers.find(({ key }) => key === progress.next?.key) ?? null,
    };
  }

  async lotsOf<N>(
    ctx: Context,
    { customerId, programId }: Standing,
    { args, open, node }: LotListing<N>,
  ): Promise<Page<N>> {
    const page = readPageArguments('lots', args);
    const key = { ownerId: customerId, programId, page, open };
    const rows = await ctx.loaders.get(loadLots, ctx, nameOfStandingPage).load(key);
    return toPage(page, rows, {
      position: ({ lot }) => ({ at: lot.earnedAt, id: lot.id }),
      node: ({ lot }) => node(lot),
    });
  }

  async entriesOf<N>(
    ctx: Context,
    { customerId, programId }: Standing,
    { args, node }: Listing<EntryView, N>,
  ): Promise<Page<N>> {
    const page = readPageArguments('entries', args);
    const key = { ownerId: customerId, programId, page };
    const rows = await ctx.loaders.get(loadEntries, ctx, nameOfStandingPage).load(key);
    return toPage(page, rows, { position: ({ at, id }) => ({ at, id }), node });
  }

  async tierHistoryOf(ctx: Context, { customerId, programId }: Standing, first: number): Promise<TierLogView[]> {
    const key = { ownerId: customerId, programId, first: readSize(first, 'first') };
    return ctx.loaders.get(loadTierLog, ctx, nameOfTierLog).load(key);
  }

  async #program(ctx: Context, id: string): Promise<Program | undefined> {
    const programs = await ctx.loaders.get(this.#programs, ctx).load('all');
    return programs.find((program) => program.id === id);
  }

  /** Once for each request, however many customers ask. */
  readonly #programs = async (ctx: Context, keys: readonly string[]) => {
    const programs = await this.#book.current(ctx.pool);
    return keys.map(() => programs);
  };

  async #schemeOf(ctx: Context, { programId }: Standing): Promise<TierScheme | null> {
    const program = await this.#program(ctx, programId);
    return (program && termsAt(program, ctx.clock.now())?.definition.tierScheme) ?? null;
  }

  async #overridesOf(ctx: Context, { customerId, programId }: Standing) {
    const all = await ctx.loaders.get(loadOverrides, ctx).load(customerId);
    return all.filter((one) => one.programId === programId);
  }
}

export interface Listing<R, N> {
  readonly args: Pick<PageArguments, 'first' | 'after'>;
  readonly node: (row: R) => N;
}

export interface LotListing<N> extends Listing<Lot, N> {
  readonly open: boolean;
}

function emptyWallet(key: Pick<WalletView, 'customerId' | 'programId' | 'wallet'>): WalletView {
  const nothing = { available: 0n, pending: 0n, reserved: 0n, redeemed: 0n, expired: 0n, earned: 0n, owed: 0n };
  return { ...key, ...nothing };
}
