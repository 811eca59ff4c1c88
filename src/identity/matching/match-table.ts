import { Dictionary, DictionaryBuilder, type DictionaryParts, sharedInts } from './dictionary.ts';
import type { FieldKind, MatchField, MatchRow, MatchSchema } from './match-model.ts';
import { normaliseValue } from './normalise-value.ts';

/** The values of a field by row, as numbers of a dictionary; −1 is unknown. */
export interface MatchColumn {
  readonly field: MatchField;
  readonly codes: Int32Array;
  /** Names have one dictionary, so that a given name can be looked up among family names by its number. */
  readonly values: Dictionary;
}

/** Records in columns, in the order of their ids: nothing that is computed depends on the order of arrival. */
export interface MatchTable {
  readonly rows: number;
  readonly ids: readonly string[];
  /** By row; −1 where no source was given. */
  readonly sources: Int32Array;
  readonly sourceNames: readonly string[];
  readonly columns: readonly MatchColumn[];
}

export function buildMatchTable(schema: MatchSchema, rows: Iterable<MatchRow>): MatchTable {
  const builder = new TableBuilder(schema);
  for (const row of rows) builder.add(row);
  return builder.build();
}

export function findColumn(table: MatchTable, field: string): MatchColumn {
  const column = table.columns.find((candidate) => candidate.field.name === field);
  if (!column) throw new RangeError(`The table has no field "${field}".`);
  return column;
}

/** The text that was compared; null if it is unknown. */
export function textOf(column: MatchColumn, row: number): string | null {
  const code = column.codes[row]!;
  return code < 0 ? null : column.values.text(code);
}

/** Takes rows as they come, so that nobody has to hold all of them. */
export class TableBuilder {
  readonly #schema: MatchSchema;
  readonly #dictionaries: DictionaryBuilder[];
  readonly #sourceCodes = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #sources: number[] = [];
  readonly #codes: GrowingInts[];

  constructor(schema: MatchSchema) {
    this.#schema = schema;
    const names = new DictionaryBuilder();
    this.#dictionaries = schema.map(({ kind }) => (isNamePart(kind) ? names : new DictionaryBuilder()));
    this.#codes = schema.map(() => new GrowingInts());
  }

  add({ id, source, values }: MatchRow): void {
    this.#ids.push(id);
    this.#sources.push(source === null || source === undefined ? -1 : this.#sourceCode(source));
    for (const [at, { kind }] of this.#schema.entries()) {
      const text = normaliseValue(kind, values[at]);
      this.#codes[at]!.push(text === null ? -1 : this.#dictionaries[at]!.encode(text));
    }
  }

  build(): MatchTable {
    const order = orderOf(this.#ids);
    const built = new Map(this.#dictionaries.map((dictionary) => [dictionary, dictionary.build()]));
    return {
      rows: order.length,
      ids: Array.from(order, (row) => this.#ids[row]!),
      sources: arrange(order, this.#sources),
      sourceNames: [...this.#sourceCodes.keys()],
      columns: this.#schema.map((field, at) => ({
        field,
        codes: arrange(order, this.#codes[at]!.values()),
        values: built.get(this.#dictionaries[at]!)!,
      })),
    };
  }

  #sourceCode(source: string): number {
    const code = this.#sourceCodes.get(source) ?? this.#sourceCodes.size;
    this.#sourceCodes.set(source, code);
    return code;
  }
}

function isNamePart(kind: FieldKind): boolean {
  return kind === 'givenName' || kind === 'familyName';
}

function orderOf(ids: readonly string[]): Int32Array {
  const order = Int32Array.from(ids, (_, row) => row);
  return order.sort((a, b) => (ids[a]! < ids[b]! ? -1 : ids[a]! > ids[b]! ? 1 : 0));
}

function arrange(order: Int32Array, values: ArrayLike<number>): Int32Array {
  const arranged = sharedInts(order.length);
  for (let row = 0; row < order.length; row++) arranged[row] = values[order[row]!]!;
  return arranged;
}

class GrowingInts {
  #values = new Int32Array(1024);
  #count = 0;

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Int32Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  values(): Int32Array {
    return this.#values.subarray(0, this.#count);
  }
}

/** A table as it travels to another thread: the columns' memory is shared, not copied. */
export interface TableParts extends Omit<MatchTable, 'columns'> {
  readonly columns: readonly ColumnParts[];
  readonly dictionaries: readonly DictionaryParts[];
}

interface ColumnParts {
  readonly field: MatchField;
  readonly codes: Int32Array;
  readonly dictionary: number;
}

export function dismantleTable(table: MatchTable): TableParts {
  const dictionaries = [...new Set(table.columns.map(({ values }) => values))];
  return {
    ...table,
    // Threads speak of rows; the ids would be copied for nothing.
    ids: [],
    columns: table.columns.map(({ field, codes, values }) => ({
      field,
      codes,
      dictionary: dictionaries.indexOf(values),
    })),
    dictionaries: dictionaries.map((dictionary) => dictionary.parts()),
  };
}

export function assembleTable({ dictionaries, columns, ...rest }: TableParts): MatchTable {
  const built = dictionaries.map((parts) => new Dictionary(parts));
  return {
    ...rest,
    columns: columns.map(({ field, codes, dictionary }) => ({ field, codes, values: built[dictionary]! })),
  };
}
