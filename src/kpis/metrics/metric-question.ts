import { createHash } from 'node:crypto';
import { badInput } from '../../kernel/errors.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { BaseKey } from './catalogue/base.ts';
import type { Dimension } from './catalogue/dimension.ts';
import type { Measure } from './catalogue/measure.ts';
import { aggregatesOf, canSplit, type MetricCatalog, unmixedOf } from './metric-catalog.ts';
import { type Comparison, comparisonOf, type Period, periodOf } from './metric-period.ts';
import type { MetricFilter, MetricOrder, MetricQuery } from './metric-query.ts';

/** What one query may ask for. */
export interface MetricLimits {
  readonly measures: number;
  readonly dimensions: number;
  readonly filters: number;
  readonly values: number;
  readonly segments: number;
  readonly buckets: number;
  readonly rows: number;
  readonly defaultRows: number;
}

export const metricLimits: MetricLimits = {
  measures: 20,
  dimensions: 5,
  filters: 20,
  values: 1_000,
  segments: 10,
  buckets: 10_000,
  rows: 10_000,
  defaultRows: 1_000,
};

export interface QuestionFilter {
  readonly dimension: Dimension;
  readonly operator: MetricFilter['operator'];
  /** Sorted, each once. */
  readonly values: readonly string[];
}

/** A place in the order of rows: time, the dimension or measure of that number. */
export interface QuestionOrder {
  readonly by: 'TIME' | { readonly dimension: number } | { readonly measure: number };
  readonly descending: boolean;
}

/** A query that makes sense, with everything said that it left out. */
export interface MetricQuestion {
  readonly measures: readonly Measure[];
  readonly dimensions: readonly Dimension[];
  readonly period: Period | null;
  readonly comparison: Comparison | null;
  readonly filters: readonly QuestionFilter[];
  /** UUIDs, sorted. */
  readonly segments: readonly string[];
  /** What was asked for, then time and all dimensions: no two rows are equal in it. */
  readonly order: readonly QuestionOrder[];
  readonly limit: number;
  readonly after: string | null;
  readonly totals: boolean;
  readonly parts: boolean;
  readonly returns: 'RETURN_DATE' | 'ORDER_DATE';
  /** Null: as of now. */
  readonly identityAsOf: Date | null;
  /** Of days and months where the query has no period. */
  readonly zone: string;
  readonly hash: string;
}

interface Surroundings {
  readonly catalog: MetricCatalog;
  readonly zone: string;
  readonly limits: MetricLimits;
}

const maximumText = 500;

/** Throws `BAD_USER_INPUT` that names the field for whatever can't be answered. */
export function questionOf(query: MetricQuery, { catalog, zone, limits }: Surroundings): MetricQuestion {
  const measures = chosen(query.measures, {
    find: (key) => catalog.measure(key),
    field: 'measures',
    most: limits.measures,
  });
  if (measures.length === 0) throw badInput('Expected at least one measure.', 'measures');
  const dimensions = chosen(query.dimensions ?? [], {
    find: (key) => catalog.dimension(key),
    field: 'dimensions',
    most: limits.dimensions,
  });
  const filters = filtersOf(query.filter ?? [], catalog, limits);
  checkSplits(measures, [...dimensions, ...filters.map(({ dimension }) => dimension)], catalog);
  const period = query.time ? periodOf(query.time, { zone, most: limits.buckets }) : null;
  const said = {
    measures,
    dimensions,
    period,
    comparison: comparisonIn(query, period),
    filters,
    segments: segmentsOf(query.segments ?? [], limits),
    order: orderOf(query.orderBy ?? [], { measures, dimensions, period }),
    limit: limitOf(query.limit, limits),
    after: query.after ?? null,
    totals: query.totals ?? false,
    parts: query.parts ?? false,
    returns: query.returns ?? 'RETURN_DATE',
    identityAsOf: identityIn(query, { measures, named: [...dimensions, ...filters.map(({ dimension }) => dimension)] }),
    zone: period?.zone ?? zone,
  } as const;
  return { ...said, hash: hashOf(said) };
}

