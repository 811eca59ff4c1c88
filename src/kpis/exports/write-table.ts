import { writeArrow } from './arrow-writer.ts';
import { writeCsv } from './csv-writer.ts';
import type { ExportFormat } from './export-format.ts';
import type { ExportTable, WriteOptions } from './export-table.ts';
import { writeJson, writeNdjson } from './json-writer.ts';

type Write = (table: ExportTable, options: WriteOptions) => AsyncGenerator<string | Uint8Array>;

const writers: Readonly<Record<ExportFormat, Write>> = {
  csv: writeCsv,
  ndjson: writeNdjson,
  json: writeJson,
  arrow: writeArrow,
};

/** The bytes of a table, a page at a time. Ends the pages when its reader ends early. */
export function writeTable(
  table: ExportTable,
  format: ExportFormat,
  options: WriteOptions,
): AsyncGenerator<string | Uint8Array> {
  return writers[format](table, options);
}
