import type { Condition } from '../conditions/condition.ts';
import { type Compilers, compileForEach } from '../conditions/condition-statement.queries.ts';
import type { RegisteredLeaf } from '../conditions/core-leaves.queries.ts';
import { evaluate, type Verdicts } from '../conditions/evaluation.queries.ts';
import { ConditionLanguage } from '../conditions/language.ts';
import type { Dependence, Needs } from '../conditions/leaf-kind.ts';
import type { ConditionStatement } from '../conditions/statement-parameters.queries.ts';
import type { NewChange } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';
import type { Ids } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { type Reach, reachOf } from './condition-reach.ts';
import { type BookPages, type BookState, holdBook, type LiveVersion, loadBook } from './segment-book.queries.ts';
import { concerns, expand, groupByNeeds, startsOf, type Touch } from './segment-book.ts';
import type { Caused } from './segment-cause.ts';
import { SegmentChanges } from './segment-changes.ts';
import { lockCompany } from './segment-company.queries.ts';
import { deleteStatesOf, findStates, type SegmentState } from './segment-states.queries.ts';
import { writeChanges } from './segment-writer.service.ts';

export interface EvaluatorOptions {
  readonly leaves: readonly RegisteredLeaf[];
  readonly timeZone: string;
}

/** A live version with its condition in full: the segments that it names are written out. */
export interface BookEntry extends LiveVersion {
  readonly condition: Condition;
  readonly needs: Needs;
  readonly reach: Reach;
}

interface Group {
  readonly needs: Needs;
  readonly entries: readonly BookEntry[];
  readonly dependences: readonly Dependence[];
  readonly statement: ConditionStatement;
}

interface Book {
  readonly revision: number;
  readonly groups: readonly Group[];
}

/** What happened to customers, whose rows are locked. */
export interface Occasion {
  readonly at: Date;
  readonly touches: readonly Touch[];
  /** Why, for each of them. */
  causeOf(customerId: string): Caused;
  /** Customers that are no more, with the one who took their place. */
  readonly absorbed?: readonly { readonly id: string; readonly into: string }[];
  /** Only what is evaluated together with one of these segments. */
  readonly only?: ReadonlySet<string>;
  /** Stored instants are due: they are made what they are. */
  readonly exactly?: boolean;
  /** Takes what is written without being waited for. */
  alongside?(statements: Promise<unknown>): void;
}

/**
 * Evaluates live segments for customers whose facts have changed or whose time has come, in the caller's transaction. The
 * number of statements depends on the segments there are, never on the customers.
 */
export class SegmentEvaluator {
  readonly language: ConditionLanguage;
  readonly compilers: Compilers;
  readonly timeZone: string;
  readonly #ids: Ids;
  #book: Book | undefined;

  constructor({ leaves, timeZone }: EvaluatorOptions, ids: Ids) {
    this.language = new ConditionLanguage(leaves.map(({ kind }) => kind));
    this.compilers = new Map(leaves.map(({ kind, compile }) => [kind.name, compile]));
    this.timeZone = timeZone;
    this.#ids = ids;
  }

