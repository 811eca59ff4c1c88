import { coreLeaves } from '../../../src/conditions/core-leaves.queries.ts';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import type { Context } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { randomIds } from '../../../src/kernel/ids.ts';
import { CustomerKpiFolder } from '../../../src/kpis/customers/customer-kpi-folder.service.ts';
import { CustomerKpiReader } from '../../../src/kpis/customers/customer-kpis.service.ts';
import { HistoryReader } from '../../../src/kpis/customers/history-reader.service.ts';
import { foldFromRegrouping, foldFromTouchpoints } from '../../../src/kpis/customers/kpi-reactions.service.ts';
import { Observer } from '../../../src/kpis/customers/observer.service.ts';
import { Scoring } from '../../../src/kpis/customers/scoring.service.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import type { KpisMoved } from '../../../src/kpis/kpis.events.ts';
import type { ActiveModel } from '../../../src/kpis/models/kpi-model.ts';
import { turnTimeline } from '../../../src/kpis/settings/kpi-book.queries.ts';
import { KpiBook } from '../../../src/kpis/settings/kpi-book.service.ts';
import type { SettingsPatch } from '../../../src/kpis/settings/kpi-levers.ts';
import { Ledger } from '../../../src/loyalty/ledger/ledger.service.ts';
import { MemberFolder } from '../../../src/loyalty/members/member-folder.service.ts';
import { earnFromRegrouping, earnFromTouchpoints } from '../../../src/loyalty/members/member-reactions.service.ts';
import { ProgramBook } from '../../../src/loyalty/programs/program-book.service.ts';
import type { IngestService } from '../../../src/touchpoints/ingest.service.ts';
import { regroupRevenue } from '../../../src/touchpoints/regrouped-revenue.service.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openIngest } from '../../support/ingest.ts';

export interface KpisFixture {
  readonly pool: Pool;
  readonly ctx: Context;
  readonly clock: TestClock;
  readonly ingest: IngestService;
  readonly decisions: DecisionService;
  readonly book: KpiBook;
  readonly programs: ProgramBook;
  readonly reader: HistoryReader;
  readonly folder: CustomerKpiFolder;
  readonly scoring: Scoring;
  readonly kpis: CustomerKpiReader;
}

/** One node: ingestion, decisions, loyalty and the KPIs of customers, put together as the server does. */
export async function openKpis(
  pool: Pool,
  {
    now = '2026-11-01T12:00:00Z',
    timeZone = 'Europe/Zurich',
    concurrency,
    reactions = [],
  }: { now?: string; timeZone?: string; concurrency?: number; reactions?: readonly KpisMoved[] } = {},
): Promise<KpisFixture> {
  const clock = new TestClock(now);
  const programs = new ProgramBook();
  const ledger = new Ledger(randomIds);
  const compilers = new Map(coreLeaves.map(({ kind, compile }) => [kind.name, compile]));
  const members = new MemberFolder({ ids: randomIds, timeZone, book: programs, ledger, compilers });
  const rules = new CurrentRules();
  const book = new KpiBook({ timeZone });
  const reader = new HistoryReader({ rules, programs });
  const folder = new CustomerKpiFolder({ reader, book });
  const { ingest, ctx, idSecret } = await openIngest(pool, {
    clock,
    concurrency,
    reactions: [earnFromTouchpoints(members), recordFacts(randomIds), foldFromTouchpoints(folder)],
  });
  const decisions = new DecisionService({
    ...{ idSecret, defaultRegion: 'CH', rules },
    reactions: [regroupRevenue, earnFromRegrouping(members), foldFromRegrouping(folder)],
  });
  const observer = new Observer({ book, programs, compilers });
  const scoring = new Scoring({ book, reader, observer, reactions });
  const kpis = new CustomerKpiReader({ book, reader, programs });
  return { pool, ctx, clock, ingest, decisions, book, programs, reader, folder, scoring, kpis };
}

/** Puts a model to use, from an instant on. */
export async function useModel(
  pool: Pool,
  model: Pick<ActiveModel, 'bgNbd' | 'spend' | 'secondOrder'>,
  since = '2020-01-01T00:00:00Z',
): Promise<string> {
  const id = randomIds.uuid();
  await pool.begin(async (tx) => {
    await tx`
      insert into kpi_models (id, version, kind, effective_from, fitted_at, cut_off, status, detail)
      values (${id}, 1, 'BG_NBD', ${since}, ${since}, ${since}, 'CONVERGED', ${JSON.stringify({ model })}::text::jsonb)`;
    await turnTimeline(tx);
  });
  return id;
}

/** Turns levers, for all of the past. */
export async function turnLevers(pool: Pool, settings: SettingsPatch, version = 1): Promise<void> {
  await pool.begin(async (tx) => {
    await tx`
      insert into kpi_settings (version, effective_from, settings)
      values (${version}, '2000-01-01', ${JSON.stringify(settings)}::text::jsonb)`;
    await turnTimeline(tx);
  });
}

/** Everything that KPIs keep of customers, but for when it was written. */
export async function readKpiWorld(pool: Pool) {
  return {
    kpis: await pool`select to_jsonb(k) - 'updated_at' as row from customer_kpis k order by customer_id`,
    lifecycles: await pool`
      select to_jsonb(l) - 'updated_at' - 'due_at' as row from customer_lifecycles l order by customer_id`,
    transitions: await pool`
      select to_jsonb(t) as row from lifecycle_transitions t order by customer_id, ordinal`,
  };
}

/** `timeline`: settings, models and scales as well. */
export async function emptyKpis(pool: Pool, timeline = true): Promise<void> {
  const tables = ['purchases', 'signals', 'metric_cells', 'metric_cell_changes', 'customer_kpis', 'customer_scores'];
  const others = ['customer_lifecycles', 'lifecycle_transitions', 'customer_observations'];
  const versions = timeline ? ['kpi_scales', 'kpi_settings', 'kpi_models'] : [];
  await pool.unsafe([...tables, ...others, ...versions].map((table) => `delete from ${table};`).join(''));
  await pool`update kpi_sweeps set revision = revision + 1, cursor = null, finished_at = null`;
}
