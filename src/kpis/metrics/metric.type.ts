import { Field, Int, ObjectType } from 'type-graphql';
import type { JsonObject } from '../../kernel/json.ts';
import { Cursor, DateTime, JsonObjectValue, JsonValue } from '../../kernel/scalars.ts';
import type { BaseKey } from './catalogue/base.ts';
import type { Dimension } from './catalogue/dimension.ts';
import { type Measure, type MeasureFormat, unitOf } from './catalogue/measure.ts';
import {
  MetricBaseEnum,
  MetricColumnKindEnum,
  MetricColumnTypeEnum,
  MetricDimensionEnum,
  MetricFormatEnum,
  MetricGrainEnum,
  MetricMeasureEnum,
  MetricSourceEnum,
  MetricWarningCodeEnum,
} from './metric.enum.ts';
import type { MetricCatalog as Catalog } from './metric-catalog.ts';
import { type MetricGrain, metricGrains } from './metric-query.ts';
import type { MetricLimits as Limits } from './metric-question.ts';
import type {
  MetricColumnType,
  MetricRow,
  MetricSource,
  MetricValue,
  MetricWarningCode,
  MetricTable as Table,
  MetricColumn as TableColumn,
  MetricWarning as TableWarning,
} from './metric-table.ts';

@ObjectType({ simpleResolvers: true, description: 'A measure of the catalogue.' })
export class MetricMeasureEntry {
  @Field(() => MetricMeasureEnum, { description: 'Its name in queries.' })
  readonly key: string;

  @Field(() => String, { description: 'Its name for people.' })
  readonly title: string;

  @Field(() => String, { description: 'What it is, exactly.' })
  readonly description: string;

  @Field(() => String, {
    nullable: true,
    description: 'Such as `hours`; of amounts it is the currency. Null: a mere number.',
  })
  readonly unit: string | null;

  @Field(() => MetricFormatEnum, { description: 'What its numbers mean, and how to show them.' })
  readonly format: MeasureFormat;

  @Field(() => String, { description: 'The team that answers for the definition.' })
  readonly owner: string;

  @Field(() => Boolean, { description: 'Its values may be added up. Of others, ask for `totals`.' })
  readonly additive: boolean;

  @Field(() => MetricBaseEnum, { description: 'What it is computed from.' })
  readonly base: BaseKey;

  @Field(() => [MetricDimensionEnum], { description: 'What it can be split and filtered by.' })
  readonly dimensions: readonly string[];

  constructor(measure: Measure, dimensions: readonly Dimension[]) {
    this.key = measure.key;
    this.title = measure.title;
    this.description = measure.description;
    this.unit = unitOf(measure.format);
    this.format = measure.format;
    this.owner = measure.owner;
    this.additive = measure.additive;
    this.base = measure.base;
    this.dimensions = dimensions.map((dimension) => dimension.key);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A dimension of the catalogue. Its values are text.' })
export class MetricDimensionEntry {
  @Field(() => MetricDimensionEnum, { description: 'Its name in queries.' })
  readonly key: string;

  @Field(() => String, { description: 'Its name for people.' })
  readonly title: string;

  @Field(() => String, { description: 'What it is, exactly.' })
  readonly description: string;

  @Field(() => String, { description: 'The team that answers for the definition.' })
  readonly owner: string;

  @Field(() => Boolean, { description: 'Something can have several values: rows add up to more than the total.' })
  readonly overlapping: boolean;

  constructor({ key, title, description, owner, values }: Dimension) {
    this.key = key;
    this.title = title;
    this.description = description;
    this.owner = owner;
    this.overlapping = values !== undefined;
  }
}

@ObjectType({ simpleResolvers: true, description: 'What one query may ask for.' })
export class MetricLimits {
  @Field(() => Int, { description: 'Measures.' })
  readonly measures!: number;

  @Field(() => Int, { description: 'Dimensions.' })
  readonly dimensions!: number;

  @Field(() => Int, { description: 'Filters.' })
  readonly filters!: number;

  @Field(() => Int, { description: 'Buckets of a period.' })
  readonly buckets!: number;

  @Field(() => Int, { description: 'Rows of a page.' })
  readonly rows!: number;
}

@ObjectType({ simpleResolvers: true, description: 'Everything that `metrics` can be asked for.' })
export class MetricCatalog {
  @Field(() => [MetricMeasureEntry], { description: 'All measures.' })
  readonly measures: readonly MetricMeasureEntry[];

  @Field(() => [MetricDimensionEntry], { description: 'All dimensions.' })
  readonly dimensions: readonly MetricDimensionEntry[];

  @Field(() => [MetricGrainEnum], { description: 'How time can be cut.' })
  readonly grains: readonly MetricGrain[] = metricGrains;

  @Field(() => MetricLimits, { description: 'What one query may ask for.' })
  readonly limits: Limits;

  constructor(catalog: Catalog, limits: Limits) {
    this.measures = catalog.measures.map((measure) => new MetricMeasureEntry(measure, catalog.dimensionsOf(measure)));
    this.dimensions = catalog.dimensions.map((dimension) => new MetricDimensionEntry(dimension));
    this.limits = limits;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A column of an answer.' })
export class MetricColumn implements TableColumn {
  @Field(() => String, {
    description: 'Such as `time`, `channel`, `net_revenue`, `net_revenue__previous`: the key in `objects`.',
  })
  readonly name!: string;

  @Field(() => MetricColumnKindEnum, { description: 'What it is about.' })
  readonly kind!: TableColumn['kind'];

  @Field(() => MetricColumnTypeEnum, { description: 'What its values are.' })
  readonly type!: MetricColumnType;

  @Field(() => String, {
    nullable: true,
    description: 'Such as `EUR` or `hours`. Null: a mere number, text, or amounts of the currency in the same row.',
  })
  readonly unit!: string | null;

  @Field(() => String, { description: 'What it says.' })
  readonly description!: string;
}

@ObjectType({ simpleResolvers: true, description: 'Something that whoever reads the numbers should know.' })
export class MetricWarning implements TableWarning {
  @Field(() => MetricWarningCodeEnum, { description: 'What it is.' })
  readonly code!: MetricWarningCode;

  @Field(() => String, { description: 'For people.' })
  readonly message!: string;

  @Field(() => [String], { description: 'Names of the columns that it is about. Empty: all of them.' })
  readonly columns!: readonly string[];
}

@ObjectType({ simpleResolvers: true, description: 'How an answer came about.' })
export class MetricCacheFacts {
  @Field(() => Boolean, {
    description: 'It had been computed before, and nothing has happened since that could change it. Never an old one.',
  })
  readonly hit!: boolean;

  @Field(() => DateTime, { description: 'When it was computed.' })
  readonly computedAt!: Date;
}

@ObjectType({ simpleResolvers: true, description: 'What a base of measures was answered from.' })
export class MetricBaseSource {
  @Field(() => MetricBaseEnum, { description: 'The base.' })
  readonly base!: string;

  @Field(() => MetricSourceEnum, { description: 'What was added up.' })
  readonly source!: MetricSource;
}

@ObjectType({ simpleResolvers: true, description: 'How fresh numbers are.' })
export class MetricFreshness {
  @Field(() => DateTime, { description: 'Everything that was acknowledged by then is in them.' })
  readonly factsAt!: Date;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When customers were scored last. Null: no score is in the numbers, or nobody has been scored.',
  })
  readonly scoredAt!: Date | null;
}

@ObjectType({ simpleResolvers: true, description: 'Where a page lies in the answer.' })
export class MetricPageInfo {
  @Field(() => Boolean, { description: 'There is more after `endCursor`.' })
  readonly hasNextPage!: boolean;

  @Field(() => Cursor, { nullable: true, description: 'Of the last row; null on an empty page.' })
  readonly endCursor!: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'The answer to a question about numbers.' })
export class MetricTable {
  @Field(() => [MetricColumn], { description: 'What stands in which place of a row.' })
  readonly columns: readonly TableColumn[];

