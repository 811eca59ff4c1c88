import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { Calendar } from '../earning/calendar.ts';
import type { Program, Wallet } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { type DevelopmentFactor, developmentFactors, estimateBreakage, type Vintage } from './breakage.ts';
import { addHeld, agree, type HeldPoints, noPoints, outstandingOf } from './held-points.ts';
import {
  sumAccounts,
  sumPostings,
  sumVintageMoves,
  sumVintages,
  sumWallets,
  type VintageMove,
  type VintagePoints,
} from './ledger-reports.queries.ts';
import { monthsBetween } from './months.ts';
import { moneyOf, type PointMoney } from './point-money.ts';
import { asOf, getPublished, readAtOnce, walletAt } from './reading.service.ts';

export interface AsOfInput {
  /** UUID. */
  readonly programId: string;
  /** Left out: now. */
  readonly at?: Date | null;
}

export interface WalletLiability {
  readonly wallet: Wallet;
  readonly held: HeldPoints;
  readonly outstanding: bigint;
  /** Spent, and covered by nothing: members owe it. */
  readonly owed: bigint;
  readonly accounts: number;
  readonly liability: PointMoney | null;
  readonly receivable: PointMoney | null;
}

export interface Liability {
  readonly at: Date;
  readonly wallets: readonly WalletLiability[];
  /** By currency. */
  readonly total: readonly PointMoney[];
}

export interface VintageReport {
  readonly wallet: string;
  readonly month: string;
  readonly lots: number;
  readonly held: HeldPoints;
  readonly outstanding: bigint;
  readonly liability: PointMoney | null;
  /** Of what was issued and neither taken back nor given away, the part that has expired. Null: nothing was. */
  readonly breakageRate: number | null;
  /** Points that have expired or are expected to. */
  readonly expectedBreakage: number;
  readonly expectedRate: number | null;
  /** Points of which nobody has seen what becomes of them. */
  readonly unknown: number;
}

export interface WalletFactors {
  readonly wallet: string;
  readonly factors: readonly DevelopmentFactor[];
}

export interface Reconciliation {
  readonly wallet: string;
  readonly vintages: HeldPoints;
  readonly postings: HeldPoints;
  /** Null for an instant of the past: accounts only know now. */
  readonly accounts: HeldPoints | null;
  readonly agrees: boolean;
}

export interface Vintages {
  readonly at: Date;
  readonly vintages: readonly VintageReport[];
  readonly factors: readonly WalletFactors[];
  readonly reconciliation: readonly Reconciliation[];
}

/** What the programme owes its members, and what of it they will never ask for. */
export class LiabilityReports {
  readonly #book: ProgramBook;
  readonly #timeZone: string;
  readonly #calendar: Calendar;

  constructor(book: ProgramBook, timeZone: string) {
    this.#book = book;
    this.#timeZone = timeZone;
    this.#calendar = new Calendar(timeZone);
  }

