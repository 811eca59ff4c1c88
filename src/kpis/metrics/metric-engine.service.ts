import { hasScope, requireScope } from '../../access/scopes.ts';
import type { ChangeTopic } from '../../kernel/changes.queries.ts';
import type { Context } from '../../kernel/context.ts';
import type { Tx } from '../../kernel/database.ts';
import { badInput, DomainError } from '../../kernel/errors.ts';
import { orTooSlow } from '../../loyalty/reports/reading.service.ts';
import { streamRows } from '../exports/row-stream.queries.ts';
import type { SegmentScope } from '../segment-scope.queries.ts';
import type { Dimension } from './catalogue/dimension.ts';
import { readIdentityThen } from './identity-then.queries.ts';
import { insideOf } from './metric-boundary.queries.ts';
import { MetricCache } from './metric-cache.ts';
import { MetricCatalog, unmixedOf } from './metric-catalog.ts';
import type { InsideBase } from './metric-pass.ts';
import type { Period } from './metric-period.ts';
import { type MetricPlan, planOf, type Watch } from './metric-plan.ts';
import type { MetricQuery } from './metric-query.ts';
import { type MetricLimits, type MetricQuestion, metricLimits, mixable, questionOf } from './metric-question.ts';
import { columnsOf, cursorOf, placeOf, rowReader } from './metric-rows.ts';
import { askMetrics, changedSince, findPrograms, prepareMetrics, type SeenState } from './metric-statement.queries.ts';
import { type StatementOptions, type StatementRow, statementOf } from './metric-statement.ts';
import type { MetricRow, MetricSource, MetricStream, MetricTable } from './metric-table.ts';
import { isMixed, mixedMeasures, warningsOf } from './metric-warnings.ts';

export interface MetricEngineParts {
  readonly catalog?: MetricCatalog;
  /** Of the organisation: what is meant where a query names no zone. */
  readonly timeZone: string;
  /** Who is in which segment; left out: queries can't name segments. */
  readonly segments?: SegmentScope;
  readonly limits?: Partial<MetricLimits>;
  /** Seconds that a statement may take: of keys that read, and of those with `metrics:manage` or `admin`. */
  readonly seconds?: { readonly read?: number; readonly manage?: number };
  readonly cache?: MetricCache;
}

export interface AskOptions {
  /** For tests and measurements: what to answer from. Left out: roll-ups wherever they are exact, and the cache. */
  readonly source?: MetricSource | null;
  /** Of a download: its reader has gone. */
  readonly signal?: AbortSignal;
}

/** A query that its caller may ask, and how it is answered. */
interface Asked {
  readonly question: MetricQuestion;
  readonly plan: MetricPlan;
  readonly suppress: boolean;
  /** What the caller's key may see; left out: everything. */
  readonly inside: InsideBase | undefined;
}

const defaultSeconds = { read: 15, manage: 60 };
const topicsOfBoundaries = [
  'segment.entered',
  'segment.left',
  'segment.changed',
  'consent.changed',
  'customer.merged',
  'customer.split',
] as const satisfies readonly ChangeTopic[];
const rowsOfPage = 1_000;
/** A download is read at the pace of its reader, and may take so many times as long. */
const streamed = 60;

/** Answers questions about numbers: the one place that knows what each of them means. */
export class MetricEngine {
  readonly catalogue: MetricCatalog;
  readonly #timeZone: string;
  readonly #segments: SegmentScope | undefined;
  readonly #limits: MetricLimits;
  readonly #seconds: { readonly read: number; readonly manage: number };
  readonly #cache: MetricCache;

  constructor({ catalog = new MetricCatalog(), timeZone, segments, limits, seconds, cache }: MetricEngineParts) {
    this.catalogue = catalog;
    this.#timeZone = timeZone;
    this.#segments = segments;
    this.#limits = { ...metricLimits, ...limits };
    this.#seconds = { ...defaultSeconds, ...seconds };
    this.#cache = cache ?? new MetricCache();
  }

  get limits(): MetricLimits {
    return this.#limits;
  }

  catalog(ctx: Context): MetricCatalog {
    requireScope(ctx, 'metrics:read');
    return this.catalogue;
  }

