import { coreLeaves } from '../conditions/core-leaves.queries.ts';
import type { CustomersChecked, CustomersRegrouped } from '../identity/identity.events.ts';
import type { Config } from '../kernel/config.ts';
import type { Ids } from '../kernel/ids.ts';
import { loyaltyLeaves } from '../loyalty/conditions/loyalty-leaf.queries.ts';
import { Ledger } from '../loyalty/ledger/ledger.service.ts';
import { MemberFolder } from '../loyalty/members/member-folder.service.ts';
import { earnFromRegrouping, earnFromTouchpoints } from '../loyalty/members/member-reactions.service.ts';
import { ProgramBook } from '../loyalty/programs/program-book.service.ts';
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
}

/** All kinds of conditions that modules register. */
export const allLeaves = [...coreLeaves, ...loyaltyLeaves, ...segmentLeaves];

export function createEngines({ timeZone }: Pick<Config, 'timeZone'>, ids: Ids): Engines {
  const evaluator = new SegmentEvaluator({ leaves: allLeaves, timeZone }, ids);
  const book = new ProgramBook();
  const ledger = new Ledger(ids);
  const folder = new MemberFolder({ ids, timeZone, book, ledger, compilers: evaluator.compilers });
  return { evaluator, book, ledger, folder };
}

/** What happens in the transaction that records touchpoints, in this order. */
export function recordingReactions({ evaluator, folder }: Engines): readonly TouchpointsRecorded[] {
  return [earnFromTouchpoints(folder), onTouchpoints(evaluator)];
}

/** What happens in the transaction that regroups customers without a touchpoint, in this order. */
export function regroupingReactions({ evaluator, folder }: Engines): readonly CustomersRegrouped[] {
  return [regroupRevenue, earnFromRegrouping(folder), onRegrouping(evaluator)];
}

/** How to tell whether what modules keep about customers is true. */
export const customerChecks: readonly CustomersChecked[] = [checkRevenue];