  async liability(ctx: Context, { programId, at }: AsOfInput): Promise<Liability> {
    requireScope(ctx, 'loyalty:read');
    const when = asOf(ctx, programId, at);
    const program = await getPublished(ctx, this.#book, programId);
    const sums = await readAtOnce(ctx, (tx) => sumWallets(tx, when));
    const keys = [...new Set([...walletKeys(program, when.at), ...sums.map(({ wallet }) => wallet)])];
    const wallets = keys.map((key): WalletLiability => {
      const wallet = walletAt(program, key, when.at);
      const own = sums.filter((sum) => sum.wallet === key);
      const covered = own.find(({ uncovered }) => !uncovered);
      const debt = own.find(({ uncovered }) => uncovered);
      const outstanding = covered ? outstandingOf(covered) : 0n;
      const owed = debt ? -debt.available : 0n;
      return {
        ...{ wallet, outstanding, owed, held: covered ?? noPoints, accounts: covered?.accounts ?? 0 },
        liability: moneyOf(outstanding, wallet),
        receivable: moneyOf(owed, wallet),
      };
    });
    return { at: when.at, wallets, total: totalOf(wallets.map(({ liability }) => liability)) };
  }

  async vintages(ctx: Context, { programId, at }: AsOfInput): Promise<Vintages> {
    requireScope(ctx, 'loyalty:read');
    const when = asOf(ctx, programId, at);
    const program = await getPublished(ctx, this.#book, programId);
    return readAtOnce(ctx, async (tx) => {
      const sums = await sumVintages(tx, when, this.#timeZone);
      const moves = await sumVintageMoves(tx, when, this.#timeZone);
      const accounts = when.past ? null : await sumAccounts(tx, programId);
      const postings = await sumPostings(tx, when);
      const now = this.#calendar.dayOf(when.at);
      const grown = walletsOf(sums).map((wallet) => grow({ wallet, sums, moves, now }));
      return {
        at: when.at,
        vintages: grown.flatMap(({ wallet, vintages, factors }) =>
          vintages.map((one) => reportOf(one, { factors, wallet: walletAt(program, wallet, when.at) })),
        ),
        factors: grown.map(({ wallet, factors }) => ({ wallet, factors })),
        reconciliation: walletsOf([...sums, ...postings, ...(accounts ?? [])]).map((wallet) =>
          reconcile(wallet, { sums, accounts, postings }),
        ),
      };
    });
  }
}

function walletKeys(program: Program, at: Date): string[] {
  const started = program.versions.filter(({ effectiveAt }) => effectiveAt <= at);
  return started.flatMap(({ definition }) => definition.wallets.map(({ key }) => key));
}

function walletsOf(sums: readonly { readonly wallet: string }[]): string[] {
  return [...new Set(sums.map(({ wallet }) => wallet))].sort();
}

interface Grown {
  readonly sum: VintagePoints & { readonly month: string };
  readonly vintage: Vintage;
}

/** Puts what became of each vintage in the order of age. */
function grow({ wallet, sums, moves, now }: Growing): {
  wallet: string;
  vintages: Grown[];
  factors: DevelopmentFactor[];
} {
  const own = sums.flatMap((sum) =>
    sum.wallet === wallet && sum.month !== null ? [{ ...sum, month: sum.month }] : [],
  );
  const vintages = own.map((sum): Grown => {
    const age = Math.max(0, monthsBetween(sum.month, now));
    const gone = moves.filter((move) => move.wallet === wallet && move.vintage === sum.month);
    const byAge = (points: (move: VintageMove) => bigint) => {
      const ages = Array.from({ length: age + 1 }, () => 0);
      for (const move of gone) {
        // What was entered before it was earned, by a clock that was ahead, counts as of the beginning.
        const index = Math.min(Math.max(monthsBetween(sum.month, move.month), 0), age);
        ages[index]! += Number(points(move));
      }
      return ages;
    };
    const issued = Number(sum.issued);
    return { sum, vintage: { issued, age, expired: byAge(({ expired }) => expired), left: byAge(({ left }) => left) } };
  });
  return { wallet, vintages, factors: developmentFactors(vintages.map(({ vintage }) => vintage)) };
}

interface Growing {
  readonly wallet: string;
  readonly sums: readonly VintagePoints[];
  readonly moves: readonly VintageMove[];
  readonly now: string;
}

function reportOf(
  { sum, vintage }: Grown,
  { factors, wallet }: { factors: readonly DevelopmentFactor[]; wallet: Wallet },
): VintageReport {
  const { month, lots } = sum;
  const outstanding = outstandingOf(sum);
  const { expected, unknown } = estimateBreakage(vintage, factors);
  // What was given to somebody else goes on there.
  const granted = Number(sum.issued - sum.reversed - sum.transferred);
  const rate = (points: number) => (granted > 0 ? points / granted : null);
  return {
    ...{ wallet: wallet.key, month, lots, held: sum, outstanding, unknown },
    liability: moneyOf(outstanding, wallet),
    breakageRate: rate(Number(sum.expired)),
    expectedBreakage: expected,
    expectedRate: rate(expected),
  };
}

type WalletSum = HeldPoints & { readonly wallet: string };

function reconcile(
  wallet: string,
  found: {
    sums: readonly WalletSum[];
    postings: readonly WalletSum[];
    accounts: readonly WalletSum[] | null;
  },
): Reconciliation {
  const of = (sums: readonly WalletSum[]) => sums.filter((sum) => sum.wallet === wallet).reduce(addHeld, noPoints);
  const [vintages, postings] = [of(found.sums), of(found.postings)];
  const accounts = found.accounts && of(found.accounts);
  const agrees = agree(vintages, postings) && (accounts === null || agree(vintages, accounts));
  return { wallet, vintages, postings, accounts, agrees };
}

/** Sums by currency. */
export function totalOf(amounts: readonly (PointMoney | null)[]): PointMoney[] {
  const sums = new Map<string, bigint>();
  for (const amount of amounts) {
    if (amount) sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) + amount.minor);
  }
  return [...sums].map(([currency, minor]) => ({ currency, minor }));
}
