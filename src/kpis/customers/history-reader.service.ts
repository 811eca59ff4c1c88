import type { CurrentRules } from '../../identity/current-rules.service.ts';
import type { Database } from '../../kernel/database.ts';
import type { ProgramBook } from '../../loyalty/programs/program-book.service.ts';
import type { KpiSettings } from '../settings/kpi-settings.ts';
import type { KpiTimeline } from '../settings/kpi-timeline.ts';
import type { CustomerHistory } from './customer-history.ts';
import { findHistories } from './history.queries.ts';
import { isUndone, tierHistory } from './tier-history.ts';

export interface HistoryReaderParts {
  /** What identifiers name a person. */
  readonly rules: CurrentRules;
  /** What tiers there are. */
  readonly programs: ProgramBook;
}

/** Reads what the KPIs of customers follow from. */
export class HistoryReader {
  readonly #parts: HistoryReaderParts;

  constructor(parts: HistoryReaderParts) {
    this.#parts = parts;
  }

  /**
   * Those of these customers who exist, in no order. One statement; two where one of them has ever had a tier. Their rows are
   * locked, or this is a look that may be old at once.
   */
  async read(
    db: Database,
    customerIds: readonly string[],
    { timeline }: { readonly timeline: KpiTimeline },
  ): Promise<CustomerHistory[]> {
    const { rules } = this.#parts.rules.inForce;
    const prospectDays = Math.min(...timeline.settings.flatMap(({ settings }) => prospectDaysOf(settings)));
    const found = await findHistories(db, customerIds, { rules, prospectDays });
    const haveTiers = found.some(({ tierLog }) => tierLog !== null);
    const programs = haveTiers ? await this.#parts.programs.current(db) : [];
    return found.map(({ tierLog, regroupings, ...history }) => ({
      ...history,
      tiers: tierLog === null ? [] : tierHistory(history.customerId, { tiers: tierLog, regroupings }, programs),
      observations: history.observations.filter(
        ({ at }) => !isUndone({ customerId: history.customerId, at }, regroupings),
      ),
    }));
  }
}

function prospectDaysOf({ lifecycle, groups }: KpiSettings): number[] {
  return [lifecycle.prospectDays, ...groups.flatMap((group) => group.lifecycle.prospectDays ?? [])];
}
