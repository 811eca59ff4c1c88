import type { Condition } from '../../conditions/condition.ts';
import { compileForEach } from '../../conditions/condition-statement.queries.ts';
import { coreLeaves, type RegisteredLeaf } from '../../conditions/core-leaves.queries.ts';
import { evaluate } from '../../conditions/evaluation.queries.ts';
import type { FurtherFacts } from '../../conditions/facts.queries.ts';
import { factsOf } from '../../conditions/facts.service.ts';
import type { CustomerFacts } from '../../conditions/facts.ts';
import { ConditionLanguage } from '../../conditions/language.ts';
import type { Moment } from '../../conditions/moment.ts';
import type { ConditionStatement } from '../../conditions/statement-parameters.queries.ts';
import type { Database } from '../../kernel/database.ts';
import { canonicalJson } from '../../kernel/json.ts';
import { type Group, leavesIn, type Part, sortConditions } from './condition-parts.ts';
import type { Answers } from './expected-value.ts';
import type { Eligible } from './judge-offer.ts';
import type { FactsFound } from './knowledge.queries.ts';
import { type OfferTerms, readTerms } from './offer-terms.ts';
import { findOfferRevision, loadAnswers, loadOffers } from './offers.queries.ts';
import type { Found } from './person.queries.ts';

export interface OfferPages {
  readonly revision: number;
  /** All that are live, in order of id. */
  readonly offers: readonly OfferTerms[];
  readonly answers: ReadonlyMap<string, Answers>;
  readonly statements: readonly PreparedConditions[];
  /** What has to be read of customers beside the core's facts: what some condition asks for. */
  readonly further: readonly FurtherFacts[];
}

interface PreparedConditions extends Group {
  readonly statement: ConditionStatement;
  /** Offer → place of its condition. */
  readonly places: ReadonlyMap<string, number>;
}

export interface OfferBookOptions {
  readonly leaves: readonly RegisteredLeaf[];
  readonly timeZone: string;
  /** What leaves other than those of the core have to know of customers; without it, those are left to the database. */
  readonly further?: readonly FurtherFacts[];
  /** Customers of so many touchpoints are judged by the interpreter, those of more by the database. */
  readonly shortHistory?: number;
}

/** Of a statement with hundreds of expressions, getting ready takes longer than reading so many rows and judging them here. */
const defaultShortHistory = 150;

/** How long what came of earlier presentations is believed: rates move slowly. */
const answersMs = 60_000;
/** Of each offer: the last ones tell what it is worth now. */
const latestAnswers = 200;

/** The offers that are live, kept in memory with their conditions compiled, and read anew when they have changed. One for each process. */
export class OfferBook {
  readonly timeZone: string;
  readonly language: ConditionLanguage;
  readonly #compilers: Parameters<typeof compileForEach>[1];
  readonly #further: readonly FurtherFacts[];
  /** Kinds of leaves that can be judged by the facts that are loaded. */
  readonly #interpreted: ReadonlySet<string>;
  readonly shortHistory: number;
  #pages: OfferPages | undefined;
  #answersReadAt = 0;

  constructor({ leaves, timeZone, further = [], shortHistory = defaultShortHistory }: OfferBookOptions) {
    this.timeZone = timeZone;
    this.#further = further;
    this.#interpreted = new Set([...coreLeaves.map(({ kind }) => kind.name), ...further.map(({ leaf }) => leaf)]);
    this.shortHistory = shortHistory;
    this.language = new ConditionLanguage(leaves.map(({ kind }) => kind));
    this.#compilers = new Map(leaves.map(({ kind, compile }) => [kind.name, compile]));
  }

