import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomIds } from '../../../src/kernel/ids.ts';
import { coreDimensions } from '../../../src/kpis/metrics/catalogue/core-dimensions.ts';
import { MetricCatalog } from '../../../src/kpis/metrics/metric-catalog.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import { segmentScope } from '../../../src/segments/segment-metrics.service.ts';
import { segmentDimension } from '../../../src/segments/segment-metrics.ts';
import { as, type MetricsFixture, openMetrics, order } from './fixture.ts';

let metrics: MetricsFixture;
/** Customers by name. */
const ids: Record<string, string> = {};

const email = (name: string) => ({
  key: name,
  identifiers: [{ kind: 'email' as const, value: `${name}@example.com` }],
});
const may = { from: '2026-05-01', to: '2026-06-01', timezone: 'UTC' } as const;
const numbers = async (query: MetricQuery) => (await metrics.ask(query)).rows;

beforeAll(async () => {
  metrics = await openMetrics({
    catalog: new MetricCatalog({ dimensions: [...coreDimensions, segmentDimension] }),
    segments: segmentScope,
  });
  const viewed = (name: string, day: string, more: object = {}) => ({
    ...{ type: 'page.viewed', source: 'shop', channel: 'WEB' as const, occurredAt: `2026-${day}T12:00:00Z` },
    ...email(name),
    ...more,
  });
  await metrics.tell(
    viewed('anna', '04-20', { traits: { country: 'CH' } }),
    viewed('anna', '05-03'),
    viewed('ben', '05-04', { traits: { country: 'DE' } }),
    viewed('cleo', '05-05', { direction: 'OUTBOUND', type: 'email.sent' }),
    { ...viewed('', '05-06'), key: 'visitor', identifiers: [{ kind: 'anonymousId', value: 'v1' }] },
    order('05-07', '30.00', email('anna')),
    order('05-08', '70.00', email('ben')),
  );
  const rows = await metrics.pool<{ key: string; id: string }[]>`select key, customer_id as id from records`;
  for (const { key, id } of rows) ids[key] = id;
});
afterAll(() => metrics.close());

describe('touchpoints', () => {
  test('are counted, and who is behind them', async () => {
    const measures = ['TOUCHPOINTS', 'ACTIVE_CUSTOMERS', 'ACTIVE_ANONYMOUS', 'NEW_CUSTOMERS'];
    expect(await numbers({ measures, time: may })).toEqual([[6, 2, 1, 2]]);
  });

  test('by type', async () => {
    expect(
      await numbers({ measures: ['TOUCHPOINTS', 'ACTIVE_CUSTOMERS'], dimensions: ['TOUCHPOINT_TYPE'], time: may }),
    ).toEqual([
      ['email.sent', 1, 0],
      ['order.completed', 2, 2],
      ['page.viewed', 3, 2],
    ]);
  });
});

