import { cursorInvalid } from '../../kernel/paging.ts';
import { type MeasureFormat, unitOf } from './catalogue/measure.ts';
import { isMoney } from './metric-catalog.ts';
import type { MetricQuestion } from './metric-question.ts';
import { orderColumnOf, type StatementRow, type ValueColumn, valueColumnsOf } from './metric-statement.ts';
import type { MetricColumn, MetricColumnType, MetricRow, MetricValue } from './metric-table.ts';

/** `currency`: the one that all amounts are of; null: several, or not known. */
export function columnsOf(question: MetricQuestion, currency: string | null): MetricColumn[] {
  return [
    ...(question.period?.grain ? [timeColumn] : []),
    ...question.dimensions.map(
      ({ key, description }): MetricColumn => ({
        name: key.toLowerCase(),
        kind: 'DIMENSION',
        type: 'TEXT',
        unit: null,
        description,
      }),
    ),
    ...valueColumnsOf(question).map((column) => valueColumn(question, column, currency)),
  ];
}

const timeColumn: MetricColumn = {
  name: 'time',
  kind: 'TIME',
  type: 'TIME',
  unit: null,
  description: 'When the bucket begins.',
};

const partNames: Readonly<Record<ValueColumn['part'], { readonly suffix: string; readonly text: string }>> = {
  VALUE: { suffix: '', text: '' },
  NUMERATOR: { suffix: '__numerator', text: 'Numerator: ' },
  DENOMINATOR: { suffix: '__denominator', text: 'Denominator: ' },
  N: { suffix: '__n', text: 'Observations: ' },
  ERROR: { suffix: '__se', text: 'Standard error: ' },
  PREVIOUS: { suffix: '__previous', text: 'In the period to compare with: ' },
};

function valueColumn({ measures }: MetricQuestion, { measure: place, part }: ValueColumn, currency: string | null) {
  const measure = measures[place]!;
  const { suffix, text } = partNames[part];
  const isValue = part === 'VALUE' || part === 'PREVIOUS';
  const amount =
    (isValue && measure.format === 'MONEY') ||
    (part === 'NUMERATOR' && isMoney(measure)) ||
    (part === 'DENOMINATOR' && measure.kind === 'RATIO' && measure.moneyParts === true);
  const column: MetricColumn = {
    name: `${measure.key.toLowerCase()}${suffix}`,
    kind: part === 'VALUE' ? 'MEASURE' : part === 'PREVIOUS' ? 'COMPARISON' : 'PART',
    type: part === 'N' ? 'COUNT' : isValue ? typeOf(measure.format) : 'DECIMAL',
    unit: amount ? currency : isValue ? unitOf(measure.format) : null,
    description: `${text}${measure.description}`,
  };
  return column;
}

function typeOf(format: MeasureFormat): MetricColumnType {
  return format === 'COUNT' || format === 'POINTS' ? 'COUNT' : 'DECIMAL';
}

/** The values of a row of the statement, in the order of the columns; of totals, null for time and dimensions. */
export function rowReader(
  question: MetricQuestion,
  columns: readonly MetricColumn[],
  kind: 'ROWS' | 'TOTALS' = 'ROWS',
): (row: StatementRow) => MetricRow {
  const { period, dimensions } = question;
  const hasTime = period?.grain != null;
  const before = (hasTime ? 1 : 0) + dimensions.length;
  const types = columns.slice(before).map(({ type }) => type);
  const keys = kind === 'TOTALS' ? () => new Array<MetricValue>(before).fill(null) : keysOf;

  function keysOf(row: StatementRow): MetricValue[] {
    const values = dimensions.map((_, index) => row[`d${index}`] as string | null);
    return hasTime ? [period.starts[row.t! - 1]!, ...values] : values;
  }
  return (row) => [...keys(row), ...types.map((type, index) => numberOf(row[`v${index}`] as string | null, type))];
}

function numberOf(text: string | null, type: MetricColumnType): MetricValue {
  if (text === null || type !== 'COUNT') return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : text;
}

/** Where a row stands in the order of its query. */
export function cursorOf(question: MetricQuestion, row: StatementRow): string {
  const values = valueColumnsOf(question);
  const place = question.order.map((one) => row[orderColumnOf(one, values)] ?? null);
  return Buffer.from(JSON.stringify([question.hash, ...place])).toString('base64url');
}

/** Throws `CURSOR_INVALID` for what is none, and for that of another question. */
export function placeOf(question: MetricQuestion): (string | number | null)[] | null {
  if (question.after === null) return null;
  const [hash, ...place] = parsed(question.after);
  const values = valueColumnsOf(question);
  if (hash !== question.hash) throw cursorInvalid('This cursor is of another query, or of none.', 'after');
  const fits =
    place.length === question.order.length &&
    question.order.every((one, index) => isOf(orderColumnOf(one, values), place[index]));
  if (!fits) throw cursorInvalid('This is no cursor of this query.', 'after');
  return place as (string | number | null)[];
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = cursor.length > 20_000 ? null : JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isOf(column: string, value: unknown): boolean {
  if (column === 't') return Number.isSafeInteger(value) && Math.abs(value as number) < 1e6;
  if (value === null) return true;
  if (typeof value !== 'string' || value.includes('\0')) return false;
  return column.startsWith('d') || /^-?\d{1,40}(\.\d{1,40})?$/.test(value);
}
