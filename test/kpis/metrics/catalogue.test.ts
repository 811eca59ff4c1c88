import { parse, validate } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bases } from '../../../src/kpis/metrics/catalogue/base.ts';
import { coreDimensions } from '../../../src/kpis/metrics/catalogue/core-dimensions.ts';
import { aggregatesOf, allMeasures, canSplit, MetricCatalog } from '../../../src/kpis/metrics/metric-catalog.ts';
import { segmentDimension } from '../../../src/segments/segment-metrics.ts';
import { findBlocks, readTable } from '../../docs/markdown.ts';
import { type MetricsApi, openMetricsApi } from './api-fixture.ts';
import { basesTable, dimensionsTable, measuresTable } from './catalogue-tables.ts';

const catalog = new MetricCatalog({ dimensions: [...coreDimensions, segmentDimension] });

describe('the catalogue', () => {
  test('has the measures that were promised', () => {
    const promised = `GROSS_REVENUE RETURNED_REVENUE NET_REVENUE ORDERS RETURNS ITEMS AVERAGE_ORDER_VALUE BUYERS PURCHASE_FREQUENCY
      RETURN_RATE COST MARGIN MARGIN_RATE COST_COVERAGE IDENTIFIED_ORDERS UNIDENTIFIED_ORDERS UNIDENTIFIED_REVENUE IDENTIFIED_SHARE
      NEW_BUYERS RETURNING_BUYERS REPEAT_PURCHASE_RATE TOUCHPOINTS ACTIVE_CUSTOMERS ACTIVE_ANONYMOUS NEW_CUSTOMERS CUSTOMERS
      IDENTIFIED_CUSTOMERS IDENTIFIED_CUSTOMER_SHARE AVERAGE_CHURN_RISK AVERAGE_CLV TOTAL_CLV AVERAGE_REVENUE_PER_CUSTOMER
      POINTS_ISSUED POINTS_REDEEMED POINTS_EXPIRED POINTS_REVERSED REDEMPTION_RATE POINTS_OUTSTANDING LOYALTY_MEMBERS MEMBER_SHARE
      NPS NPS_RESPONSES CSAT CES CASES_OPENED CASES_RESOLVED MEDIAN_RESOLUTION_HOURS P90_RESOLUTION_HOURS LOSSES WIN_BACKS WIN_BACK_RATE`;
    expect(new Set(allMeasures.map(({ key }) => key))).toEqual(new Set(promised.split(/\s+/)));
  });

  test('has the dimensions that were promised', () => {
    const promised = `CHANNEL SOURCE CAMPAIGN CURRENCY STORE TOUCHPOINT_TYPE CATEGORY SKU IDENTIFIED COUNTRY TIER PROGRAM LIFECYCLE_STAGE
      RISK_BAND RFM_SEGMENT ABC_CLASS ACQUISITION_MONTH ACQUISITION_CHANNEL SURVEY_VARIANT SEGMENT WALLET LOSS_CAUSE`;
    expect(new Set(catalog.dimensions.map(({ key }) => key))).toEqual(new Set(promised.split(/\s+/)));
  });

  test('says what each is and who answers for it, in sentences', () => {
    for (const { key, title, description, owner } of [...catalog.measures, ...catalog.dimensions]) {
      expect(key).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(title, key).toMatch(/^[A-Z0-9]/);
      expect(description, key).toMatch(/^[`A-Z].{10,}\.$/s);
      expect(owner, key).not.toBe('');
    }
  });

  test('only adds up what is a sum', () => {
    expect(catalog.measures.filter(({ kind, additive }) => additive && kind !== 'SUM')).toEqual([]);
    const distinct = catalog.measures.filter((measure) =>
      aggregatesOf(measure).some(({ facts }) => facts.includes('distinct')),
    );
    expect(distinct.filter(({ additive }) => additive)).toEqual([]);
  });

  test('rolls up only what the roll-up has', () => {
    for (const measure of catalog.measures.filter((one) => aggregatesOf(one).some(({ cells }) => cells))) {
      expect(bases[measure.base].cells, measure.key).toBeDefined();
      for (const { cells } of aggregatesOf(measure)) expect(cells ?? '', measure.key).not.toMatch(/\b[rc]\.|distinct/);
    }
  });

  test('can be added to, and says nothing twice', () => {
    const added = { ...segmentDimension, key: 'TEAM' };
    const measure = { ...allMeasures[0]!, key: 'OTHER' };
    const larger = new MetricCatalog({ measures: [...allMeasures, measure], dimensions: [...coreDimensions, added] });
    expect(larger.dimensionsOf(measure).map(({ key }) => key)).toContain('TEAM');
    expect(canSplit(measure, added)).toBe(true);
    expect(() => new MetricCatalog({ measures: [allMeasures[0]!, allMeasures[0]!] })).toThrow(
      'GROSS_REVENUE is declared twice.',
    );
  });
});

describe('docs/metrics.md', () => {
  let api: MetricsApi;
  beforeAll(async () => {
    api = await openMetricsApi();
  });
  afterAll(() => api.close());

  test('has the catalogue as it is', () => {
    expect(readTable('docs/metrics.md', 'measure |')).toEqual(measuresTable(catalog));
    expect(readTable('docs/metrics.md', 'base |')).toEqual(basesTable(catalog));
    expect(readTable('docs/metrics.md', 'dimension |')).toEqual(dimensionsTable(catalog));
  });

  const examples = findBlocks('graphql', ['docs/metrics.md']).map(({ place, text }) => [place, text] as const);

  test('has examples', () => expect(examples.length).toBeGreaterThan(2));

  test.each(examples)('%s runs', async (_place, text) => {
    expect(validate(api.schema, parse(text))).toEqual([]);
    if (text.startsWith('subscription')) {
      const tables = await api.follow(text);
      expect((await tables.next()).value.errors).toBeUndefined();
      await tables.return!();
    } else expect((await api.graphql(text)).errors).toBeUndefined();
  });
});
