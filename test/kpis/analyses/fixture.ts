import { type ExecutionResult, graphql } from 'graphql';
import 'reflect-metadata';
import { buildSchemaSync } from 'type-graphql';
import { expect } from 'vitest';
import { requireScope } from '../../../src/access/scopes.ts';
import { CurrentRules } from '../../../src/identity/current-rules.service.ts';
import { DecisionService } from '../../../src/identity/decisions.service.ts';
import type { Context } from '../../../src/kernel/context.ts';
import type { Pool } from '../../../src/kernel/database.ts';
import { notFound } from '../../../src/kernel/errors.ts';
import { fromPublicId, randomIds } from '../../../src/kernel/ids.ts';
import { DateTime } from '../../../src/kernel/scalars.ts';
import { AnalysesResolver, type AnalysisParts } from '../../../src/kpis/analyses/analyses.resolver.ts';
import { AttributionReports } from '../../../src/kpis/analyses/attribution/attribution.service.ts';
import { ChurnReports } from '../../../src/kpis/analyses/churn/churn.service.ts';
import { RetentionReports } from '../../../src/kpis/analyses/cohorts/retention.service.ts';
import { PortfolioReports } from '../../../src/kpis/analyses/portfolio/portfolio.service.ts';
import { TierMigrations } from '../../../src/kpis/analyses/tiers/tier-migration.service.ts';
import { VoiceReports } from '../../../src/kpis/analyses/voice/voice.service.ts';
import { recordFacts } from '../../../src/kpis/facts/record-facts.service.ts';
import type { SegmentScope } from '../../../src/kpis/segment-scope.queries.ts';
import { KpiBook } from '../../../src/kpis/settings/kpi-book.service.ts';
import { ProgramBook } from '../../../src/loyalty/programs/program-book.service.ts';
import { TierReports } from '../../../src/loyalty/reports/tier-reports.service.ts';
import { regroupRevenue } from '../../../src/touchpoints/regrouped-revenue.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { TestClock } from '../../segments/fixture.ts';
import { openTestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';

export interface AnalysesFixture extends AnalysisParts {
  readonly pool: Pool;
  /** May do everything. */
  readonly ctx: Context;
  /** May read metrics, and no personal data. */
  readonly clerk: Context;
  readonly clock: TestClock;
  readonly book: KpiBook;
  readonly programs: ProgramBook;
  /** Records something of people, each known by a key; answers their customers' UUIDs, one for each draft. */
  tell(...drafts: readonly Told[]): Promise<string[]>;
  merge(...customerIds: readonly string[]): Promise<void>;
  /** Puts customers into a segment of this UUID. */
  putInto(segmentId: string, ...customerIds: readonly string[]): Promise<void>;
  ask<T>(query: string, variables?: Record<string, unknown>, ctx?: Context): Promise<T>;
  close(): Promise<void>;
}

/** `who`: a customer number; `anon-…` for a cookie; null for nobody. */
export type Told = Partial<TouchpointDraft> & { who: string | null };

/** Members as a table of the test's: segments come after KPIs. */
const scope: SegmentScope = {
  async check(ctx, segmentIds) {
    requireScope(ctx, 'segments:read');
    for (const id of segmentIds) {
      const [found] = await ctx.pool`select from segment_states where segment_id = ${id} limit 1`;
      if (!found) throw notFound('segment', id);
    }
  },
  members: (db, segmentId) => db`select customer_id from segment_states where segment_id = ${segmentId} and member`,
};

/** One node with facts and analyses. */
export async function openAnalyses({
  now = '2026-11-01T12:00:00Z',
  timeZone = 'Europe/Zurich',
}: {
  now?: string;
  timeZone?: string;
} = {}): Promise<AnalysesFixture> {
  const database = await openTestDatabase();
  const { pool } = database;
  const clock = new TestClock(now);
  const { ingest, ctx, idSecret } = await openIngest(pool, { clock, reactions: [recordFacts(randomIds)] });
  const rules = new CurrentRules();
  const decisions = new DecisionService({ idSecret, defaultRegion: 'CH', rules, reactions: [regroupRevenue] });
  const book = new KpiBook({ timeZone });
  const programs = new ProgramBook();
  const surroundings = { timeZone, scope };
  const parts: AnalysisParts = {
    attribution: new AttributionReports(surroundings),
    churn: new ChurnReports(surroundings, book),
    portfolio: new PortfolioReports(surroundings, book),
    retention: new RetentionReports(surroundings),
    tiers: new TierMigrations(new TierReports(programs, timeZone), programs),
    voice: new VoiceReports(surroundings),
  };
  const schema = buildSchemaSync({
    resolvers: [AnalysesResolver],
    container: { get: () => new AnalysesResolver(parts) },
    validate: false,
    scalarsMap: [{ type: Date, scalar: DateTime }],
  });
  const clerk: Context = { ...ctx, viewer: { ...ctx.viewer, scopes: new Set(['metrics:read']) } };
  return {
    ...parts,
    ...{ pool, ctx, clerk, clock, book, programs },
    async tell(...drafts) {
      const results = await ingest.submit(ctx, drafts.map(asTouchpoint));
      expect(results.filter(({ status }) => status !== 'STORED')).toEqual([]);
      return results.map(({ customerId }) => (customerId === null ? '' : fromPublicId('cus', customerId)));
    },
    async merge(...customerIds) {
      await decisions.mergeCustomers(ctx, { customerIds: [...customerIds], reason: 'the same person' });
    },
    async putInto(segmentId, ...customerIds) {
      for (const id of customerIds)
        await pool`
          insert into segment_states (segment_id, customer_id, version, member, since)
          values (${segmentId}, ${id}, 1, true, ${clock.now()})`;
    },
    async ask<T>(source: string, variableValues = {}, contextValue = ctx) {
      const answer = (await graphql({ schema, source, variableValues, contextValue })) as ExecutionResult;
      if (answer.errors?.[0]) throw answer.errors[0].originalError ?? answer.errors[0];
      return answer.data as T;
    },
    close: () => database.close(),
  };
}

function asTouchpoint({ who, ...draft }: Told): TouchpointDraft {
  if (who === null) return touchpoint({ source: 'pos', ...draft });
  if (who.startsWith('anon-'))
    return touchpoint({ source: 'web', identifiers: [{ kind: 'anonymousId', value: who }], ...draft });
  return touchpoint({ source: 'crm', key: who, identifiers: [{ kind: 'userId', value: who }], ...draft });
}

/** An order, worth 10 EUR unless told otherwise. */
export function order(
  who: string | null,
  occurredAt: string,
  more: Partial<TouchpointDraft> & { orderId?: string } = {},
): Told {
  const { orderId, ...draft } = more;
  return {
    who,
    occurredAt,
    type: 'order.completed',
    channel: 'WEB',
    value: { amount: '10.00', currency: 'EUR' },
    ...(orderId !== undefined && { properties: { orderId } }),
    ...draft,
  };
}
