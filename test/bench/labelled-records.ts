import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';

/** Records whose persons are known: the columns without the truth, and the truth beside them. */
export interface LabelledRecords {
  readonly rows: number;
  /** Column name → values, null where there is none. */
  readonly columns: ReadonlyMap<string, readonly (string | null)[]>;
  /** The person of each row, as a number. Never shown to the matcher. */
  readonly entities: Int32Array;
}

/** Where a file keeps its truth: in a column, whole or the part that a pattern's first group finds, or beside it. */
export type TruthSource =
  | { readonly column: string; readonly pattern?: RegExp }
  | { readonly file: string; readonly rowColumn: string };

/** Reads a CSV file with a header. Values are trimmed; blank ones are null. */
export async function readLabelled(file: string, truth: TruthSource): Promise<LabelledRecords> {
  const rows: string[][] = parse(await readFile(file), { trim: true, skipEmptyLines: true });
  const [header = [], ...values] = rows;
  const columns = new Map(header.map((name, at) => [name, values.map((row) => row[at] || null)]));
  const entities = 'column' in truth ? labelsOf(columns, truth) : await pairsOf(values.length, truth);
  columns.delete('column' in truth ? truth.column : truth.rowColumn);
  return { rows: values.length, columns, entities };
}

type Columns = Map<string, (string | null)[]>;

function labelsOf(columns: Columns, { column, pattern }: { column: string; pattern?: RegExp }): Int32Array {
  const labels = columns.get(column);
  if (!labels) throw new Error(`There is no column ${column} to read the truth from.`);
  const numbers = new Map<string, number>();
  return Int32Array.from(labels, (label, row) => {
    const person = pattern ? pattern.exec(label ?? '')?.[1] : label;
    if (!person) throw new Error(`Row ${row + 1} does not say in ${column} who it is: ${label ?? 'nothing'}.`);
    const known = numbers.get(person) ?? numbers.size;
    numbers.set(person, known);
    return known;
  });
}

/** `{duplicate_pairs: [[row, row], …]}`: whatever pairs connect is one person. */
async function pairsOf(rows: number, { file }: { file: string }): Promise<Int32Array> {
  const { duplicate_pairs: pairs } = JSON.parse(await readFile(file, 'utf8')) as {
    duplicate_pairs: [number, number][];
  };
  const entities = Int32Array.from({ length: rows }, (_, row) => row);
  for (const [a, b] of pairs) {
    const [from, to] = [entities[b]!, entities[a]!];
    entities.forEach((entity, row) => {
      if (entity === from) entities[row] = to;
    });
  }
  return entities;
}
