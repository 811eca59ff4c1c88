import {
  Bool,
  type DataType,
  DateDay,
  Decimal,
  Field,
  Float64,
  Int64,
  makeBuilder,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow';
import { cellText } from './cell-text.ts';
import { decimalPrecision, decimalScale, decimalWords } from './decimal-words.ts';
import type { Cell, ExportColumn, ExportRow, ExportTable, WriteOptions } from './export-table.ts';

/**
 * An Arrow IPC stream, one record batch a page. Decimals are float64 unless asked for exactly: it is what pandas, NumPy and
 * Polars reckon with, and it keeps every amount of up to 15 digits. As decimal128 they become Python objects in pandas, which
 * most of its functions are slow with or refuse.
 */
export async function* writeArrow(
  table: ExportTable,
  { decimals }: Pick<WriteOptions, 'decimals'>,
): AsyncGenerator<Uint8Array> {
  const columns = table.columns.map((column) => arrowColumn(column, decimals));
  const writer = new PagedWriter();
  writer.begin(schemaOf(table, columns));
  for await (const page of table.pages) {
    if (page.length === 0) continue;
    // The schema goes out with it: until then an error can still be told as one.
    writer.write(batchOf(writer.schema, columns, page));
    yield writer.takeBytes();
  }
  writer.finish();
  yield writer.takeBytes();
}

interface ArrowColumn {
  readonly field: Field;
  readonly toArrow: (cell: Exclude<Cell, null>) => unknown;
}

function arrowColumn({ name, type, unit, description }: ExportColumn, decimals: WriteOptions['decimals']): ArrowColumn {
  const [arrowType, toArrow] = kinds[type === 'DECIMAL' && decimals === 'NUMBER' ? 'FLOAT' : type]();
  const metadata = new Map([['description', description], ...(unit === null ? [] : ([['unit', unit]] as const))]);
  return { field: new Field(name, arrowType, true, metadata), toArrow };
}

type Kind = () => [DataType, ArrowColumn['toArrow']];

const textual: Kind = () => [new Utf8(), cellText];

const kinds: Record<ExportColumn['type'], Kind> = {
  TEXT: textual,
  ID: textual,
  JSON: textual,
  TIME: () => [
    new TimestampMillisecond('UTC'),
    (cell) => (cell instanceof Date ? cell.getTime() : Date.parse(String(cell))),
  ],
  DATE: () => [new DateDay(), (cell) => new Date(String(cell))],
  COUNT: () => [new Int64(), (cell) => BigInt(String(cell))],
  FLOAT: () => [new Float64(), Number],
  DECIMAL: () => [new Decimal(decimalScale, decimalPrecision), (cell) => decimalWords(String(cell))],
  BOOLEAN: () => [new Bool(), (cell) => cell === true || cell === 'true'],
};

function schemaOf({ asOf, queryHash }: ExportTable, columns: readonly ArrowColumn[]): Schema {
  const metadata = new Map([
    ['asOf', asOf.toISOString()],
    ...(queryHash === null ? [] : ([['queryHash', queryHash]] as const)),
  ]);
  return new Schema(
    columns.map(({ field }) => field),
    metadata,
  );
}

function batchOf(schema: Schema, columns: readonly ArrowColumn[], page: readonly ExportRow[]): RecordBatch {
  const children = columns.map(({ field, toArrow }, index) => {
    const builder = makeBuilder({ type: field.type, nullValues: [null] });
    for (const row of page) {
      const cell = row[index] ?? null;
      builder.append(cell === null ? null : toArrow(cell));
    }
    return builder.finish().flush();
  });
  const data = makeData({ type: new Struct(schema.fields), length: page.length, nullCount: 0, children });
  return new RecordBatch(schema, data);
}

/**
 * Apache's writer puts bytes into a queue without bound, and does not tell when it is empty. This one gives them away after
 * each page, so a slow reader holds up the pages.
 */
class PagedWriter extends RecordBatchStreamWriter {
  #bytes: Uint8Array[] = [];
  #schema: Schema | undefined;

  get schema(): Schema {
    return this.#schema!;
  }

  begin(schema: Schema): void {
    this.#schema = schema;
    this.reset(this._sink, schema);
  }

  takeBytes(): Uint8Array {
    const bytes = Buffer.concat(this.#bytes);
    this.#bytes = [];
    return bytes;
  }

  protected override _write(chunk: ArrayBufferView | ArrayBuffer): this {
    const bytes = ArrayBuffer.isView(chunk)
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.from(chunk);
    if (this._started && bytes.byteLength > 0) {
      this.#bytes.push(bytes);
      this._position += bytes.byteLength;
    }
    return this;
  }
}
