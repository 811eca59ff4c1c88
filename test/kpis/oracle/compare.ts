import { expect } from 'vitest';
import type { MetricQuery } from '../../../src/kpis/metrics/metric-query.ts';
import type { MetricRow, MetricTable } from '../../../src/kpis/metrics/metric-table.ts';
import { type Answer, type Answers, answer, keyText } from './answer.ts';
import { type Ask, scoped } from './ask.ts';
import { pairsOf, timeBefore } from './comparison.ts';
import type { Duck } from './duck.ts';
import { definitionOf } from './measures.ts';

/** What is expected of one measure, by key. */
export async function expectedAnswers(duck: Duck, query: MetricQuery, ask: Ask): Promise<Answers[]> {
  const answers: Answers[] = [];
  for (const measure of query.measures) answers.push(await answer(duck, definitionOf(measure, ask), ask));
  return answers;
}

/** Column of the table → the number of it that is meant. */
type Reading = (answer: Answer | undefined, isSum: boolean) => number | null;

const readings: Readonly<Record<string, Reading>> = {
  value: (answer, isSum) => answer?.value ?? (isSum ? 0 : null),
  numerator: (answer) => answer?.parts?.numerator ?? 0,
  denominator: (answer) => answer?.parts?.denominator ?? 0,
  n: (answer) => answer?.parts?.n ?? 0,
  se: (answer) => answer?.parts?.se ?? null,
};

/** The values of a dimension in the rows that measures are made of; several must not be added up. */
export async function distinctValues(duck: Duck, query: MetricQuery, ask: Ask, key: 'CURRENCY' | 'SURVEY_VARIANT') {
  const column = key === 'CURRENCY' ? 'currency' : 'variant';
  const found = new Set<string | null>();
  const earlier = timeBefore(query, ask.time);
  for (const one of [ask, ...(earlier ? [{ ...ask, time: earlier }] : [])]) {
    const compared =
      one === ask || !earlier?.grain ? null : [...pairsOf({ query, time: ask.time!, earlier }).keys(), 0].join(', ');
    for (const measure of query.measures) {
      const { rows, dimensions } = definitionOf(measure, one);
      const values = await duck.rows(`
        select distinct ${column} as value from (${scoped(one, rows(one), dimensions)})
        where ${compared === null ? 'true' : `epoch_ms(bucket) in (${compared})`}`);
      for (const { value } of values) found.add(value as string | null);
    }
  }
  return [...found];
}

interface Compared {
  readonly table: MetricTable;
  readonly rows: readonly MetricRow[];
  readonly query: MetricQuery;
  readonly ask: Ask;
  readonly answers: readonly Answers[];
  /** Of the period to compare with, by the keys of the buckets that are compared with it. */
  readonly previous?: readonly Answers[] | undefined;
}

/** Every row is what the definitions say, and what they say is in a row, unless it is nothing. */
export function expectRows({ table, rows, query, ask, answers, previous }: Compared): void {
  const names = table.columns.map(({ name }) => name);
  const nothing: Answers[] = answers.map(() => new Map());
  const left = {
    now: answers.map((one) => new Map(one)),
    before: (previous ?? nothing).map((one) => new Map(one)),
  };
  const seen = new Set<string>();
  for (const row of rows) {
    const key = keyOf(names, row, ask);
    expect(seen.has(key), `one row for ${key}`).toBe(false);
    seen.add(key);
    for (const [place, measure] of query.measures.entries()) {
      const told = { names, row, measure, isSum: isSum(measure, ask), key };
      expectValues({ ...told, answer: left.now[place]!.get(key), before: left.before[place]!.get(key) });
      left.now[place]!.delete(key);
      left.before[place]!.delete(key);
    }
  }
  for (const [place, measure] of query.measures.entries()) {
    const missing = [...left.now[place]!].filter(([, answer]) => !isNothing(answer));
    expect(missing, `${measure} is all there`).toEqual([]);
    const gone = [...left.before[place]!].filter(([, answer]) => !isNothing(answer));
    expect(gone, `${measure} of the period before is all there`).toEqual([]);
  }
}

function isNothing({ value, parts }: Answer): boolean {
  return value === null || (value === 0 && parts === null);
}

function isSum(measure: string, ask: Ask): boolean {
  return definitionOf(measure, ask).sum !== undefined;
}

interface Told {
  readonly names: readonly string[];
  readonly row: MetricRow;
  readonly measure: string;
  readonly answer: Answer | undefined;
  /** Of the period to compare with. */
  readonly before: Answer | undefined;
  readonly isSum: boolean;
  readonly key: string;
}

function expectValues({ names, row, measure, answer: expected, before, isSum: sums, key }: Told): void {
  const column = measure.toLowerCase();
  const previous = names.indexOf(`${column}__previous`);
  if (previous !== -1) expectNear(row[previous]!, readings.value!(before, sums), `${names[previous]} of ${key}`);
  for (const [part, read] of Object.entries(readings)) {
    const place = names.indexOf(part === 'value' ? column : `${column}__${part}`);
    if (place === -1) {
      expect(part, `${measure} has a column`).not.toBe('value');
      continue;
    }
    expectNear(row[place]!, read(expected, sums), `${names[place]} of ${key}`);
  }
}

/** Ratios are rounded to six places, hours to four. */
function expectNear(found: unknown, expected: number | null, what: string): void {
  if (expected === null) return void expect(found, what).toBe(null);
  expect(found, what).not.toBe(null);
  const tolerance = Math.max(5.1e-7, Math.abs(expected) * 1e-9, what.includes('hours') ? 5.1e-5 : 0);
  const difference = Math.abs(Number(found) - expected);
  expect(difference <= tolerance, `${what}: found ${String(found)}, expected ${expected}`).toBe(true);
}

function keyOf(names: readonly string[], row: MetricRow, { dimensions, time }: Ask): string {
  const values = dimensions.map((dimension) => row[names.indexOf(dimension.toLowerCase())] as string | null);
  if (!time?.grain) return keyText(values);
  const bucket = row[names.indexOf('time')];
  return keyText([...values, new Date(bucket as Date | string).getTime()]);
}
