import { z } from 'zod';
import { badInput } from '../../kernel/errors.ts';
import { fromPublicId, toPublicId } from '../../kernel/ids.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { type MetricOrder, type MetricQuery, metricGrains } from '../metrics/metric-query.ts';

const text = z.string();
const some = <T extends z.ZodType>(schema: T) => schema.nullish();

/** What `MetricQueryInput` takes, as JSON. What the words mean is checked by whoever answers it. */
const shape = z.strictObject({
  measures: z.array(text),
  dimensions: some(z.array(text)),
  time: some(
    z.strictObject({
      grain: some(z.enum(metricGrains)),
      from: text,
      to: text,
      timezone: some(text),
      fill: some(z.boolean()),
    }),
  ),
  filter: some(
    z.array(
      z.strictObject({
        dimension: text,
        operator: z.enum(['IN', 'NOT_IN', 'IS_NULL', 'IS_NOT_NULL']).default('IN'),
        values: some(z.array(text)),
      }),
    ),
  ),
  segments: some(z.array(text)),
  orderBy: some(
    z.array(
      z.strictObject({
        measure: some(text),
        dimension: some(text),
        time: some(z.boolean()),
        direction: some(z.enum(['ASC', 'DESC'])),
      }),
    ),
  ),
  limit: some(z.int()),
  after: some(text),
  totals: some(z.boolean()),
  compareTo: some(
    z.strictObject({
      previous: some(z.enum(['PERIOD', 'YEAR'])),
      period: some(z.strictObject({ from: text, to: text })),
    }),
  ),
  parts: some(z.boolean()),
  returns: some(z.enum(['RETURN_DATE', 'ORDER_DATE'])),
  identityAsOf: some(text),
});

/** A metric query that came as JSON. Throws `BAD_USER_INPUT`, with the field to blame. */
export function givenQuery(json: unknown): MetricQuery {
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw badInput(`${issue.message}.`, fieldOf(issue.path));
  }
  const { segments, orderBy, ...query } = parsed.data;
  return {
    ...query,
    ...(segments && { segments: segments.map((id, index) => fromPublicId('seg', id, `segments[${index}]`)) }),
    ...(orderBy && { orderBy: orderBy.map(givenOrder) }),
  };
}

/** As a caller would give it: segments by their public ids, order by what it is of. */
export function shownQuery({ segments, orderBy, ...query }: MetricQuery): JsonObject {
  const shown = {
    ...query,
    ...(segments && { segments: segments.map((id) => toPublicId('seg', id)) }),
    ...(orderBy && { orderBy: orderBy.map((order) => shownOrder(order, query.measures)) }),
  };
  return JSON.parse(JSON.stringify(shown)) as JsonObject;
}

interface GivenOrder {
  readonly measure?: string | null;
  readonly dimension?: string | null;
  readonly time?: boolean | null;
  readonly direction?: 'ASC' | 'DESC' | null;
}

function givenOrder({ measure, dimension, time, direction }: GivenOrder, index: number): MetricOrder {
  const [by, ...rest] = [measure, dimension, time === true ? 'TIME' : null].filter((one) => one != null);
  if (by !== undefined && rest.length === 0) return { by, direction };
  throw badInput('Expected exactly one of `measure`, `dimension` and `time`.', `orderBy[${index}]`);
}

function shownOrder({ by, direction }: MetricOrder, measures: readonly string[]): GivenOrder {
  const what = by === 'TIME' ? { time: true } : measures.includes(by) ? { measure: by } : { dimension: by };
  return { ...what, direction };
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, part) => {
    if (typeof part === 'number') return `${field}[${part}]`;
    return field === '' ? String(part) : `${field}.${String(part)}`;
  }, '');
}