  /**
   * A page of rows, of one moment. Throws `BAD_USER_INPUT`, `CURSOR_INVALID`, `FORBIDDEN`, `NOT_FOUND` (a segment), and
   * `STATEMENT_TOO_SLOW`.
   */
  async query(ctx: Context, query: MetricQuery, options: AskOptions = {}): Promise<MetricTable> {
    const asked = await this.#ask(ctx, query, options);
    const key = JSON.stringify([asked.question.hash, asked.question.limit, asked.question.after, asked.suppress]);
    const keepable = options.source == null && !asked.plan.moving && !asked.inside;
    const known = keepable ? await this.#recall(ctx, key, asked.plan) : undefined;
    if (known) return known;
    const { table, snapshot } = await this.#compute(ctx, asked);
    if (keepable) this.#cache.keep(key, { table, snapshot });
    return table;
  }

  /** All rows, however many, of one moment; a few at a time are in memory. Throws as {@link query} does. */
  async stream(ctx: Context, query: MetricQuery, options: AskOptions = {}): Promise<MetricStream> {
    const asked = await this.#ask(ctx, { ...query, limit: null, after: null }, options);
    const { question } = asked;
    const asOf = ctx.clock.now();
    const programId = await this.#programOf(ctx, asked);
    const terms = this.#statementOptions(ctx, asked, { now: asOf, programId });
    let identity: StatementOptions['identity'] = null;
    const pages = streamRows<StatementRow>(ctx.pool, {
      before: async (tx) => {
        identity = await identityOf(tx, question);
      },
      query: (tx) => {
        const rest = { totals: false, limit: null, after: null, identity };
        return askMetrics(tx, statementOf(question, asked.plan, { ...terms, ...rest }));
      },
      size: rowsOfPage,
      seconds: streamed * this.#secondsOf(ctx),
      signal: options.signal,
    });
    const first = await pages.next().catch((error: unknown) => {
      throw tooSlow(error);
    });
    const rows = first.done ? [] : first.value;
    await this.#checkUnmixed(ctx, asked, { row: rows[0], programId }).catch(async (error: unknown) => {
      await pages.return();
      throw error;
    });
    const columns = columnsOf(question, currencyOf(question, rows[0]));
    const read = rowReader(question, columns);
    return { columns, queryHash: question.hash, asOf, pages: readPages({ first: rows, pages, read }) };
  }

  /** What can change the answer to a query; `moving`: time alone. */
  async watch(ctx: Context, query: MetricQuery): Promise<Watch & { readonly moving: boolean }> {
    const { plan, inside } = await this.#ask(ctx, query, {});
    if (!inside) return { ...plan.watch, moving: plan.moving };
    // Who is inside changes with what is not asked about, and with time.
    return { ...plan.watch, topics: [...plan.watch.topics, ...topicsOfBoundaries], moving: true };
  }

  async #ask(ctx: Context, query: MetricQuery, { source }: AskOptions): Promise<Asked> {
    requireScope(ctx, 'metrics:read');
    const question = questionOf(query, { catalog: this.catalogue, zone: this.#timeZone, limits: this.#limits });
    for (const dimension of question.dimensions) checkRights(ctx, dimension, 'dimensions');
    for (const { dimension } of question.filters) checkRights(ctx, dimension, 'filter');
    if (question.segments.length > 0) {
      if (!this.#segments) throw badInput('There are no segments here.', 'segments');
      await this.#segments.check(ctx, question.segments);
    }
    if (question.identityAsOf && question.identityAsOf > ctx.clock.now())
      throw badInput('Expected an instant that is not in the future.', 'identityAsOf');
    const suppress = !hasScope(ctx, 'pii:read');
    const inside = insideOf(ctx, question);
    if (inside && question.identityAsOf)
      throw new DomainError('FORBIDDEN', 'Your key sees some customers only, and who they are is known of now alone.', {
        field: 'identityAsOf',
      });
    return { question, plan: planOf(question, { source, suppress, kept: !!inside }), suppress, inside };
  }

  /** An answer from before, if nothing has happened since that could change it. */
  async #recall(ctx: Context, key: string, { watch }: MetricPlan): Promise<MetricTable | undefined> {
    const now = ctx.clock.now();
    const cached = this.#cache.find(key, now);
    if (!cached) return undefined;
    const { changed, snapshot } = await changedSince(ctx.pool, cached.snapshot, watch);
    if (changed) {
      this.#cache.forget(key);
      return undefined;
    }
    // It holds for what is visible now, too: the next one looks on from here.
    this.#cache.keep(key, { table: cached.table, snapshot });
    const { freshness, cache } = cached.table;
    return { ...cached.table, asOf: now, freshness: { ...freshness, factsAt: now }, cache: { ...cache, hit: true } };
  }

  async #compute(ctx: Context, asked: Asked): Promise<{ table: MetricTable; snapshot: string }> {
    const place = placeOf(asked.question);
    const now = ctx.clock.now();
    const programId = await this.#programOf(ctx, asked);
    const { question, plan } = asked;
    const found = await this.#atOnce(ctx, async (tx, seen) => {
      const identity = await identityOf(tx, question);
      const options = { ...this.#statementOptions(ctx, asked, { now, programId }), identity };
      const rows = await askMetrics(
        tx,
        statementOf(question, plan, { ...options, totals: false, limit: question.limit, after: place }),
      );
      await this.#checkUnmixed(ctx, asked, { row: rows[0], programId, tx });
      const [totals] = question.totals
        ? await askMetrics(tx, statementOf(question, plan, { ...options, totals: true, limit: null, after: null }))
        : [];
      return { rows, totals: totals ?? null, seen };
    });
    return { table: tableOf(asked, { ...found, now }), snapshot: found.seen.snapshot };
  }

  async #atOnce<T>(ctx: Context, read: (tx: Tx, seen: SeenState) => Promise<T>): Promise<T> {
    try {
      return (await ctx.pool.begin('isolation level repeatable read read only', async (tx) =>
        read(tx, await prepareMetrics(tx, this.#secondsOf(ctx))),
      )) as T;
    } catch (error) {
      throw tooSlow(error);
    }
  }

  #secondsOf(ctx: Context): number {
    return hasScope(ctx, 'metrics:manage') ? this.#seconds.manage : this.#seconds.read;
  }

  #statementOptions(
    ctx: Context,
    { suppress, inside }: Asked,
    { now, programId }: { now: Date; programId: string | null },
  ): Pick<StatementOptions, 'suppress' | 'now' | 'programId' | 'membersOf' | 'inside'> {
    return { suppress, inside, now, programId, membersOf: (id) => this.#segments!.members(ctx.pool, id) };
  }

  /** The programme whose tiers are meant. */
  async #programOf(ctx: Context, { question }: Asked): Promise<string | null> {
    const named = [...question.dimensions, ...question.filters.map(({ dimension }) => dimension)];
    if (!named.some(({ needs }) => needs?.includes('PROGRAM'))) return null;
    const filter = question.filters.find(
      ({ dimension, operator, values }) => dimension.key === 'PROGRAM' && operator === 'IN' && values.length === 1,
    );
    const programs = await findPrograms(ctx.pool, filter?.values[0] ?? null);
    if (programs.length <= 1) return programs[0]?.id ?? null;
    throw ambiguous(
      'PROGRAM',
      programs.map(({ name }) => name),
    );
  }

  /** Amounts of several currencies are no amount. Names those that there are. */
  async #checkUnmixed(
    ctx: Context,
    asked: Asked,
    { row, programId, tx }: { row: StatementRow | undefined; programId: string | null; tx?: Tx },
  ): Promise<void> {
    const { question } = asked;
    const mixed = row && mixable(question).find((key) => isMixed(row, key));
    if (!mixed) return;
    const dimension = this.catalogue.dimension(mixed)!;
    const measures = question.measures.filter((measure) => unmixedOf(measure) === mixed);
    const apart = { ...question, measures, dimensions: [dimension], order: [], totals: false, comparison: null };
    const options = this.#statementOptions(ctx, asked, { now: ctx.clock.now(), programId });
    const values = new Set<string>();
    for (const period of wholePeriods(question)) {
      const plain: MetricQuestion = { ...apart, period };
      const plan = planOf(plain, { suppress: false, kept: !!asked.inside });
      const statement = statementOf(plain, plan, {
        ...options,
        ...{ suppress: false, totals: false, limit: 100, after: null },
      });
      const rows = tx ? await askMetrics(tx, statement) : await this.#atOnce(ctx, (own) => askMetrics(own, statement));
      for (const { d0 } of rows) values.add((d0 as string | null) ?? '(none)');
    }
    throw ambiguous(mixed, [...values].sort());
  }
}