describe('customers', () => {
  beforeAll(async () => {
    const scale = randomIds.uuid();
    const score = (name: string, segment: string, abc: string, risk: number, clv: number) => metrics.pool`
      insert into customer_scores (customer_id, scored_at, scale_id, currency, recency, frequency, monetary, rfm_segment, abc_class, churn_risk, clv_minor)
      values (${ids[name]!}, '2026-05-30T00:00:00Z', ${scale}, 'EUR', 1, 1, 1, ${segment}, ${abc}, ${risk}, ${clv})`;
    await score('anna', 'CHAMPIONS', 'A', 0.25, 10_000);
    await score('ben', 'LOST', 'C', 0.5, 5_001);
    await metrics.pool`
      insert into kpi_scales values (${scale}, 'EUR', '2026-05-30T00:00:00Z', 1, 2, '{}', '{}', '{}')`;
    const spent = (name: string, gross: number, back: number) => metrics.pool`
      insert into customer_kpis (customer_id, currency, orders, net_orders, returns, gross_minor, returned_minor, costed_minor, cost_minor, items, purchase_days, updated_at)
      values (${ids[name]!}, 'EUR', 1, 1, 0, ${gross}, ${back}, 0, 0, 0, 1, now())`;
    await spent('anna', 3_000, 0);
    await spent('ben', 7_000, 1_000);
    await metrics.pool`
      insert into customer_lifecycles (customer_id, stage, since, risk_band, revision, updated_at)
      values (${ids.anna!}, 'ACTIVE', now(), 'LOW', 1, now()), (${ids.ben!}, 'AT_RISK', now(), 'HIGH', 1, now())`;
  });

  test('are counted as of now, by when they were first seen', async () => {
    const measures = ['CUSTOMERS', 'IDENTIFIED_CUSTOMERS', 'IDENTIFIED_CUSTOMER_SHARE'];
    expect(await numbers({ measures })).toEqual([[4, 3, '0.75']]);
    expect(await numbers({ measures, time: may })).toEqual([[3, 2, '0.6666666667']]);
  });

  test('have scores, as of when they were scored', async () => {
    const measures = ['AVERAGE_CHURN_RISK', 'AVERAGE_CLV', 'TOTAL_CLV', 'AVERAGE_REVENUE_PER_CUSTOMER'];
    const table = await metrics.ask({ measures });
    expect(table.rows).toEqual([['0.375', '75.005', '150.01', '45']]);
    expect(table.freshness.scoredAt).toEqual(new Date('2026-05-30T00:00:00Z'));
    expect(table.columns.map(({ unit }) => unit)).toEqual([null, 'EUR', 'EUR', 'EUR']);
  });

  test.each([
    [
      'COUNTRY',
      [
        ['CH', 1, '30.00'],
        ['DE', 1, '70.00'],
        [null, 2, '0.00'],
      ],
    ],
    [
      'LIFECYCLE_STAGE',
      [
        ['ACTIVE', 1, '30.00'],
        ['ANONYMOUS', 1, '0.00'],
        ['AT_RISK', 1, '70.00'],
        [null, 1, '0.00'],
      ],
    ],
    [
      'RISK_BAND',
      [
        ['HIGH', 1, '70.00'],
        ['LOW', 1, '30.00'],
        [null, 2, '0.00'],
      ],
    ],
    [
      'RFM_SEGMENT',
      [
        ['CHAMPIONS', 1, '30.00'],
        ['LOST', 1, '70.00'],
        [null, 2, '0.00'],
      ],
    ],
    [
      'ABC_CLASS',
      [
        ['A', 1, '30.00'],
        ['C', 1, '70.00'],
        [null, 2, '0.00'],
      ],
    ],
    [
      'IDENTIFIED',
      [
        ['false', 1, '0.00'],
        ['true', 3, '100.00'],
      ],
    ],
    [
      'ACQUISITION_MONTH',
      [
        ['2026-05', 2, '100.00'],
        [null, 2, '0.00'],
      ],
    ],
  ])('are told apart by %s, and so is what they buy', async (dimension, expected) => {
    expect(await numbers({ measures: ['CUSTOMERS', 'NET_REVENUE'], dimensions: [dimension] })).toEqual(expected);
  });
});