  @Field(() => [JsonValue], { description: 'Rows, each an array of as many values as there are columns.' })
  readonly rows: readonly Scalar[][];

  @Field(() => [JsonObjectValue], { description: 'The same rows as objects, by the names of the columns.' })
  readonly objects: readonly JsonObject[];

  @Field(() => JsonObjectValue, {
    nullable: true,
    description: 'Each measure over all rows, whatever the page, by the names of the columns. Null: not asked for.',
  })
  readonly totals: JsonObject | null;

  @Field(() => DateTime, { description: 'The numbers are those of this instant.' })
  readonly asOf: Date;

  @Field(() => String, {
    description: 'Names the question: the same one, in whatever words, has the same name. Pages share it.',
  })
  readonly queryHash: string;

  @Field(() => MetricCacheFacts, { description: 'How the answer came about.' })
  readonly cache: Table['cache'];

  @Field(() => [MetricBaseSource], { description: 'What it was answered from.' })
  readonly sources: Table['sources'];

  @Field(() => MetricFreshness, { description: 'How fresh the numbers are.' })
  readonly freshness: Table['freshness'];

  @Field(() => MetricPageInfo, { description: 'Where this page lies in the answer.' })
  readonly pageInfo: Table['pageInfo'];

  @Field(() => Int, { description: 'Rows of the page with numbers about fewer than five, which are left out.' })
  readonly suppressedRows: number;

  @Field(() => [MetricWarning], { description: 'What whoever reads the numbers should know.' })
  readonly warnings: readonly TableWarning[];

  constructor(table: Table) {
    const rounded = new Set<string>();
    const read = (row: MetricRow) => row.map((value, index) => scalarOf(value, table.columns[index]!, rounded));
    this.columns = table.columns;
    this.rows = table.rows.map(read);
    this.totals =
      table.totals &&
      objectOf(table.columns, read(table.totals), ({ kind }) => kind !== 'TIME' && kind !== 'DIMENSION');
    this.asOf = table.asOf;
    this.queryHash = table.queryHash;
    this.cache = table.cache;
    this.sources = table.sources;
    this.freshness = table.freshness;
    this.pageInfo = table.pageInfo;
    this.suppressedRows = table.suppressedRows;
    this.warnings = rounded.size === 0 ? table.warnings : [...table.warnings, roundedWarning([...rounded])];
    this.objects = this.rows.map((row) => objectOf(table.columns, row));
  }
}

type Scalar = string | number | null;

/** JavaScript's numbers, and those of most readers of JSON, have 15 decimal digits for certain. */
const exactDigits = 15;

function scalarOf(value: MetricValue, { name, type }: TableColumn, rounded: Set<string>): Scalar {
  if (value === null || typeof value === 'number') return value;
  if (value instanceof Date) return value.toISOString();
  if (type !== 'COUNT' && type !== 'DECIMAL') return value;
  if (value.replace(/^-?0*\.?0*|\./g, '').length > exactDigits) rounded.add(name);
  return Number(value);
}

function objectOf(
  columns: readonly TableColumn[],
  row: readonly Scalar[],
  has: (column: TableColumn) => boolean = () => true,
): JsonObject {
  return Object.fromEntries(
    columns.flatMap((column, index) => (has(column) ? [[column.name, row[index]!] as const] : [])),
  );
}

function roundedWarning(columns: string[]): TableWarning {
  const message = 'Some numbers have more than 15 digits, which JSON numbers have not. Downloads have all digits.';
  return { code: 'ROUNDED', message, columns };
}