async function identityOf(tx: Tx, { identityAsOf }: MetricQuestion): Promise<StatementOptions['identity']> {
  return identityAsOf && readIdentityThen(tx, identityAsOf);
}

/** That which is asked about and that which it is compared with, each as one bucket. */
function wholePeriods({ period, comparison }: MetricQuestion): (Period | null)[] {
  if (!period) return [null];
  const whole = { ...period, grain: null, fill: false };
  return comparison
    ? [whole, { ...whole, from: comparison.from, to: comparison.to, starts: [comparison.from] }]
    : [whole];
}

function checkRights(ctx: Context, { key, scope, trait }: Dimension, field: string): void {
  if (scope) requireScope(ctx, scope);
  if (trait === undefined || !ctx.personalTraits.has(trait) || hasScope(ctx, 'pii:read')) return;
  throw new DomainError('FORBIDDEN', `${key} shows the personal trait ${trait}: this needs the scope pii:read.`, {
    requiredScope: 'pii:read',
    field,
  });
}

function ambiguous(key: 'CURRENCY' | 'SURVEY_VARIANT' | 'PROGRAM', values: readonly string[]): DomainError {
  const words = { CURRENCY: 'currencies', SURVEY_VARIANT: 'variants', PROGRAM: 'programmes' } as const;
  return new DomainError(
    'BAD_USER_INPUT',
    `There are several ${words[key]}, which can't be added up: ${values.join(', ')}. Name ${key} as a dimension, or filter by one.`,
    { field: 'dimensions', reason: `AMBIGUOUS_${key}`, values },
  );
}

