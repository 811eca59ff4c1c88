import type { Moment } from './moment.ts';
import type { SqlValue } from './sql-scope.queries.ts';

/** What a statement is run for: the customers, and the present. */
export interface Run {
  readonly moment: Moment;
  /** Values of the parameters that come first, in order. */
  readonly input: readonly SqlValue[];
}

/** A statement that is put together once, and run for many moments and customers. */
export interface ConditionStatement {
  readonly text: string;
  values(run: Run): SqlValue[];
}

type Read = (moment: Moment) => SqlValue;

/**
 * The parameters of a statement, each once. While it is being written they stand in it as marks: what is asked for and
 * then not used gets no number, because PostgreSQL refuses a parameter that no text names.
 */
export class StatementParameters {
  readonly #reads: Read[] = [];
  readonly #marks = new Map<string, string>();

  constant(value: SqlValue, type: string): string {
    const spelled = value instanceof Date ? value.toISOString() : `${typeof value} ${value}`;
    return this.#mark(`constant ${type} ${spelled}`, type, () => value);
  }

  perRun(name: string, type: string, read: Read): string {
    return this.#mark(`moment ${type} ${name}`, type, read);
  }

  /** `inputs`: how many parameters come before these. */
  finish(marked: string, inputs: number): ConditionStatement {
    const used: Read[] = [];
    const numbers = new Map<string, number>();
    const text = marked.replace(/\u00ab(\d+)\u00bb/g, (_, place: string) => {
      if (!numbers.has(place)) numbers.set(place, inputs + used.push(this.#reads[Number(place)]!));
      return `$${numbers.get(place)}`;
    });
    return { text, values: ({ moment, input }) => [...input, ...used.map((read) => read(moment))] };
  }

  #mark(key: string, type: string, read: Read): string {
    const known = this.#marks.get(key);
    if (known) return known;
    const mark = `\u00ab${this.#reads.push(read) - 1}\u00bb::${type}`;
    this.#marks.set(key, mark);
    return mark;
  }
}
