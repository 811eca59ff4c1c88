import { coreLeaves } from '../conditions/core-leaves.queries.ts';
import type { CurrentRules } from '../identity/current-rules.service.ts';
import type { CustomersChecked, CustomersRegrouped } from '../identity/identity.events.ts';
import type { Config } from '../kernel/config.ts';
import type { Ids } from '../kernel/ids.ts';
import { kpiLeaves } from '../kpis/conditions/kpi-leaves.queries.ts';
import { CustomerKpiFolder } from '../kpis/customers/customer-kpi-folder.service.ts';
import { HistoryReader } from '../kpis/customers/history-reader.service.ts';
import { foldFromRegrouping, foldFromTouchpoints } from '../kpis/customers/kpi-reactions.service.ts';
import { recordFacts } from '../kpis/facts/record-facts.service.ts';
import { timelineBook } from '../kpis/settings/kpi-book.queries.ts';
import { KpiBook } from '../kpis/settings/kpi-book.service.ts';
import { loyaltyLeaves } from '../loyalty/conditions/loyalty-leaf.queries.ts';
import { Ledger } from '../loyalty/ledger/ledger.service.ts';
import { MemberFolder } from '../loyalty/members/member-folder.service.ts';
import { earnFromRegrouping, earnFromTouchpoints } from '../loyalty/members/member-reactions.service.ts';
import { programBook } from '../loyalty/programs/program-book.queries.ts';
import { ProgramBook } from '../loyalty/programs/program-book.service.ts';
import { consentLeaves } from '../privacy/conditions/consent-leaf.queries.ts';
import { foldConsentsFromRegrouping, recordConsents } from '../privacy/consents/consent-reactions.service.ts';
import { recordPreferences } from '../privacy/preferences/preference-reactions.service.ts';
import { segmentBook } from '../segments/segment-book.queries.ts';
import { SegmentEvaluator } from '../segments/segment-evaluator.service.ts';
import { segmentLeaves } from '../segments/segment-leaves.queries.ts';
import { onRegrouping, onTouchpoints } from '../segments/segment-reactions.service.ts';
import { regroupRevenue } from '../touchpoints/regrouped-revenue.service.ts';
import { checkRevenue } from '../touchpoints/revenue-check.service.ts';
import type { TouchpointsRecorded } from '../touchpoints/touchpoints.events.ts';

/** What derives something from touchpoints and customers, in the transaction that changes them. One for each process. */
export interface Engines {
  /** Evaluates segments. */
  readonly evaluator: SegmentEvaluator;
  readonly book: ProgramBook;
  readonly ledger: Ledger;
  /** Folds what customers earn. */
  readonly folder: MemberFolder;
  readonly ids: Ids;
  readonly kpis: {
    /** What everybody's KPIs depend on. */
    readonly book: KpiBook;
    readonly reader: HistoryReader;
    readonly folder: CustomerKpiFolder;
  };
}

/** All kinds of conditions that modules register. */
export const allLeaves = [...coreLeaves, ...consentLeaves, ...loyaltyLeaves, ...kpiLeaves, ...segmentLeaves];

/** `rules`: as the caller keeps them up to date. */
export function createEngines(
  { timeZone }: Pick<Config, 'timeZone'>,
  { ids, rules }: { readonly ids: Ids; readonly rules: CurrentRules },
): Engines {
  const evaluator = new SegmentEvaluator({ leaves: allLeaves, timeZone }, ids);
  const book = new ProgramBook();
  const ledger = new Ledger(ids);
  const folder = new MemberFolder({ ids, timeZone, book, ledger, compilers: evaluator.compilers });
  return { evaluator, book, ledger, folder, ids, kpis: createKpis({ timeZone, rules, programs: book }) };
}

function createKpis(parts: { timeZone: string; rules: CurrentRules; programs: ProgramBook }): Engines['kpis'] {
  const book = new KpiBook(parts);
  const reader = new HistoryReader(parts);
  return { book, reader, folder: new CustomerKpiFolder({ book, reader }) };
}

/** What happens in the transaction that records touchpoints, in this order. */
export function recordingReactions({ evaluator, folder, ids, kpis }: Engines): readonly TouchpointsRecorded[] {
  return [
    // First: conditions of earning rules may ask for consents.
    recordConsents,
    recordPreferences,
    earnFromTouchpoints(folder),
    recordFacts(ids),
    foldFromTouchpoints(kpis.folder),
    onTouchpoints(evaluator),
  ];
}

/** What those work by. */
export const recordingBooks = [programBook, timelineBook, segmentBook];

/** What happens in the transaction that regroups customers without a touchpoint, in this order. */
export function regroupingReactions({ evaluator, folder, kpis }: Engines): readonly CustomersRegrouped[] {
  return [
    regroupRevenue,
    foldConsentsFromRegrouping,
    earnFromRegrouping(folder),
    foldFromRegrouping(kpis.folder),
    onRegrouping(evaluator),
  ];
}

/** How to tell whether what modules keep about customers is true. */
export const customerChecks: readonly CustomersChecked[] = [checkRevenue];