/** The one that all amounts of an answer are of. */
function currencyOf({ dimensions }: MetricQuestion, row: StatementRow | undefined): string | null {
  return dimensions.some(({ key }) => key === 'CURRENCY') ? null : (row?.currency_high ?? null);
}

function tooSlow(error: unknown): unknown {
  return orTooSlow(error, 'This query', 'Ask for a shorter period, fewer dimensions, or measures that roll up.');
}

/** A plain iterator, not a generator: one that was never begun would not end the statement when it is told to return. */
function readPages({
  first,
  pages,
  read,
}: {
  first: readonly StatementRow[];
  pages: AsyncGenerator<readonly StatementRow[], void, void>;
  read: (row: StatementRow) => MetricRow;
}): AsyncIterableIterator<readonly MetricRow[]> {
  let waiting = first.length > 0 ? first : undefined;
  return {
    async next() {
      if (waiting) {
        const value = waiting.map(read);
        waiting = undefined;
        return { done: false, value };
      }
      const page = await pages.next().catch((error: unknown) => {
        throw tooSlow(error);
      });
      return page.done ? { done: true, value: undefined } : { done: false, value: page.value.map(read) };
    },
    async return() {
      waiting = undefined;
      await pages.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

interface Found {
  readonly rows: readonly StatementRow[];
  readonly totals: StatementRow | null;
  readonly seen: SeenState;
  readonly now: Date;
}

function tableOf(asked: Asked, { rows, totals, seen, now }: Found): MetricTable {
  const { question, plan } = asked;
  const page = rows.slice(0, question.limit);
  const last = page.at(-1);
  const hasNextPage = rows.length > question.limit;
  const columns = columnsOf(question, currencyOf(question, rows[0] ?? totals ?? undefined));
  const scoredAt = plan.scored ? seen.scoredAt : null;
  return {
    columns,
    rows: page.map(rowReader(question, columns)),
    totals: totals && unmixedTotals(question, columns, totals),
    asOf: now,
    queryHash: question.hash,
    cache: { hit: false, computedAt: now },
    sources: plan.groups.map(({ base, source }) => ({ base: base.key, source })),
    freshness: { factsAt: now, scoredAt },
    pageInfo: { hasNextPage, endCursor: last ? cursorOf(question, last) : null },
    suppressedRows: page.filter(({ hidden }) => hidden).length,
    warnings: warningsOf(asked, { page, totals, scoredAt }),
  };
}

/** Of what must not be added up there is no total. */
function unmixedTotals(question: MetricQuestion, columns: MetricTable['columns'], totals: StatementRow): MetricRow {
  const row = rowReader(question, columns, 'TOTALS')(totals);
  const mixed = new Set(mixedMeasures(question, totals).map(({ key }) => key.toLowerCase()));
  return row.map((value, index) => (mixed.has(columns[index]!.name.split('__')[0]!) ? null : value));
}
