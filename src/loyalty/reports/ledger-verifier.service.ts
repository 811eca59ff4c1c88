import type { Platform } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { groupBy } from '../../kernel/lists.ts';
import { Calendar } from '../earning/calendar.ts';
import { follows } from '../earning/member-fold.ts';
import { findConsumptions, findLots } from '../ledger/ledger.queries.ts';
import { accountName, unissued } from '../ledger/lot.ts';
import { type DebtOf, debtPolicies } from '../members/debt-policy.ts';
import { type FoldedMember, foldMember, hasStanding } from '../members/member-work.ts';
import type { Program } from '../program.ts';
import { loadPrograms } from '../programs/program-book.queries.ts';
import { questionOf } from '../simulation/history-question.ts';
import { prepareLongRead } from '../simulation/long-read.queries.ts';
import type { HistoryQuestion } from '../simulation/member-history.queries.ts';
import type { MemberHistory, ToldStanding } from '../simulation/member-history.ts';
import { streamMembers } from '../simulation/stream-members.service.ts';
import { Differences, type LedgerCheck, type LedgerDifference } from './ledger-difference.ts';
import {
  type Counts,
  countLedger,
  type FoundDifference,
  type FoundDifferences,
  findAccountsOf,
  findLedgerRecords,
  findMixedEntries,
  findOrphanedMembers,
  findOwnerlessLots,
  findStrayPostings,
  findUnbalancedAccounts,
  findUnbalancedBudgets,
  findUnbalancedEntries,
  findUnbalancedLots,
  findUnbalancedTransfers,
  findUnfoundedLots,
} from './ledger-verifier.queries.ts';
import { misallocated, misearned, stateText } from './replayed-ledger.ts';

export interface LedgerVerification extends Counts {
  /** How many accounts were allocated anew, and how many members folded anew. */
  readonly allocated: number;
  readonly folded: number;
  /** The first hundred of each kind. */
  readonly differences: readonly LedgerDifference[];
  readonly totals: ReadonlyMap<LedgerCheck, number>;
}

export interface VerifyOptions {
  readonly timeZone: string;
  /** Which part of the customers is folded anew, above 0 and up to 1. All sums and allocations are always proven. */
  readonly sample?: number;
}

const atOnce = 1_000;
const hours = 12;

const sums: readonly (readonly [LedgerCheck, (tx: Tx) => Promise<FoundDifferences>])[] = [
  ['ENTRY', findUnbalancedEntries],
  ['CAUSE', findMixedEntries],
  ['TRANSFER', findUnbalancedTransfers],
  ['POSTING', findStrayPostings],
  ['LOT', findUnbalancedLots],
  ['ACCOUNT', findUnbalancedAccounts],
  ['SOURCE', findUnfoundedLots],
  ['BUDGET', findUnbalancedBudgets],
  ['MEMBER', findOrphanedMembers],
];

/**
 * Proves the ledger in one snapshot of the database, beside a running server, and changes nothing: sums by set-based
 * statements, and what is derived by deriving it anew, page by page. What time moves is compared as of one instant, whether
 * the ledger has followed by then or not.
 */
export async function verifyLedger(
  { pool, clock }: Pick<Platform, 'pool' | 'clock'>,
  { timeZone, sample = 1 }: VerifyOptions,
): Promise<LedgerVerification> {
  return pool.begin('isolation level repeatable read read only', async (tx) => {
    await prepareLongRead(tx, hours * 3600);
    const differences = new Differences();
    const counts = await countLedger(tx);
    for (const [kind, find] of sums) differences.addAll(kind, await find(tx));
    const programs = await loadPrograms(tx);
    const proof = { tx, differences, now: clock.now() };
    const allocated = await verifyAllocation(proof, debtPolicies(programs, proof.now));
    const calendar = new Calendar(timeZone);
    let folded = 0;
    for (const program of programs) folded += await verifyEarning(proof, { program, calendar, sample });
    return { ...counts, allocated, folded, differences: differences.found, totals: differences.totals };
  });
}

interface Proof {
  readonly tx: Tx;
  readonly differences: Differences;
  readonly now: Date;
}

/** Where points are follows from lots and decisions: page by page of records. */
async function verifyAllocation({ tx, differences, now }: Proof, debtOf: DebtOf): Promise<number> {
  let allocated = 0;
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const records = await findLedgerRecords(tx, after, atOnce);
    if (records.length === 0) return allocated;
    after = records.at(-1)!;
    const accounts = await findAccountsOf(tx, records);
    const [lots, consumptions] = [await findLots(tx, accounts), await findConsumptions(tx, accounts)];
    const [lotsOf, takenOf] = [groupBy(lots, accountName), groupBy(consumptions, accountName)];
    for (const account of accounts) {
      const name = accountName(account);
      const stored = { lots: lotsOf.get(name) ?? [], consumptions: takenOf.get(name) ?? [], debt: debtOf(account) };
      for (const one of misallocated(stored, now)) differences.add('ALLOCATION', one);
    }
    allocated += accounts.length;
  }
}

interface Folding {
  readonly program: Program;
  readonly calendar: Calendar;
  readonly sample: number;
}

/** What touchpoints earn follows from them: customer by customer. */
async function verifyEarning(proof: Proof, { program, calendar, sample }: Folding): Promise<number> {
  const { tx, differences, now } = proof;
  const question: HistoryQuestion = {
    programId: program.id,
    before: null,
    ...questionOf([program]),
    lots: 'TOUCHPOINT',
    standings: true,
    of: { programId: program.id, membersOnly: false, sample },
  };
  let folded = 0;
  const each = (history: MemberHistory) => {
    folded += 1;
    const member = foldAnew(history, { program, calendar, now });
    for (const one of misearned(member.lots, history.lots)) differences.add('EARNING', one);
    const record = `${history.customerId} ${program.id}`;
    for (const one of misplaced(member, { stored: history.standing, program, now })) {
      differences.add('MEMBER', { record, ...one });
    }
  };
  await streamMembers(tx, question, { each });
  for (const lot of await findOwnerlessLots(tx, program.id)) {
    for (const one of misearned([], [lot])) differences.add('EARNING', one);
  }
  return folded;
}

function foldAnew(history: MemberHistory, settings: { program: Program; calendar: Calendar; now: Date }): FoldedMember {
  const { customerId, facts, memberships, overrides, verdicts, lots } = history;
  return foldMember(
    {
      ...{
        customerId,
        program: settings.program,
        facts,
        from: undefined,
        terms: { customerId, memberships, overrides },
      },
      verdicts: new Map(verdicts),
      decided: new Set(),
      stored: lots.map(unissued),
    },
    settings,
  );
}

interface Kept {
  readonly stored: ToldStanding | null;
  readonly program: Program;
  readonly now: Date;
}

/** How what is stored of a member differs. What time or a new version changes may lag behind: it is read as of the instant. */
function misplaced(folded: FoldedMember, { stored, program, now }: Kept): Omit<FoundDifference, 'record'>[] {
  const wanted = hasStanding(folded);
  if (!stored) return wanted ? [{ expected: 'a member', stored: 'none' }] : [];
  const lags = stored.dueAt !== null && stored.dueAt <= now;
  if (lags) return [];
  if (!wanted) return [{ expected: 'none', stored: 'a member' }];
  if (!follows(program, stored.state, [])) return [];
  const [state, storedState] = [stateText(folded.state), stateText(stored.state)];
  return [
    ...(state === storedState ? [] : [{ expected: state, stored: storedState }]),
    ...(folded.tier === stored.tier ? [] : [{ expected: `tier ${folded.tier}`, stored: `tier ${stored.tier}` }]),
  ];
}