function chosen<T>(
  keys: readonly string[],
  { find, field, most }: { find: (key: string) => T | undefined; field: string; most: number },
): T[] {
  if (keys.length > most) throw badInput(`Expected at most ${most} ${field}, got ${keys.length}.`, field);
  return keys.map((key, index) => {
    const found = find(key);
    if (!found)
      throw badInput(
        `There is no ${JSON.stringify(key.slice(0, 80))} among the ${field}: see \`metricCatalog\`.`,
        `${field}[${index}]`,
      );
    if (keys.indexOf(key) !== index) throw badInput(`${key} is there twice.`, `${field}[${index}]`);
    return found;
  });
}

function filtersOf(filters: readonly MetricFilter[], catalog: MetricCatalog, limits: MetricLimits): QuestionFilter[] {
  if (filters.length > limits.filters) throw badInput(`Expected at most ${limits.filters} filters.`, 'filter');
  return filters.map(({ dimension: key, operator, values }, index) => {
    const field = `filter[${index}]`;
    const dimension = catalog.dimension(key);
    if (!dimension)
      throw badInput(
        `There is no dimension ${JSON.stringify(key.slice(0, 80))}: see \`metricCatalog\`.`,
        `${field}.dimension`,
      );
    const needsValues = operator === 'IN' || operator === 'NOT_IN';
    if (needsValues !== (values != null && values.length > 0))
      throw badInput(needsValues ? `${operator} needs values.` : `${operator} takes no values.`, `${field}.values`);
    const given = values ?? [];
    if (given.length > limits.values) throw badInput(`Expected at most ${limits.values} values.`, `${field}.values`);
    const odd = given.findIndex((value) => value.length > maximumText || value.includes('\0'));
    if (odd !== -1) throw badInput(`Expected text of at most ${maximumText} characters.`, `${field}.values[${odd}]`);
    return { dimension, operator, values: [...new Set(given)].sort() };
  });
}

function checkSplits(measures: readonly Measure[], dimensions: readonly Dimension[], catalog: MetricCatalog): void {
  for (const measure of measures) {
    const wrong = dimensions.find((dimension) => !canSplit(measure, dimension));
    if (!wrong) continue;
    const possible = catalog.dimensionsOf(measure).map(({ key }) => key);
    throw badInput(
      `${measure.key} can't be split or filtered by ${wrong.key}. It can be by ${possible.join(', ')}.`,
      'dimensions',
    );
  }
}

function comparisonIn({ compareTo }: MetricQuery, period: Period | null): Comparison | null {
  if (!compareTo) return null;
  if (!period) throw badInput('`compareTo` needs a `time`.', 'compareTo');
  if ((compareTo.previous != null) === (compareTo.period != null))
    throw badInput('Expected either `previous` or `period`.', 'compareTo');
  const comparison = comparisonOf(compareTo, period);
  if (comparison.starts.length > 2 * period.starts.length + 2)
    throw badInput('The period to compare with is much longer than the period.', 'compareTo.period');
  return comparison;
}

const countingBases: ReadonlySet<BaseKey> = new Set<BaseKey>([
  ...(['PURCHASES', 'BUYERS', 'TOUCHPOINTS', 'NPS', 'CSAT', 'CES', 'CASES', 'RESOLUTIONS'] as const),
]);

