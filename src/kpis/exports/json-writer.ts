import { cellText } from './cell-text.ts';
import type { Cell, ExportColumn, ExportRow, ExportTable, WriteOptions } from './export-table.ts';

type Options = Pick<WriteOptions, 'decimals'>;

/** One JSON object a line. Numbers keep all their digits; whoever reads them as binary fractions asks for text. */
export async function* writeNdjson(table: ExportTable, options: Options): AsyncGenerator<string> {
  const write = rowWriter(table.columns, options);
  for await (const page of table.pages) {
    let text = '';
    for (const row of page) text += `${write(row)}\n`;
    yield text;
  }
}

/** One JSON object: the columns, and `rows`, an array of objects. What Grafana's Infinity and Power BI read. */
export async function* writeJson(table: ExportTable, options: Options): AsyncGenerator<string> {
  const { columns, asOf, queryHash, pages } = table;
  const write = rowWriter(columns, options);
  const head = JSON.stringify({ asOf, ...(queryHash === null ? {} : { queryHash }), columns });
  let text = `${head.slice(0, -1)},"rows":[`;
  let separator = '\n';
  for await (const page of pages) {
    for (const row of page) {
      text += separator + write(row);
      separator = ',\n';
    }
    yield text;
    text = '';
  }
  yield `${text}\n]}\n`;
}

function rowWriter(columns: readonly ExportColumn[], { decimals }: Options): (row: ExportRow) => string {
  const keys = columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const values = columns.map(({ type }) => {
    if (type === 'DECIMAL' && decimals === 'EXACT') return quoted;
    return plainTypes.has(type) ? plain : quoted;
  });
  return (row) => {
    let text = '';
    for (let index = 0; index < keys.length; index += 1) text += keys[index]! + values[index]!(row[index] ?? null);
    return `${text}}`;
  };
}

/** Their text is JSON already. */
const plainTypes: ReadonlySet<string> = new Set(['COUNT', 'DECIMAL', 'FLOAT', 'BOOLEAN', 'JSON']);

/** JSON has no infinity and no NaN. */
const notJson = /^(NaN|-?Infinity)$/;

function plain(cell: Cell): string {
  const text = cellText(cell);
  return text === null || notJson.test(text) ? 'null' : text;
}

/** Short printable ASCII without quotes and backslashes: what keys and most values are. */
const needsNoEscape = /^[ !#-[\]-~]{0,64}$/;

function quoted(cell: Cell): string {
  const text = cellText(cell);
  if (text === null) return 'null';
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}