  /** Answers what changed, for the change feed. */
  async evaluate(tx: Tx, occasion: Occasion): Promise<NewChange[]> {
    // Whatever else the transaction does: the plans of these statements are kept, and have to be those for a few customers.
    const [, state] = await Promise.all([lookUpByIndex(tx), holdBook(tx)]);
    const book = await this.#openBook(tx, state);
    const { at, absorbed = [], exactly, only } = occasion;
    const groups = only
      ? book.groups.filter(({ entries }) => entries.some(({ segmentId }) => only.has(segmentId)))
      : book.groups;
    if (groups.length === 0 && absorbed.length === 0) return [];
    const changes = new SegmentChanges(at, { exactly });
    if (absorbed.length > 0) await this.#forget(tx, absorbed, changes);
    const asked = groups
      .map((group) => ({ group, ids: this.#concerned(group, occasion) }))
      .filter(({ ids }) => ids.length > 0);
    if (asked.length > 0) await this.#ask(tx, { asked, occasion, applied: state.applied }, changes);
    const { feed, written } = writeChanges(tx, this.#ids, at, changes);
    if (occasion.alongside) occasion.alongside(written);
    else await written;
    return feed;
  }

  #concerned({ needs, dependences }: Group, { touches, at }: Occasion): string[] {
    const starts = startsOf(dependences, { now: at, timeZone: this.timeZone });
    return touches.filter((touch) => concerns(touch, { needs, starts })).map(({ customerId }) => customerId);
  }

  async #openBook(tx: Tx, { revision }: BookState): Promise<Book> {
    if (this.#book?.revision === revision) return this.#book;
    const pages = await loadBook(tx);
    const entries = pages.live.map((live) => {
      const condition = expandWith(pages, live);
      return { ...live, condition, needs: this.language.needs(condition), reach: reachOf(condition) };
    });
    const groups = groupByNeeds(entries)
      .filter((group) => group.entries.length > 0)
      .map((group) => ({
        ...group,
        dependences: group.entries.flatMap(({ condition }) => this.language.dependences(condition)),
        statement: compileForEach(
          group.entries.map(({ condition }) => condition),
          this.compilers,
        ),
      }));
    this.#book = { revision, groups };
    return this.#book;
  }

  async #forget(tx: Tx, absorbed: NonNullable<Occasion['absorbed']>, changes: SegmentChanges): Promise<void> {
    const survivorOf = new Map(absorbed.map(({ id, into }) => [id, into]));
    changes.forget([...survivorOf.keys()]);
    for (const left of await deleteStatesOf(tx, [...survivorOf.keys()])) {
      changes.leave(left, { cause: 'MERGE', causeId: survivorOf.get(left.customerId) ?? null });
    }
  }

  async #ask(tx: Tx, { asked, occasion, applied }: Question, changes: SegmentChanges): Promise<void> {
    const moment = { now: occasion.at, timeZone: this.timeZone };
    const company = asked.filter(({ group }) => group.needs.members);
    const crowd = company.length > 0 ? await lockCompany(tx, union(company.map(({ ids }) => ids))) : [];
    const runs = asked.map(({ group, ids }) => ({ group, ids: group.needs.members ? crowd : ids }));
    const [states, ...answers] = await Promise.all([
      findStates(tx, union(runs.map(({ ids }) => ids))),
      ...runs.map(({ group, ids }) => evaluate(tx, group.statement, { ids, moment })),
    ]);
    for (const [index, { group }] of runs.entries()) {
      for (const verdicts of answers[index]!) {
        const stored = states.get(verdicts.id) ?? noStates;
        judge(changes, group.entries, { verdicts, stored, applied, causeOf: occasion.causeOf });
      }
    }
  }
}

const noStates: ReadonlyMap<string, SegmentState> = new Map();

interface Question {
  readonly asked: readonly { readonly group: Group; readonly ids: readonly string[] }[];
  readonly occasion: Occasion;
  readonly applied: BookState['applied'];
}

/** What was found of one customer, and what is stored. */
interface Found {
  readonly verdicts: Verdicts;
  readonly stored: ReadonlyMap<string, SegmentState>;
  readonly applied: BookState['applied'];
  readonly causeOf: Occasion['causeOf'];
}

/**
 * While a version is being applied, it counts for the customers up to its position, and the served one for the others.
 * What is found of a version that does not count yet is kept beside.
 */
function judge(changes: SegmentChanges, entries: readonly BookEntry[], found: Found): void {
  const { verdicts, stored, applied, causeOf } = found;
  const { id: customerId } = verdicts;
  for (let place = 0; place < entries.length; place += 1) {
    const { segmentId, version, served } = entries[place]!;
    const position = applied[segmentId];
    const isApplied = position != null && customerId <= position;
    const counts = served ? !isApplied : isApplied;
    if (served && !counts) continue;
    const state = stored.get(segmentId);
    const verdict = verdicts.verdict(place);
    const time = verdicts.next(place);
    // Nearly all of them: no member before, none now, and time alone makes none.
    if (counts && !verdict && time === null && !state) continue;
    const one = { segmentId, version, customerId, verdict, next: time === null ? null : new Date(time) };
    if (counts) changes.serve(one, state, causeOf(customerId));
    else changes.build(one);
  }
}

export function expandWith(
  { named }: BookPages,
  { definition, pins }: Pick<LiveVersion, 'definition' | 'pins'>,
): Condition {
  return expand(definition, pins, (id, version) =>
    named.find((one) => one.segmentId === id && one.version === version),
  );
}

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
