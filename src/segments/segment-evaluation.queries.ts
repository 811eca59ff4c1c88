import type { Moment } from '../conditions/moment.ts';
import type { ConditionStatement } from '../conditions/statement-parameters.queries.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { idColumn } from '../kernel/sql-array.ts';

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

/**
 * Everybody who shares a household or account with these customers, themselves included; locks the households and
 * accounts first, so that two who change at once see each other.
 */
export async function lockCompany(tx: Tx, ids: readonly string[]): Promise<string[]> {
  const [households, accounts] = await Promise.all([
    groupsOf(tx, tx`household_members`, tx`household_id`, ids),
    groupsOf(tx, tx`account_members`, tx`account_id`, ids),
  ]);
  if (households.length + accounts.length === 0) return [...ids];
  if (households.length > 0)
    await tx`select id from households where id = any(${households}::uuid[]) order by id for no key update`;
  if (accounts.length > 0)
    await tx`select id from accounts where id = any(${accounts}::uuid[]) order by id for no key update`;
  const rows = await tx<{ id: string }[]>`
    select r.customer_id as id
    from household_members m join records r on r.id = m.record_id
    where m.household_id = any(${households}::uuid[]) and r.customer_id is not null
    union
    select r.customer_id
    from account_members m join records r on r.id = m.record_id
    where m.account_id = any(${accounts}::uuid[]) and r.customer_id is not null`;
  return [...new Set([...ids, ...rows.map(({ id }) => id)])].sort();
}

async function groupsOf(
  tx: Tx,
  table: ReturnType<typeof fragment>,
  group: ReturnType<typeof fragment>,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select distinct m.${group} as id from records r join ${table} m on m.record_id = r.id
    where r.customer_id = any(${ids as string[]}::uuid[])`;
  return rows.map(({ id }) => id).sort();
}

function fragment(db: Database) {
  return db``;
}
