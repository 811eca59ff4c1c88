import { afterAll, beforeAll, expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { type AnalysesFixture, openAnalyses, order } from './fixture.ts';

let fixture: AnalysesFixture;
const segmentId = '00000000-0000-7000-8000-00000000d001';

beforeAll(async () => {
  fixture = await openAnalyses({ now: '2026-11-01T12:00:00Z' });
  const drafts = ['a', 'b', 'c', 'd', 'e'].flatMap((who, index) => [
    {
      who,
      occurredAt: '2026-09-01T10:00:00Z',
      type: 'newsletter.clicked',
      channel: 'EMAIL' as const,
      campaign: 'autumn',
    },
    { who, occurredAt: '2026-09-02T10:00:00Z', type: 'page.viewed', channel: 'WEB' as const },
    order(who, '2026-09-03T10:00:00Z', { value: { amount: '9.99', currency: index === 4 ? 'CHF' : 'EUR' } }),
    {
      who,
      occurredAt: '2026-09-04T10:00:00Z',
      type: 'survey.answered',
      properties: { survey: 'NPS', score: 5 + index },
    },
    { who, occurredAt: '2026-09-05T10:00:00Z', type: 'case.opened', properties: { caseId: who } },
    { who, occurredAt: `2026-09-05T1${index}:30:00Z`, type: 'case.resolved', properties: { caseId: who } },
  ]);
  const customers = await fixture.tell(...drafts, order('a', '2026-10-03T10:00:00Z'));
  await fixture.putInto(segmentId, customers[0]!);
});
afterAll(() => fixture.close());

const september = { from: '2026-09-01', to: '2026-10-01' };

test('attribution is told by key and in long form, money and shares as text and parts of 1', async () => {
  const answer = await fixture.ask(
    `query ($input: AttributionInput!) {
      attribution(input: $input) {
        by lookbackDays halfLifeDays models suppressed lostPaths
        attributed { conversions revenue { amount currency } } direct { conversions } unidentified { conversions }
        keys { key customers suppressed credits { model conversions share revenue { amount currency } removalEffect } }
        credits { key model conversions }
      }
    }`,
    { input: { ...september, models: ['LAST', 'LINEAR', 'MARKOV'] } },
    fixture.clerk,
  );
  const half = [
    { amount: '5.00', currency: 'CHF' },
    { amount: '19.98', currency: 'EUR' },
  ];
  expect(answer).toMatchObject({
    attribution: {
      ...{ by: 'CHANNEL', lookbackDays: 30, halfLifeDays: 7, models: ['LAST', 'LINEAR', 'MARKOV'], suppressed: false },
      attributed: {
        conversions: 5,
        revenue: [
          { amount: '9.99', currency: 'CHF' },
          { amount: '39.96', currency: 'EUR' },
        ],
      },
      ...{ direct: { conversions: 0 }, unidentified: { conversions: 0 }, lostPaths: 0 },
      keys: [
        { key: 'WEB', customers: 5, credits: [{ conversions: '5.000000', share: 1 }, {}, { removalEffect: 1 }] },
        {
          ...{ key: 'EMAIL', suppressed: false },
          credits: [
            { model: 'LAST', conversions: '0.000000', share: 0, removalEffect: null },
            { model: 'LINEAR', conversions: '2.500000', share: 0.5, revenue: [{ currency: 'CHF' }, half[1]] },
            { model: 'MARKOV', conversions: '2.500000', removalEffect: 1 },
          ],
        },
      ],
      credits: [{ key: 'WEB', model: 'LAST' }, {}, {}, { key: 'EMAIL', model: 'LAST' }, {}, {}],
    },
  });
});

test('cohorts are told as a matrix and in long form', async () => {
  const query = `query ($input: RetentionCohortsInput!) {
    retentionCohorts(input: $input) {
      grain by timezone periods
      cohorts { cohort size complete active rates }
      cells { cohort period size active rate mature suppressed }
      totals { period cohorts size active rate }
    }
  }`;
  const input = { ...september, grain: 'MONTH', periods: 2 };
  expect(await fixture.ask(query, { input })).toEqual({
    retentionCohorts: {
      ...{ grain: 'MONTH', by: 'ORDER', timezone: 'Europe/Zurich', periods: 2 },
      cohorts: [{ cohort: '2026-09-01', size: 5, complete: true, active: [5, 1, null], rates: [1, 0.2, null] }],
      cells: [
        { cohort: '2026-09-01', period: 0, size: 5, active: 5, rate: 1, mature: true, suppressed: false },
        { cohort: '2026-09-01', period: 1, size: 5, active: 1, rate: 0.2, mature: true, suppressed: false },
        { cohort: '2026-09-01', period: 2, size: 5, active: null, rate: null, mature: false, suppressed: false },
      ],
      totals: [
        { period: 0, cohorts: 1, size: 5, active: 5, rate: 1 },
        { period: 1, cohorts: 1, size: 5, active: 1, rate: 0.2 },
        { period: 2, cohorts: 0, size: 0, active: 0, rate: null },
      ],
    },
  });
  expect(await fixture.ask(query, { input }, fixture.clerk)).toMatchObject({
    retentionCohorts: {
      cohorts: [{ size: 5, active: [5, null, null] }],
      cells: [{}, { active: null, suppressed: true }, {}],
    },
  });
});

test('churn is told with its definition', async () => {
  const answer = await fixture.ask(
    `query ($input: ChurnRateInput!) {
      churnRate(input: $input) {
        definition definitionText threshold grain timezone
        buckets { from to activeAtStart lost rate complete suppressed settingsVersion modelVersion }
        total { activeAtStart lost rate }
      }
    }`,
    { input: { from: '2026-10-01', to: '2026-12-01', grain: 'MONTH', timezone: 'UTC' } },
  );
  expect(answer).toMatchObject({
    churnRate: {
      ...{ definition: 'SILENT', definitionText: expect.stringContaining('silent'), threshold: null, timezone: 'UTC' },
      buckets: [
        { activeAtStart: 5, lost: 0, rate: 0, complete: true, settingsVersion: 0, modelVersion: null },
        { activeAtStart: null, lost: null, rate: null, complete: false },
      ],
      total: { activeAtStart: 5, lost: 0, rate: 0 },
    },
  });
});

test('NPS and cases are told with how sure they are', async () => {
  const answer = await fixture.ask(
    `query ($nps: NpsInput!, $cases: CaseResolutionInput!) {
      nps(input: $nps) {
        total { responses promoters passives detractors score standardError lowest highest few suppressed }
        buckets { from score }
      }
      caseResolution(input: $cases) {
        total { opened resolved open reopened medianHours p90Hours curve { hours atRisk resolved openShare } }
        buckets { opened } nameless
      }
    }`,
    { nps: { ...september, grain: 'MONTH' }, cases: september },
    fixture.clerk,
  );
  expect(answer).toMatchObject({
    nps: {
      total: { responses: 5, promoters: 1, passives: 2, detractors: 2, score: -20, few: true, suppressed: false },
      buckets: [{ score: -20 }],
    },
    caseResolution: {
      total: { opened: 5, resolved: 5, open: 0, reopened: 0, medianHours: 2.5, p90Hours: 4.5 },
      ...{ buckets: [], nameless: 0 },
    },
  });
});

test('the portfolio is told without an input', async () => {
  const answer = await fixture.ask(
    '{ portfolio { asOf scoredAt total { customers money { revenue { amount } } } abc { key } rfm { key } lifecycle { key } cells { abc rfm lifecycle customers } } }',
  );
  expect(answer).toMatchObject({ portfolio: { scoredAt: null, total: { customers: 0, money: [] }, cells: [] } });
  const past = await fixture.ask(
    '{ portfolio(input: { asOf: "2026-10-20T00:00:00Z" }) { total { customers money { customers revenue { amount currency } revenueShare margin { amount } costedRevenue { amount } } } cells { abc rfm lifecycle } } }',
  );
  expect(past).toMatchObject({
    portfolio: {
      total: {
        customers: 5,
        money: [
          { customers: 1, revenue: { amount: '9.99', currency: 'CHF' }, revenueShare: 1, margin: null },
          { customers: 4, revenue: { amount: '49.96', currency: 'EUR' }, costedRevenue: { amount: '0.00' } },
        ],
      },
    },
  });
});

test('segments are named by their public ids', async () => {
  const query = 'query ($input: NpsInput!) { nps(input: $input) { total { responses } } }';
  const input = { ...september, segments: [toPublicId('seg', segmentId)] };
  expect(await fixture.ask(query, { input })).toEqual({ nps: { total: { responses: 1 } } });
  await expect(fixture.ask(query, { input: { ...september, segments: ['seg_x'] } })).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    details: { field: 'input.segments' },
  });
});