  /** As this process has read them last: a guess, to be compared with the revision that there is. Undefined where they have to be read. */
  latest(now: Date): OfferPages | undefined {
    return Math.abs(now.getTime() - this.#answersReadAt) < answersMs ? this.#pages : undefined;
  }

  /** As they are now: one statement, unless something has changed. */
  async open(db: Database, now: Date): Promise<OfferPages> {
    const revision = await findOfferRevision(db);
    const known = this.#pages;
    if (known?.revision !== revision) return this.#keep(await this.#read(db, revision, now), now);
    if (Math.abs(now.getTime() - this.#answersReadAt) < answersMs) return known;
    return this.#keep({ ...known, answers: await readAnswers(db, known.offers, now) }, now);
  }

  /** Whether judging these takes facts of customers, of those with a short history. */
  readsFacts(pages: Pick<OfferPages, 'statements'>, offers: readonly OfferTerms[]): boolean {
    return groupsOf(pages, offers).some(({ reach }) => reach === 'HISTORY');
  }

  /**
   * Which of these offers the customer may get by their conditions. `facts` where they were read; what they don't tell, the
   * database is asked: a few statements, however many offers there are.
   */
  async judge(
    db: Database,
    pages: Pick<OfferPages, 'statements'>,
    { offers, person: { customerId }, facts: found, now }: AskedAbout,
  ): Promise<Eligible> {
    const moment = { now, timeZone: this.timeZone };
    const facts = found && { ...factsOf(found.row), touchpoints: found.touchpoints, further: found.further };
    const judged = await Promise.all(
      groupsOf(pages, offers).map(async (prepared) => {
        const { places, reach } = prepared;
        const interpreted = facts && reach !== 'BEYOND';
        const holds = interpreted
          ? this.#interpret(prepared, facts, moment)
          : await askDatabase(db, prepared, { customerId, moment });
        return { places, holds };
      }),
    );
    return { has: (id) => judged.some(({ places, holds }) => places.has(id) && holds(places.get(id)!)) };
  }

  /** Each condition once, when it is first asked for. */
  #interpret({ parts }: PreparedConditions, facts: CustomerFacts, moment: Moment): (place: number) => boolean {
    const known: boolean[] = [];
    return (place) => {
      known[place] ??= this.#holds(parts[place]!.condition, facts, moment);
      return known[place];
    };
  }

  /** The same as the interpreter of the language, without what it finds out for people to read. */
  #holds(condition: Condition, facts: CustomerFacts, moment: Moment): boolean {
    if ('all' in condition) return condition.all.every((part) => this.#holds(part, facts, moment));
    if ('any' in condition) return condition.any.some((part) => this.#holds(part, facts, moment));
    if ('not' in condition) return !this.#holds(condition.not, facts, moment);
    return this.language.judge(condition, facts, moment).verdict;
  }

  async #read(db: Database, revision: number, now: Date): Promise<OfferPages> {
    const offers = (await loadOffers(db)).map(readTerms);
    const statements = this.#compile(offers);
    const leaves = new Set(statements.flatMap(({ parts }) => parts.flatMap(({ condition }) => leavesIn(condition))));
    const further = this.#further.filter(({ leaf }) => leaves.has(leaf));
    return { revision, offers, answers: await readAnswers(db, offers, now), statements, further };
  }

  #keep(pages: OfferPages, now: Date): OfferPages {
    this.#answersReadAt = now.getTime();
    this.#pages = pages;
    return pages;
  }

  #compile(offers: readonly OfferTerms[]): PreparedConditions[] {
    const conditions = new Map<string, Condition>();
    const offersOf = new Map<string, string[]>();
    for (const { offer } of offers) {
      const condition = offer.definition.eligibility?.resolved;
      if (!condition) continue;
      const key = canonicalJson(condition);
      conditions.set(key, condition);
      offersOf.set(key, [...(offersOf.get(key) ?? []), offer.id]);
    }
    const parts = [...conditions].map(
      ([key, condition]): Part => ({ key, condition, needs: this.language.needs(condition) }),
    );
    return sortConditions(parts, this.#interpreted).map((group) => ({
      ...group,
      statement: compileForEach(
        group.parts.map(({ condition }) => condition),
        this.#compilers,
      ),
      places: new Map(group.parts.flatMap(({ key }, place) => offersOf.get(key)!.map((id) => [id, place] as const))),
    }));
  }
}

interface AskedAbout {
  readonly offers: readonly OfferTerms[];
  readonly person: Pick<Found, 'customerId'>;
  readonly facts: FactsFound | null;
  readonly now: Date;
}

function groupsOf({ statements }: Pick<OfferPages, 'statements'>, offers: readonly OfferTerms[]): PreparedConditions[] {
  const asked = offers.filter(({ offer }) => offer.definition.eligibility !== null).map(({ offer }) => offer.id);
  return statements.filter(({ places }) => asked.some((id) => places.has(id)));
}

async function readAnswers(
  db: Database,
  offers: readonly OfferTerms[],
  now: Date,
): Promise<ReadonlyMap<string, Answers>> {
  const offerIds = offers.map(({ offer }) => offer.id);
  const rows = await loadAnswers(db, { offerIds, latest: latestAnswers, now });
  return new Map(rows.map(({ offerId, ...answers }) => [offerId, answers]));
}

async function askDatabase(
  db: Database,
  { statement }: PreparedConditions,
  { customerId, moment }: { customerId: string; moment: Moment },
): Promise<(place: number) => boolean> {
  const [verdicts] = await evaluate(db, statement, { ids: [customerId], moment });
  return (place) => verdicts?.verdict(place) ?? false;
}
