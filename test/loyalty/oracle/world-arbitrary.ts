import fc from 'fast-check';
import { Calendar } from '../../../src/loyalty/earning/calendar.ts';
import { MemberFold, type MemberTerms } from '../../../src/loyalty/earning/member-fold.ts';
import type { EarningFact } from '../../../src/loyalty/earning/purchase.ts';
import type { LotTerms } from '../../../src/loyalty/ledger/lot.ts';
import type { Program } from '../../../src/loyalty/program.ts';
import { NaiveCalendar } from './days.ts';
import type { NaiveLot } from './earning.ts';
import { histories, members } from './history-arbitrary.ts';
import { programs, zones } from './program-arbitrary.ts';

export interface Case {
  readonly program: Program;
  readonly zone: string;
  readonly facts: readonly EarningFact[];
  readonly member: MemberTerms;
}

export const cases: fc.Arbitrary<Case> = fc
  .tuple(programs, fc.constantFrom(...zones), histories)
  .chain(([program, zone, facts]) => members(facts).map((member) => ({ program, zone, facts, member })));

const calendars = new Map(zones.map((zone) => [zone as string, new Calendar(zone)]));

export function calendarOf(zone: string): Calendar {
  return calendars.get(zone)!;
}

export function naiveWorld({ program, zone, member, facts }: Case) {
  return { program, member, facts, calendar: new NaiveCalendar(zone) };
}

export function foldOf({ program, zone, member, facts }: Case): MemberFold {
  const fold = new MemberFold({ program, calendar: calendarOf(zone) }, member);
  for (const fact of facts) fold.add(fact);
  return fold;
}

/** Lots in the words of the oracle: what is left of each rule and line, without what has come to nothing. */
export function told(lots: readonly LotTerms[]): NaiveLot[] {
  return lots
    .filter(({ granted }) => granted !== 0n)
    .map(toldLot)
    .sort(byKey);
}

function toldLot({ recordId, sourceId, wallet, availableAt, expiresAt, version, granted, grants }: LotTerms): NaiveLot {
  const left = grants.filter(({ points }) => points !== 0n);
  return {
    ...{ recordId, wallet, granted, sourceId: sourceId!, version: version! },
    availableAt: availableAt.getTime(),
    expiresAt: expiresAt?.getTime() ?? null,
    grants: Object.fromEntries(left.map(({ rule, line, points }) => [`${rule} ${line}`, points])),
  };
}

export function byKey(a: NaiveLot, b: NaiveLot): number {
  const [one, other] = [a, b].map(({ sourceId, wallet, availableAt, expiresAt }) =>
    [sourceId, wallet, availableAt, expiresAt].join(' '),
  );
  return one! < other! ? -1 : 1;
}
