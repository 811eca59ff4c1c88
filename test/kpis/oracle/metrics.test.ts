import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainError } from '../../../src/kernel/errors.ts';
import { coreDimensions } from '../../../src/kpis/metrics/catalogue/core-dimensions.ts';
import { MetricCatalog, unmixedOf } from '../../../src/kpis/metrics/metric-catalog.ts';
import { MetricEngine } from '../../../src/kpis/metrics/metric-engine.service.ts';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { MetricRow, MetricTable } from '../../../src/kpis/metrics/metric-table.ts';
import { segmentScope } from '../../../src/segments/segment-metrics.service.ts';
import { segmentDimension } from '../../../src/segments/segment-metrics.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import type { Answers } from './answer.ts';
import type { Ask } from './ask.ts';
import { distinctValues, expectedAnswers, expectRows } from './compare.ts';
import { moved, startsOf, timeBefore } from './comparison.ts';
import type { Duck } from './duck.ts';
import { inWorld } from './in-world.ts';
import { definitions } from './measures.ts';
import { home, type OracleNode } from './node.ts';
import { queriesOf } from './query-arbitrary.ts';
import { instantsOf, type World, worlds } from './world-arbitrary.ts';

const catalog = new MetricCatalog({ dimensions: [...coreDimensions, segmentDimension] });
const runs = { numRuns: propertyRuns(6), endOnFailure: true };
const queriesOfWorld = 40;

const openEngine = () => new MetricEngine({ catalog, timeZone: home, segments: segmentScope });

describe('the metric engine', () => {
  test('has no measure that the oracle does not define', () => {
    expect(catalog.measures.map(({ key }) => key).filter((key) => !(key in definitions))).toEqual([]);
    expect(Object.keys(definitions).filter((key) => !catalog.measure(key))).toEqual([]);
  });

  test('answers what DuckDB makes of what was said, by definitions of its own', async () => {
    const asked = new Set<string>();
    const afterwards = async (node: OracleNode, duck: Duck, seed: number) => {
      const engine = openEngine();
      for (const query of fc.sample(queriesOf(catalog, node), { numRuns: queriesOfWorld, seed })) {
        const isCompared = await expectTrue({ node, duck, engine, query });
        for (const measure of isCompared ? query.measures : []) asked.add(measure);
      }
    };
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(), (world, seed) =>
        inWorld(world, { afterwards: (node, duck) => afterwards(node, duck, seed) }),
      ),
      runs,
    );
    expect(catalog.measures.map(({ key }) => key).filter((key) => !asked.has(key))).toEqual([]);
  }, 240_000);

  test('answers the same whether it has been asked before anything of it happened, or not', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(worlds, fc.nat(), async (world, seed) => {
        let engine: MetricEngine | undefined;
        const queriesFor = (node: OracleNode) => fc.sample(queriesOf(catalog, node), { numRuns: queriesOfWorld, seed });
        await inWorld(world, {
          scored: 'MEANWHILE',
          async meanwhile(node) {
            engine = openEngine();
            for (const query of queriesFor(node)) await askAll({ node, engine, query }, undefined);
          },
          async afterwards(node, duck) {
            for (const query of queriesFor(node)) await expectTrue({ node, duck, engine: engine!, query });
            for (const query of queriesFor(node)) {
              const again = await askAll({ node, engine: engine!, query }, undefined);
              if (!(again instanceof DomainError) && again.table.cache.hit) hits += 1;
            }
          },
        });
      }),
      { ...runs, numRuns: Math.ceil(runs.numRuns / 4) },
    );
    expect(hits, 'the cache answered something').toBeGreaterThan(20);
  }, 240_000);

  test('takes an order out of a period when a shipment from before it becomes known', async () => {
    let engine: MetricEngine | undefined;
    const query: MetricQuery = { measures: ['ORDERS'], time: { from: '2026-10-01', to: '2026-11-01' } };
    const ask = async (node: OracleNode) => (await engine!.query(node.ctx, query)).rows;
    await inWorld(lateShipment, {
      scored: 'MEANWHILE',
      async meanwhile(node) {
        engine = openEngine();
        expect(await ask(node)).toEqual([[1]]);
      },
      async afterwards(node, duck) {
        expect(await ask(node)).toEqual([[0]]);
        await expectTrue({ node, duck, engine: engine!, query });
      },
    });
  });
});

/** Two shipments of one order, the first of which is heard of last. */
const lateShipment: World = {
  steps: ['2026-10-10T10:00:00Z', '2026-09-20T10:00:00Z'].map((occurredAt, index) => ({
    drafts: [
      {
        ...{ messageId: `s-${index}`, source: 'pos', key: 'card', type: 'order.completed', occurredAt },
        ...{ value: { amount: '5', currency: 'EUR' }, properties: { orderId: 'o' } },
      },
    ],
    decisions: [],
  })),
};

interface Trial {
  readonly node: OracleNode;
  readonly duck: Duck;
  readonly engine: MetricEngine;
  readonly query: MetricQuery;
}

