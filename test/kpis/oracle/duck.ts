import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export type DuckValue = string | number | boolean | null;
export type DuckRow = Readonly<Record<string, DuckValue>>;

/** Another database, in memory: what knows nothing of PostgreSQL, nor of our SQL. */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  static async open(): Promise<Duck> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const duck = new Duck(instance, await instance.connect());
    await duck.run(`set TimeZone = 'UTC'`);
    return duck;
  }

  async run(sql: string): Promise<void> {
    await this.#connection.run(sql);
  }

  /** Fills a table with rows in JSON. Columns: name → type. */
  async fill(table: string, columns: Readonly<Record<string, string>>, json: string): Promise<void> {
    const read = JSON.stringify([Object.fromEntries(Object.keys(columns).map((name) => [name, 'VARCHAR']))]);
    const typed = Object.entries(columns).map(([name, type]) => `row.${name}::${type} as ${name}`);
    await this.#connection.run(
      `create or replace table ${table} as
       select ${typed.join(', ')} from (select unnest(from_json($json::json, '${read}')) as row)`,
      { json },
    );
  }

  /** Rows with values as JSON has them: what is no number for JavaScript is text. */
  async rows(sql: string): Promise<DuckRow[]> {
    const reader = await this.#connection.runAndReadAll(sql);
    return reader.getRowObjectsJson() as DuckRow[];
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}

/** Text as a literal. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
