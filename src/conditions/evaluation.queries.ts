import type { Database } from '../kernel/database.ts';
import { idColumn } from '../kernel/sql-array.ts';
import type { Moment } from './moment.ts';
import type { ConditionStatement } from './statement-parameters.queries.ts';

/**
 * What a statement for a few customers answers of one of them, by the place of its conditions. Read from the text of two
 * arrays where it is asked for: of tens of thousands of verdicts in a second, nearly all are what they were before.
 */
export class Verdicts {
  readonly id: string;
  /** `{t,f,…}` */
  readonly #verdicts: string;
  /** `{NULL,1764335520000,…}` */
  readonly #nexts: string;
  #times: readonly (number | null)[] | undefined;

  constructor({ id, verdicts, nexts }: { id: string; verdicts: string; nexts: string }) {
    this.id = id;
    this.#verdicts = verdicts;
    this.#nexts = nexts;
  }

  verdict(place: number): boolean {
    return this.#verdicts.charAt(1 + 2 * place) === 't';
  }

  /** Until when the verdict holds without an event, in milliseconds since 1970; null: for ever. */
  next(place: number): number | null {
    this.#times ??= this.#nexts
      .slice(1, -1)
      .split(',')
      .map((next) => (next === 'NULL' ? null : Number(next)));
    return this.#times[place] ?? null;
  }
}

export async function evaluate(
  db: Database,
  statement: ConditionStatement,
  { ids, moment, once = false }: { ids: readonly string[]; moment: Moment; once?: boolean },
): Promise<Verdicts[]> {
  const values = statement.values({ moment, input: [idColumn(ids, (id) => id)] });
  const rows = await db.unsafe<{ id: string; verdicts: string; nexts: string }[]>(statement.text, values as never[], {
    // Behind PgBouncer nothing is prepared; postgres.js lets a pool's `prepare: false` win. A connection keeps what it has
    // prepared for ever: not for a statement that is run once.
    prepare: !once,
  });
  return rows.map((row) => new Verdicts(row));
}