test('all of them need the scope', async () => {
  const nobody = { ...fixture.ctx, viewer: { ...fixture.ctx.viewer, scopes: new Set(['customers:read', 'pii:read']) } };
  const queries = [
    `retentionCohorts(input: { from: "2026-09-01", to: "2026-10-01", grain: MONTH }) { periods }`,
    `churnRate(input: { from: "2026-09-01", to: "2026-10-01", grain: MONTH }) { grain }`,
    `attribution(input: { from: "2026-09-01", to: "2026-10-01" }) { by }`,
    `nps(input: { from: "2026-09-01", to: "2026-10-01" }) { asOf }`,
    `caseResolution(input: { from: "2026-09-01", to: "2026-10-01" }) { asOf }`,
    'portfolio { asOf }',
  ];
  for (const query of queries)
    await expect(fixture.ask(`{ ${query} }`, {}, nobody)).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('an analysis changes nothing, and takes no longer than it may', async () => {
  const ctx = {
    ...fixture.ctx,
    pool: new Proxy(fixture.pool, {
      get: (pool, name, receiver) =>
        name === 'begin'
          ? (mode: string, work: (tx: never) => Promise<unknown>) =>
              pool.begin(mode, async (tx) => {
                const answer = await work(tx as never);
                const [{ limit, mode: set } = { limit: '', mode: '' }] = await tx<{ limit: string; mode: string }[]>`
                  select current_setting('statement_timeout') as limit, current_setting('transaction_read_only') as mode`;
                seen.push([limit, set]);
                return answer;
              })
          : Reflect.get(pool, name, receiver),
    }),
  };
  const seen: string[][] = [];
  await fixture.voice.nps(ctx, september);
  await fixture.churn.churnRate(ctx, { ...september, grain: 'MONTH' });
  expect(seen).toEqual([
    ['1min', 'on'],
    ['1min', 'on'],
  ]);
});
