import type { Context } from '../../kernel/context.ts';
import { groupBy } from '../../kernel/lists.ts';
import type { ProgramBook } from '../../loyalty/programs/program-book.service.ts';
import type { KpiBook } from '../settings/kpi-book.service.ts';
import type { RfmSettings } from '../settings/kpi-settings.ts';
import { inForce } from '../settings/kpi-timeline.ts';
import type { HistoryReader } from './history-reader.service.ts';
import { findRedeemed } from './incentives.queries.ts';
import { priceIncentives } from './incentives.ts';
import { type KpiView, kpiViewOf } from './kpi-view.ts';
import { findScores, type ScoresView } from './scoring.queries.ts';

export interface CustomerKpisParts {
  readonly book: KpiBook;
  readonly reader: HistoryReader;
  readonly programs: ProgramBook;
}

export interface LoadedKpis {
  readonly view: KpiView;
  /** Null: no run has scored them. */
  readonly scores: ScoresView | null;
  /** Names of RFM segments. */
  readonly rfm: RfmSettings;
}

/** The same number of statements for any number of customers. Null for who is none any more. */
export async function loadCustomerKpis(
  { ctx, parts }: { readonly ctx: Context; readonly parts: CustomerKpisParts },
  ids: readonly string[],
): Promise<(LoadedKpis | null)[]> {
  const { pool, clock } = ctx;
  const now = clock.now();
  const timeline = await parts.book.current(pool);
  const [histories, scores, redeemed] = await Promise.all([
    parts.reader.read(pool, ids, { timeline }),
    findScores(pool, ids),
    findRedeemed(pool, ids),
  ]);
  const programs = redeemed.length > 0 ? await parts.programs.current(pool) : [];
  const redeemedBy = groupBy(redeemed, ({ customerId }) => customerId);
  const scoresOf = new Map(scores.map((one) => [one.customerId, one]));
  const version = inForce(timeline.settings, now, ({ effectiveFrom }) => effectiveFrom) ?? timeline.settings[0]!;
  const loaded = new Map(
    histories.map((history): [string, LoadedKpis] => {
      const { customerId } = history;
      const incentives = priceIncentives(redeemedBy.get(customerId) ?? [], programs, now);
      const view = kpiViewOf(history, { timeline, incentives, now });
      return [customerId, { view, scores: scoresOf.get(customerId) ?? null, rfm: version.settings.rfm }];
    }),
  );
  return ids.map((id) => loaded.get(id) ?? null);
}
