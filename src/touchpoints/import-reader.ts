import type { Readable } from 'node:stream';
import { type CsvError, type Info, parse } from 'csv-parse';
import { badInput } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import { invalidBytes } from './import-bytes.ts';
import { type CsvFormat, columnsNamed, type ImportMapping } from './import-mapping.ts';
import type { BrokenRow, Row } from './import-row.ts';

/** More than this in one row is no row, but a quote that was never closed, or another kind of file. */
const maximumRowBytes = 1 << 20;

/** The rows of a file, one at a time; a row that can't be read comes as a {@link BrokenRow}. */
export function readRows(content: Readable, mapping: ImportMapping): AsyncGenerator<Row | BrokenRow> {
  return mapping.format.type === 'csv' ? readCsv(content, mapping, mapping.format) : readNdjson(content);
}

type CsvRecord = { record: string[]; info: Info };

async function* readCsv(content: Readable, mapping: ImportMapping, format: CsvFormat): AsyncGenerator<Row | BrokenRow> {
  // Node forwards no errors along a pipe; destroying the parser with it ends the loop below with that error.
  const parser = parse({
    delimiter: format.delimiter,
    info: true,
    // Trimming on the right as well would make an error of every stray quote.
    ltrim: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: maximumRowBytes,
  });
  content.on('error', (error) => parser.destroy(error));
  let failure: CsvError | undefined;
  parser.on('skip', (error: CsvError) => {
    failure ??= error;
  });
  let columns = format.columns && checkColumns(format.columns, mapping);
  const lines = new LineCount();
  for await (const { record, info } of content.pipe(parser) as AsyncIterable<CsvRecord>) {
    const line = lines.startOf(record, info.lines);
    if (columns) yield toRow(record, line, columns, format.nulls);
    else columns = checkColumns(record, mapping);
  }
  if (failure) yield* brokenEnd(failure, lines);
}

/** Where records start. The parser counts to where they end, and takes CR LF inside quotes for two ends of line. */
class LineCount {
  #parserLines = 0;
  #surplus = 0;

  get last(): number {
    return this.#parserLines - this.#surplus;
  }

  startOf(record: readonly string[], parserLines: number): number {
    const spread = parserLines - this.#parserLines;
    this.#parserLines = parserLines;
    if (spread === 1) return this.last;
    const breaks = record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
    this.#surplus += record.reduce((sum, cell) => sum + (cell.match(/\r\n/g)?.length ?? 0), 0);
    return this.last - breaks;
  }
}

function* brokenEnd(failure: CsvError, lines: LineCount): Generator<BrokenRow> {
  const line = lines.last + 1;
  if (failure.code !== 'CSV_QUOTE_NOT_CLOSED') {
    throw badInput(
      `From line ${line} on this is no CSV: ${failure.message}. Is a quote never closed, or the delimiter another?`,
      'file',
    );
  }
  const reason = `A quote that opens in the row of line ${line} is never closed: the file can't be read from there to its end.`;
  yield { line, values: {}, broken: { code: 'QUOTE_NOT_CLOSED', reason } };
}

function checkColumns(columns: string[], mapping: ImportMapping): string[] {
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw badInput(`The file has two columns named "${twice}".`, 'file');
  const missing = columnsNamed(mapping).filter(({ column }) => !columns.includes(column));
  if (missing.length === 0) return columns;
  const problems = missing.map(({ column, path }) => `${path}: the file has no column "${column}"`);
  throw badInput(
    `The mapping doesn't fit the file:\n  ${problems.join('\n  ')}\nIts columns are: ${columns.join(', ')}`,
    missing[0]?.path,
  );
}

function toRow(
  record: readonly string[],
  line: number,
  columns: readonly string[],
  nulls: readonly string[],
): Row | BrokenRow {
  const values: Record<string, Json> = {};
  for (const [at, column] of columns.entries()) {
    const cell = record[at]?.trim() ?? '';
    values[column] = nulls.includes(cell) ? '' : cell;
  }
  if (record.length !== columns.length) {
    const reason = `Expected ${columns.length} columns, got ${record.length}.`;
    return { line, values, broken: { code: 'WRONG_COLUMN_COUNT', reason } };
  }
  if (record.some((cell) => cell.includes(invalidBytes))) return { line, values, broken: invalidUtf8 };
  return { line, values };
}

const invalidUtf8 = { code: 'INVALID_UTF8', reason: 'The row has bytes that are no UTF-8 text.' };

async function* readNdjson(content: Readable): AsyncGenerator<Row | BrokenRow> {
  for await (const { line, text } of readLines(content)) {
    if (text === undefined)
      yield { line, values: {}, broken: { code: 'ROW_TOO_LARGE', reason: `A row may have ${maximumRowBytes} bytes.` } };
    else if (text.trim() !== '') yield parseObject(text, line);
  }
}

function parseObject(text: string, line: number): Row | BrokenRow {
  if (text.includes(invalidBytes)) return { line, values: {}, broken: invalidUtf8 };
  try {
    const values = JSON.parse(text) as Json;
    if (values !== null && typeof values === 'object' && !Array.isArray(values)) return { line, values };
  } catch {
    // Said below, in the words of this file instead of the parser's.
  }
  return { line, values: {}, broken: { code: 'INVALID_JSON', reason: 'The line is no JSON object.' } };
}

/** Lines without their ends; `text` is undefined for one that is too long to be held. */
async function* readLines(content: Readable): AsyncGenerator<{ line: number; text: string | undefined }> {
  let line = 0;
  let start: string | undefined = '';
  for await (const chunk of content.setEncoding('utf8') as AsyncIterable<string>) {
    const [head = '', ...tail] = chunk.split('\n');
    start = longer(start, head);
    for (const next of tail) {
      line += 1;
      yield { line, text: start };
      start = next;
    }
  }
  if (start !== '') yield { line: line + 1, text: start };
}

function longer(start: string | undefined, more: string): string | undefined {
  return start === undefined || start.length + more.length > maximumRowBytes ? undefined : start + more;
}