/** Answers whether there were numbers to compare. */
async function expectTrue(trial: Trial): Promise<boolean> {
  try {
    return await compare(trial);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message} ${JSON.stringify(trial.query)}`, { cause: error });
  }
}

async function compare(trial: Trial): Promise<boolean> {
  const { duck, engine, node, query } = trial;
  const ask = askOf(trial);
  const table = await askAll(trial, undefined);
  if (table instanceof DomainError) {
    if (table.details?.field === 'compareTo.period') return false;
    await expectAmbiguous(table, duck, query, ask);
    return false;
  }
  await expectUnambiguous(duck, query, ask);
  const answers = await expectedAnswers(duck, query, ask);
  const previous = await answersBefore(duck, query, ask);
  expectRows({ ...table, query, ask, answers, previous });
  expectFilled(table.rows.length, answers, ask, query);
  await expectTotals(table.table, duck, query, ask);
  if (table.table.sources.some(({ source }) => source === 'ROLLUP')) {
    const again = await engine.query(node.ctx, { ...query, limit: 10_000 }, { source: 'FACTS' });
    expectRows({ table: again, rows: again.rows, query, ask, answers, previous });
  }
  return true;
}

async function answersBefore(duck: Duck, query: MetricQuery, ask: Ask): Promise<Answers[] | undefined> {
  const earlier = timeBefore(query, ask.time);
  if (!earlier) return undefined;
  const answers = await expectedAnswers(duck, query, { ...ask, time: earlier });
  return answers.map((one) => moved(one, { query, time: ask.time!, earlier }));
}

/** Every bucket is there, for whatever there is in any of them. */
function expectFilled(rows: number, answers: readonly Answers[], { time, dimensions }: Ask, query: MetricQuery): void {
  if (!query.time?.fill || !time?.grain || time.grain === 'HOUR') return;
  const buckets = startsOf(time).length;
  expect(rows % buckets, 'rows of all buckets').toBe(0);
  if (dimensions.length === 0) expect(rows).toBe(buckets);
  const groups = new Set(answers.flatMap((one) => [...one.keys()].map((key) => key.replace(/,?[^,]*$/, ''))));
  expect(rows / buckets).toBeGreaterThanOrEqual(groups.size);
}

function askOf({ query, node }: Trial): Ask {
  const { time } = query;
  const named = [...(query.dimensions ?? []), ...(query.filter ?? []).map(({ dimension }) => dimension)];
  return {
    byArticle: named.includes('SKU') || named.includes('CATEGORY'),
    dimensions: query.dimensions ?? [],
    time: time ? { grain: time.grain ?? null, zone: time.timezone ?? home, ...instantsOf(time, home) } : null,
    zone: home,
    filter: query.filter ?? [],
    segments: query.segments ?? [],
    programId: node.programId,
    returns: query.returns ?? 'RETURN_DATE',
  };
}

/** All pages, of a size that makes several. */
async function askAll({ engine, node, query }: Omit<Trial, 'duck'>, source: 'FACTS' | undefined) {
  const rows: MetricRow[] = [];
  let first: MetricTable | undefined;
  try {
    for (let after: string | null = null; ; ) {
      const page: MetricTable = await engine.query(node.ctx, { ...query, after, limit: 500 }, { source });
      first ??= page;
      rows.push(...page.rows);
      if (!page.pageInfo.hasNextPage) return { table: first, rows };
      after = page.pageInfo.endCursor;
    }
  } catch (error) {
    if (error instanceof DomainError && error.code === 'BAD_USER_INPUT') return error;
    throw error;
  }
}

/** What is refused is so because there are several, and these are named. */
async function expectAmbiguous(error: DomainError, duck: Duck, query: MetricQuery, ask: Ask): Promise<void> {
  const key = error.details?.reason === 'AMBIGUOUS_CURRENCY' ? 'CURRENCY' : 'SURVEY_VARIANT';
  expect(error.details?.reason, error.message).toBe(`AMBIGUOUS_${key}`);
  const measures = query.measures.filter((measure) => unmixedOf(catalog.measure(measure)!) === key);
  const apart = { ...query, measures };
  const mixed = await distinctValues(duck, apart, ask, key);
  // Of the period to compare with, those may be named, too, that stand beside no bucket.
  const possible = await distinctValues(duck, apart, { ...ask, time: ask.time && { ...ask.time, grain: null } }, key);
  const named = (values: readonly (string | null)[]) => values.map((value) => value ?? '(none)').sort();
  expect(mixed.length).toBeGreaterThan(1);
  expect(named(possible), 'what is named is there').toEqual(expect.arrayContaining(error.details?.values as string[]));
  expect(error.details?.values, 'what is there is named').toEqual(expect.arrayContaining(named(mixed)));
}

async function expectUnambiguous(duck: Duck, query: MetricQuery, ask: Ask): Promise<void> {
  for (const key of ['CURRENCY', 'SURVEY_VARIANT'] as const) {
    const measures = query.measures.filter((measure) => unmixedOf(catalog.measure(measure)!) === key);
    if (measures.length === 0 || ask.dimensions.includes(key)) continue;
    expect((await distinctValues(duck, { ...query, measures }, ask, key)).length, `one ${key}`).toBeLessThan(2);
  }
}

/** Totals are made of all rows anew; of several currencies there is none. */
async function expectTotals(table: MetricTable, duck: Duck, query: MetricQuery, ask: Ask): Promise<void> {
  expect(table.totals === null).toBe(!query.totals);
  if (!table.totals) return;
  const whole: Ask = { ...ask, dimensions: [], time: ask.time && { ...ask.time, grain: null } };
  const measures: string[] = [];
  for (const measure of query.measures) {
    const key = unmixedOf(catalog.measure(measure)!);
    const group = query.measures.filter((other) => unmixedOf(catalog.measure(other)!) === key);
    const isMixed = key && (await distinctValues(duck, { ...query, measures: group }, whole, key)).length > 1;
    const place = table.columns.findIndex(({ name }) => name === measure.toLowerCase());
    if (isMixed) expect(table.totals[place], `${measure} has no total`).toBe(null);
    else measures.push(measure);
  }
  const totals = { ...query, measures };
  const answers = await expectedAnswers(duck, totals, whole);
  const previous = await answersBefore(duck, totals, whole);
  expectRows({ table, rows: [table.totals], query: totals, ask: whole, answers, previous });
}
