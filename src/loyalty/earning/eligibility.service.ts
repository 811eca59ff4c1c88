import { type Compilers, compileForEach } from '../../conditions/condition-statement.queries.ts';
import { evaluate, type Verdicts as Judged } from '../../conditions/evaluation.queries.ts';
import type { ConditionStatement } from '../../conditions/statement-parameters.queries.ts';
import type { Database } from '../../kernel/database.ts';
import { canonicalJson } from '../../kernel/json.ts';
import type { EarningRule, Program } from '../program.ts';

interface Compiled {
  /** The place of a condition in the statement, by its canonical text. */
  readonly places: ReadonlyMap<string, number>;
  readonly statement: ConditionStatement;
}

export interface EligibilityQuestion {
  readonly program: Program;
  readonly customerIds: readonly string[];
  readonly now: Date;
}

/** Who is eligible for which rules, by everything that is known of them now: one statement for a programme. */
export class Eligibility {
  readonly #compilers: Compilers;
  readonly #timeZone: string;
  readonly #compiled = new WeakMap<Program, Compiled>();

  constructor(compilers: Compilers, timeZone: string) {
    this.#compilers = compilers;
    this.#timeZone = timeZone;
  }

  async ask(db: Database, { program, customerIds, now }: EligibilityQuestion): Promise<Eligible> {
    const { places, statement } = this.#compile(program);
    const moment = { now, timeZone: this.#timeZone };
    const rows = await evaluate(db, statement, { ids: customerIds, moment });
    return new Eligible(places, new Map(rows.map((row) => [row.id, row])));
  }

  #compile(program: Program): Compiled {
    const known = this.#compiled.get(program);
    if (known) return known;
    const conditions = new Map(
      program.versions
        .flatMap(({ definition }) => definition.rules)
        .flatMap(({ eligibility }) =>
          eligibility ? [[canonicalJson(eligibility.resolved), eligibility.resolved]] : [],
        ) as [],
    ) as Map<string, NonNullable<EarningRule['eligibility']>['resolved']>;
    const places = new Map([...conditions.keys()].map((text, place) => [text, place]));
    const compiled = { places, statement: compileForEach([...conditions.values()], this.#compilers) };
    this.#compiled.set(program, compiled);
    return compiled;
  }
}

/** The answer: who is eligible. */
export class Eligible {
  readonly #places: ReadonlyMap<string, number>;
  readonly #rows: ReadonlyMap<string, Judged>;

  constructor(places: ReadonlyMap<string, number>, rows: ReadonlyMap<string, Judged>) {
    this.#places = places;
    this.#rows = rows;
  }

  has(customerId: string, { eligibility }: EarningRule): boolean {
    if (eligibility === null) return true;
    const place = this.#places.get(canonicalJson(eligibility.resolved));
    return place !== undefined && (this.#rows.get(customerId)?.verdict(place) ?? false);
  }
}