describe('segments', () => {
  const [loud, quiet] = [randomIds.uuid(), randomIds.uuid()];
  beforeAll(async () => {
    for (const [id, name] of [
      [loud, 'Loud'],
      [quiet, 'Quiet'],
    ] as const) {
      await metrics.pool`insert into segments values (${id}, ${name}, null, 'LIST', 'ACTIVE', 1, now(), now())`;
    }
    const join = (name: string, segment: string, member = true) =>
      metrics.pool`insert into segment_states values (${ids[name]!}, ${segment}, 1, ${member}, now(), null)`;
    await join('anna', loud);
    await join('anna', quiet);
    await join('ben', loud);
    await join('cleo', loud, false);
  });
  const scopes = ['metrics:read', 'pii:read', 'segments:read'];

  test('count customers in each, and once in totals', async () => {
    const { rows, totals } = await metrics.ask(
      { measures: ['CUSTOMERS', 'NET_REVENUE'], dimensions: ['SEGMENT'], totals: true },
      scopes,
    );
    expect(rows).toEqual([
      ['Loud', 2, '100.00'],
      ['Quiet', 1, '30.00'],
      [null, 2, '0.00'],
    ]);
    expect(totals).toEqual([null, 4, '100.00']);
  });

  test('can be filtered by: one of them is enough, of the others nothing is shown', async () => {
    const ask = async (
      operator: 'IN' | 'NOT_IN' | 'IS_NULL' | 'IS_NOT_NULL',
      values?: string[],
      dimensions: string[] = [],
    ) =>
      (
        await metrics.ask(
          { measures: ['CUSTOMERS'], dimensions, filter: [{ dimension: 'SEGMENT', operator, values }] },
          scopes,
        )
      ).rows;
    expect(await ask('IN', ['Quiet'])).toEqual([[1]]);
    expect(await ask('IN', ['Loud', 'Quiet'])).toEqual([[2]]);
    expect(await ask('NOT_IN', ['Quiet'])).toEqual([[3]]);
    expect(await ask('IS_NULL')).toEqual([[2]]);
    expect(await ask('IS_NOT_NULL')).toEqual([[2]]);
    expect(await ask('IN', ['Quiet'], ['SEGMENT'])).toEqual([['Quiet', 1]]);
  });

  test('scope everything to who is in all of them', async () => {
    const query: MetricQuery = { measures: ['NET_REVENUE', 'CUSTOMERS', 'TOUCHPOINTS'] };
    expect((await metrics.ask({ ...query, segments: [loud] }, scopes)).rows).toEqual([['100.00', 2, 5]]);
    expect((await metrics.ask({ ...query, segments: [quiet, loud] }, scopes)).rows).toEqual([['30.00', 1, 3]]);
  });

  test('need their scope, and have to be there', async () => {
    await expect(metrics.ask({ measures: ['ORDERS'], segments: [loud] })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(metrics.ask({ measures: ['ORDERS'], dimensions: ['SEGMENT'] })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(metrics.ask({ measures: ['ORDERS'], segments: [randomIds.uuid()] }, scopes)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe('loyalty', () => {
  const [club, other] = [randomIds.uuid(), randomIds.uuid()];
  beforeAll(async () => {
    for (const [id, name] of [
      [club, 'Club'],
      [other, 'Other'],
    ] as const) {
      await metrics.pool`insert into loyalty_programs (id, name, published_version, created_at, updated_at, fingerprint) values (${id}, ${name}, 1, now(), now(), ${id})`;
    }
    const posting = (
      name: string,
      from: string,
      to: string,
      points: number,
      kind = 'EARNED',
      program = club,
      day = '05-10',
    ) => metrics.pool`
      insert into loyalty_postings (record_id, id, entry_id, program_id, wallet, lot_id, at, from_bucket, to_bucket, points, kind)
      select id, ${randomIds.uuid()}, ${randomIds.uuid()}, ${program}, 'points', ${randomIds.uuid()}, ${`2026-${day}T12:00:00Z`}, ${from}, ${to}, ${points}, ${kind}
      from records where key = ${name} order by id limit 1`;
    await posting('anna', 'ISSUED', 'AVAILABLE', 100);
    await posting('anna', 'AVAILABLE', 'REDEEMED', 40, 'REDEEMED');
    await posting('anna', 'REDEEMED', 'AVAILABLE', 10, 'REVERSED');
    await posting('anna', 'AVAILABLE', 'EXPIRED', 5, 'EXPIRED');
    await posting('ben', 'ISSUED', 'AVAILABLE', 60, 'EARNED', other);
    await posting('ben', 'AVAILABLE', 'REVERSED', 20, 'RETURNED', other, '06-01');
    await posting('ben', 'ISSUED', 'AVAILABLE', 7, 'TRANSFERRED');
    const lot = (
      name: string,
      available: number,
      reserved: number,
      expires: string | null,
      source = 'TOUCHPOINT',
    ) => metrics.pool`
      insert into loyalty_lots (record_id, id, program_id, wallet, source, earned_at, available_at, expires_at, grants, granted, issued, pending, available, reserved, redeemed, expired, reversed, adjusted, transferred)
      select id, ${randomIds.uuid()}, ${club}, 'points', ${source}, '2026-05-10T12:00:00Z', '2026-05-10T12:00:00Z', ${expires}, '[]', ${available + reserved}, ${available + reserved}, 0, ${available}, ${reserved}, 0, 0, 0, 0, 0
      from records where key = ${name} order by id limit 1`;
    await lot('anna', 50, 5, null);
    await lot('anna', 30, 2, '2026-10-31T00:00:00Z');
    await lot('ben', 20, 0, '2026-12-01T00:00:00Z');
    await lot('ben', -9, 0, null, 'DEBT');
    const member = (name: string, program: string, tier: string | null, status = 'ACTIVE') => metrics.pool`
      with membership as (
        insert into loyalty_memberships (record_id, program_id, id, status, how, enrolled_at, actor)
        select id, ${program}, ${randomIds.uuid()}, ${status}, 'EXPLICIT', '2026-05-02T00:00:00Z', 'test' from records where key = ${name} order by id limit 1)
      insert into loyalty_members (customer_id, program_id, state, tier) values (${ids[name]!}, ${program}, '{}', ${tier})`;
    await member('anna', club, 'gold');
    await member('anna', other, 'one');
    await member('ben', club, 'silver');
    await member('cleo', club, null, 'LEFT');
  });

  test('points are those that the ledger entered', async () => {
    const measures = ['POINTS_ISSUED', 'POINTS_REDEEMED', 'POINTS_EXPIRED', 'POINTS_REVERSED', 'REDEMPTION_RATE'];
    expect(await numbers({ measures, time: may })).toEqual([[160, 30, 5, 0, '0.1875']]);
    expect(await numbers({ measures, dimensions: ['PROGRAM'] })).toEqual([
      ['Club', 100, 30, 5, 0, '0.3'],
      ['Other', 60, 0, 0, 20, '0'],
    ]);
  });

  test('points outstanding are those of now: what has expired by then is gone', async () => {
    expect(await numbers({ measures: ['POINTS_OUTSTANDING'] })).toEqual([[77]]);
    metrics.clock.set('2026-10-30T00:00:00Z');
    expect(await numbers({ measures: ['POINTS_OUTSTANDING'] })).toEqual([[107]]);
    metrics.clock.set('2026-11-01T12:00:00Z');
  });

  test('members are customers with a membership', async () => {
    expect(await numbers({ measures: ['LOYALTY_MEMBERS', 'MEMBER_SHARE'] })).toEqual([[2, '0.6666666667']]);
    expect(await numbers({ measures: ['LOYALTY_MEMBERS'], dimensions: ['PROGRAM'] })).toEqual([
      ['Club', 2],
      ['Other', 1],
    ]);
    expect(await numbers({ measures: ['NET_REVENUE'], dimensions: ['PROGRAM'] })).toEqual([
      ['Club', '100.00'],
      ['Other', '30.00'],
    ]);
  });

  test('tiers are of one programme', async () => {
    await expect(metrics.ask({ measures: ['NET_REVENUE'], dimensions: ['TIER'] })).rejects.toMatchObject({
      details: { reason: 'AMBIGUOUS_PROGRAM', values: ['Club', 'Other'] },
    });
    const filter = [{ dimension: 'PROGRAM', operator: 'IN', values: ['Club'] }] as const;
    expect(
      await numbers({ measures: ['NET_REVENUE', 'LOYALTY_MEMBERS', 'POINTS_ISSUED'], dimensions: ['TIER'], filter }),
    ).toEqual([
      ['gold', '30.00', 1, 100],
      ['silver', '70.00', 1, 0],
    ]);
  });
});

describe('surveys', () => {
  const answer = (survey: string, score: number, day: string, more: object = {}, variant?: string) => ({
    ...{ type: 'survey.answered', source: 'crm', channel: 'WEB' as const, occurredAt: `2026-${day}T10:00:00Z` },
    properties: { survey, score, ...(variant && { variant }) },
    ...more,
  });

  test('60 promoters, 25 passives, 15 detractors make 45, give or take 7.4', async () => {
    const scores = [...Array(60).fill(9), ...Array(25).fill(8), ...Array(15).fill(3)] as number[];
    await metrics.tell(...scores.map((score, index) => answer('NPS', score, '01-05', { key: `n${index}` })));
    const [row] = await metrics.rows({
      measures: ['NPS', 'NPS_RESPONSES'],
      time: { from: '2026-01-01', to: '2026-02-01' },
      parts: true,
    });
    expect(row).toMatchObject({
      nps: '45',
      nps__numerator: '45',
      nps__denominator: '100',
      nps__n: 100,
      nps_responses: 100,
    });
    expect(Number(row!.nps__se)).toBeCloseTo(7.4, 2);
  });

  test('count the latest answer of a customer in each bucket, and every one of nobody knows whom', async () => {
    await metrics.tell(
      answer('NPS', 2, '02-01', email('anna')),
      answer('NPS', 10, '02-20', email('anna')),
      answer('NPS', 0, '03-01', email('anna')),
      answer('NPS', 9, '02-02'),
      answer('NPS', 9, '02-03'),
    );
    const time = { from: '2026-02-01', to: '2026-04-01', grain: 'MONTH', timezone: 'UTC' } as const;
    const table = await metrics.ask({ measures: ['NPS', 'NPS_RESPONSES'], time, totals: true });
    expect(table.rows.map(([, ...rest]) => rest)).toEqual([
      ['100', 3],
      ['-100', 1],
    ]);
    expect(table.totals).toEqual([null, '33.333333', 3]);
    expect(table.warnings).toEqual([{ code: 'FEW_OBSERVATIONS', message: expect.any(String), columns: ['nps'] }]);
  });

  test('of several variants are not mixed', async () => {
    await metrics.tell(
      answer('CSAT', 5, '07-01', email('anna'), 'store'),
      answer('CSAT', 3, '07-02', email('ben'), 'store'),
      answer('CSAT', 4, '07-03', email('anna'), 'web'),
      answer('CES', 6, '07-03', email('anna')),
      answer('CES', 3, '07-04', email('ben')),
    );
    const time = { from: '2026-07-01', to: '2026-08-01' } as const;
    await expect(metrics.ask({ measures: ['CSAT'], time })).rejects.toMatchObject({
      details: { reason: 'AMBIGUOUS_SURVEY_VARIANT', values: ['store', 'web'] },
    });
    expect(await numbers({ measures: ['CSAT'], dimensions: ['SURVEY_VARIANT'], time })).toEqual([
      ['store', '0.5'],
      ['web', '1'],
    ]);
    const filter = [{ dimension: 'SURVEY_VARIANT', operator: 'IN', values: ['store'] }] as const;
    expect(await numbers({ measures: ['CSAT'], filter, time })).toEqual([['0.5']]);
    expect(await numbers({ measures: ['CES'], time })).toEqual([['4.5']]);
  });
});

describe('cases', () => {
  let number = 0;
  const steps = (key: string, ...told: [string, string][]) => {
    number += 1;
    const caseId = `C${number}`;
    return told.map(([type, at]) => ({
      ...{
        type: `case.${type}`,
        key,
        source: 'crm',
        channel: 'PHONE' as const,
        occurredAt: `2026-${at}:00Z`,
        properties: { caseId },
      },
    }));
  };
  const september = { from: '2026-09-01', to: '2026-10-01', timezone: 'UTC' } as const;

  beforeAll(async () => {
    await metrics.tell(
      ...steps('anna', ['opened', '09-01T00:00'], ['resolved', '09-01T04:00']),
      // 10 hours, of which 6 the customer was waited for.
      ...steps(
        'anna',
        ['opened', '09-02T00:00'],
        ['waiting', '09-02T02:00'],
        ['resumed', '09-02T08:00'],
        ['resolved', '09-02T10:00'],
      ),
      // 8 hours, reopened later, and another 4.
      ...steps(
        'ben',
        ['opened', '09-03T00:00'],
        ['resolved', '09-03T08:00'],
        ['reopened', '09-04T00:00'],
        ['resolved', '09-04T04:00'],
      ),
      ...steps('ben', ['opened', '09-05T00:00'], ['resolved', '09-05T20:00']),
      // Not resolved: waited for the customer after 10 hours, and still does.
      ...steps('cleo', ['opened', '09-06T00:00'], ['waiting', '09-06T10:00']),
    );
  });

  test('are counted once, however often they are reopened', async () => {
    expect(await numbers({ measures: ['CASES_OPENED', 'CASES_RESOLVED'], time: september })).toEqual([[5, 4]]);
  });

  test('take as long as was worked on them: 4, 4, 12, 20, and more than 10', async () => {
    // Survival: 3/5 after 4 hours, 3/5 · 1/2 = 0.3 after 12, 0 after 20; the open one is at risk until 10.
    expect(await numbers({ measures: ['MEDIAN_RESOLUTION_HOURS', 'P90_RESOLUTION_HOURS'], time: september })).toEqual([
      ['12', '20'],
    ]);
  });

  test('that are mostly open have no median yet', async () => {
    await metrics.tell(
      ...steps('anna', ['opened', '08-01T00:00']),
      ...steps('ben', ['opened', '08-02T00:00'], ['resolved', '08-02T01:00']),
      ...steps('cleo', ['opened', '08-03T00:00']),
    );
    const time = { from: '2026-08-01', to: '2026-09-01', grain: 'MONTH' } as const;
    const { rows } = await metrics.ask({ measures: ['MEDIAN_RESOLUTION_HOURS', 'CASES_OPENED'], time });
    expect(rows.map(([, ...rest]) => rest)).toEqual([[null, 3]]);
  });

  test('are told apart by channel', async () => {
    expect(
      await numbers({
        measures: ['MEDIAN_RESOLUTION_HOURS', 'CASES_OPENED'],
        dimensions: ['CHANNEL'],
        time: september,
      }),
    ).toEqual([['PHONE', '12', 5]]);
  });
});

test('every measure can be asked for by each of its dimensions', async () => {
  const { catalogue } = metrics.engine;
  const ctx = as(metrics.ctx, ['admin']);
  const filter = [{ dimension: 'PROGRAM', operator: 'IN', values: ['Club'] }] as const;
  for (const measure of catalogue.measures) {
    for (const dimension of catalogue.dimensionsOf(measure)) {
      const query: MetricQuery = {
        measures: [measure.key],
        dimensions: [
          dimension.key,
          ...(measure.key === 'CSAT' && dimension.key !== 'SURVEY_VARIANT' ? ['SURVEY_VARIANT'] : []),
        ],
        time: { ...may, from: '2026-01-01', grain: 'MONTH', fill: true },
        ...(dimension.key === 'TIER' && { filter }),
        compareTo: { previous: 'PERIOD' },
        parts: true,
        totals: true,
      };
      await expect(metrics.engine.query(ctx, query), `${measure.key} by ${dimension.key}`).resolves.toBeDefined();
    }
  }
}, 60_000);