/** Of customers of the past it is known which records were theirs, and nothing else. */
function identityIn(
  { identityAsOf, segments }: MetricQuery,
  { measures, named }: { measures: readonly Measure[]; named: readonly Dimension[] },
): Date | null {
  if (identityAsOf == null) return null;
  const field = 'identityAsOf';
  const at = instantOf(identityAsOf);
  if (!at) throw badInput('Expected an RFC 3339 instant such as 2026-03-01T00:00:00Z.', field);
  const described = measures.find(
    (measure) =>
      !countingBases.has(measure.base) || aggregatesOf(measure).some(({ facts }) => /\bc\.(?!id\b)/.test(facts)),
  );
  if (described) throw badInput(`${described.key} is about what customers are, which is known of now alone.`, field);
  const dimension = named.find(({ customer, values }) => customer || values);
  if (dimension) throw badInput(`${dimension.key} says what customers are, which is known of now alone.`, field);
  if (segments && segments.length > 0) throw badInput('Who is in a segment is known of now alone.', field);
  return at;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

function instantOf(text: string): Date | null {
  const at = new Date(text);
  return rfc3339.test(text) && !Number.isNaN(at.getTime()) ? at : null;
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function segmentsOf(segments: readonly string[], limits: MetricLimits): string[] {
  if (segments.length > limits.segments) throw badInput(`Expected at most ${limits.segments} segments.`, 'segments');
  const odd = segments.findIndex((id) => !uuidPattern.test(id));
  if (odd !== -1) throw badInput('Expected the id of a segment.', `segments[${odd}]`);
  return [...new Set(segments)].sort();
}

function orderOf(
  orders: readonly MetricOrder[],
  { measures, dimensions, period }: Pick<MetricQuestion, 'measures' | 'dimensions' | 'period'>,
): QuestionOrder[] {
  const hasTime = period?.grain != null;
  const placeOf = (by: string, field: string): QuestionOrder['by'] => {
    if (by === 'TIME' && hasTime) return 'TIME';
    const measure = measures.findIndex(({ key }) => key === by);
    if (measure !== -1) return { measure };
    const dimension = dimensions.findIndex(({ key }) => key === by);
    if (dimension !== -1) return { dimension };
    throw badInput(
      `Expected a measure or dimension of the query${hasTime ? ' or TIME' : ''}, got ${by.slice(0, 80)}.`,
      field,
    );
  };
  const asked = orders.map(({ by, direction }, index) => ({
    by: placeOf(by, `orderBy[${index}].by`),
    descending: direction === 'DESC',
  }));
  const ties: QuestionOrder[] = [
    ...(hasTime ? [{ by: 'TIME', descending: false } as const] : []),
    ...dimensions.map((_, dimension) => ({ by: { dimension }, descending: false })),
  ];
  const names = new Set<string>();
  return [...asked, ...ties].filter(({ by }) => {
    const name = JSON.stringify(by);
    return !names.has(name) && names.add(name);
  });
}

function limitOf(limit: number | null | undefined, { rows, defaultRows }: MetricLimits): number {
  if (limit == null) return defaultRows;
  if (Number.isInteger(limit) && limit >= 1 && limit <= rows) return limit;
  throw badInput(`Expected \`limit\` from 1 to ${rows}, got ${limit}.`, 'limit');
}

/** Of the question, not of its page. What was left out counts as what it stands for. */
function hashOf(question: Omit<MetricQuestion, 'hash'>): string {
  const { measures, dimensions, period, comparison, filters, limit: _limit, after: _after, ...rest } = question;
  const text = canonicalJson({
    ...rest,
    measures: measures.map(({ key }) => key),
    dimensions: dimensions.map(({ key }) => key),
    period: period && { from: period.from, to: period.to, grain: period.grain, fill: period.fill },
    comparison: comparison && { from: comparison.from, to: comparison.to, pairs: comparison.pairs },
    filters: filters
      .map(({ dimension, operator, values }) => canonicalJson({ dimension: dimension.key, operator, values }))
      .sort(),
  });
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** What has to be kept apart in an answer and is not yet: by a dimension of the query, or a filter on one value. */
export function mixable({ measures, dimensions, filters }: MetricQuestion): readonly ('CURRENCY' | 'SURVEY_VARIANT')[] {
  const needed = new Set(measures.map(unmixedOf).filter((one) => one !== null));
  return [...needed].filter(
    (key) =>
      !dimensions.some((dimension) => dimension.key === key) &&
      !filters.some(
        ({ dimension, operator, values }) => dimension.key === key && operator === 'IN' && values.length === 1,
      ),
  );
}
