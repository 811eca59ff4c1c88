import { DisjointSets } from './disjoint-sets.ts';
import type { Obstacle, RecordEvidence, SeparationEvidence } from './resolution.ts';
import { exceedsLimit, type IdentityRule } from './rules.ts';

/** A claim that may join, with the rule of its kind. */
export interface RankedClaim {
  readonly identifierId: string;
  readonly recordId: string;
  readonly firstSeenAt: Date;
  readonly rule: IdentityRule;
}

/** How much a piece of evidence may do. */
export type Force =
  /** A person's decision: only another decision can stand against it. */
  | 'DECIDED'
  | 'UNIQUE'
  | 'SHARED'
  /** A matcher's, which respects everything. */
  | 'MATCHED';

type Values = Map<string, number>;

/** What a customer in the making holds. */
interface Holdings {
  /** Kind → its values, with the times at which they were first seen. */
  readonly values: Map<string, Values>;
  /** Separation → the sides it is on: 1, 2, or 3 for both. */
  readonly sides: Map<string, number>;
  /** Known by a unique identifier that names a person. */
  known: boolean;
  /** Source → how many of its records. */
  readonly sources: Map<string, number>;
}

/** Customers in the making: disjoint sets that know what stands in the way of joining two of them. */
export class Clusters {
  readonly #sets: DisjointSets;
  readonly #records: readonly RecordEvidence[];
  readonly #holdings = new Map<string, Holdings>();
  readonly #rules = new Map<string, IdentityRule>();

  /** `records` in order of foundation. */
  constructor(
    records: readonly RecordEvidence[],
    claims: readonly RankedClaim[],
    separations: readonly SeparationEvidence[],
  ) {
    this.#records = records;
    this.#sets = new DisjointSets(records.map((record) => record.id));
    for (const claim of claims) this.#hold(claim);
    for (const separation of separations) this.#separate(separation);
    for (const { id, source } of records) if (source !== undefined) this.#holdingsOf(id).sources.set(source, 1);
  }

  has(recordId: string): boolean {
    return this.#sets.has(recordId);
  }

  areOne(a: string, b: string): boolean {
    return this.#sets.find(a) === this.#sets.find(b);
  }

  /** Joins the clusters of both records; answers what forbids it, or nothing when they are one now. */
  tryJoin(a: string, b: string, force: Force, onePerSource: ReadonlySet<string> = none): Obstacle | undefined {
    const [rootA, rootB] = [this.#sets.find(a), this.#sets.find(b)];
    if (rootA === rootB) return undefined;
    const [one, other] = [this.#holdings.get(rootA), this.#holdings.get(rootB)];
    const obstacle = one && other && this.#obstacle(one, other, force, onePerSource);
    if (obstacle === undefined) this.#absorb(rootA, rootB);
    return obstacle;
  }

  #obstacle(a: Holdings, b: Holdings, force: Force, onePerSource: ReadonlySet<string>): Obstacle | undefined {
    const separation = separationBetween(a, b);
    if (separation !== undefined) return { refusal: 'SEPARATED', limitedBy: separation };
    if (force === 'DECIDED') return undefined;
    if (force === 'SHARED' && a.known && b.known) return { refusal: 'BOTH_KNOWN', limitedBy: null };
    const source = force === 'MATCHED' ? sourceTwice(a, b, onePerSource) : undefined;
    if (source !== undefined) return { refusal: 'ONE_PER_SOURCE', limitedBy: source };
    const kind = this.#limitPassedBy(a, b);
    return kind === undefined ? undefined : { refusal: 'VALUES_PER_CUSTOMER', limitedBy: kind };
  }

  /** A cluster that somebody took past a limit may still grow by what adds no further value. */
  #limitPassedBy(a: Holdings, b: Holdings): string | undefined {
    for (const [kind, held] of b.values) {
      const other = a.values.get(kind);
      if (other === undefined) continue;
      const union = unionOf(other, held);
      const adds = union.size > other.size && union.size > held.size;
      if (adds && exceedsLimit(this.#rules.get(kind)!, union)) return kind;
    }
    return undefined;
  }

  #absorb(rootA: string, rootB: string): void {
    this.#sets.union(rootA, rootB);
    const gained = this.#holdings.get(rootB);
    if (gained === undefined) return;
    this.#holdings.delete(rootB);
    const held = this.#holdingsOf(rootA);
    held.known ||= gained.known;
    for (const [kind, values] of gained.values) held.values.set(kind, unionOf(held.values.get(kind), values));
    for (const [separation, sides] of gained.sides) addSide(held, separation, sides);
    for (const [source, count] of gained.sources) held.sources.set(source, (held.sources.get(source) ?? 0) + count);
  }

  #hold({ recordId, identifierId, firstSeenAt, rule }: RankedClaim): void {
    const held = this.#holdingsOf(recordId);
    held.known ||= rule.strength === 'UNIQUE' && rule.namesPerson;
    if (rule.valuesPerCustomer === null) return;
    this.#rules.set(rule.kind, rule);
    let values = held.values.get(rule.kind);
    if (values === undefined) {
      values = new Map();
      held.values.set(rule.kind, values);
    }
    values.set(identifierId, firstSeenAt.getTime());
  }

  #separate({ id, sides }: SeparationEvidence): void {
    for (const [index, recordIds] of sides.entries()) {
      for (const recordId of recordIds) if (this.has(recordId)) addSide(this.#holdingsOf(recordId), id, index + 1);
    }
  }

  #holdingsOf(root: string): Holdings {
    let held = this.#holdings.get(root);
    if (held === undefined) {
      held = { values: new Map(), sides: new Map(), known: false, sources: new Map() };
      this.#holdings.set(root, held);
    }
    return held;
  }

  /** Record → founding record of its cluster. */
  founders(): Map<string, string> {
    const founderOf = new Map<string, string>();
    const customerOf = new Map<string, string>();
    for (const { id } of this.#records) {
      const root = this.#sets.find(id);
      // Records come in order of foundation: the first of a cluster founds it.
      const founder = founderOf.get(root) ?? id;
      founderOf.set(root, founder);
      customerOf.set(id, founder);
    }
    return customerOf;
  }
}

const none: ReadonlySet<string> = new Set();

function separationBetween(a: Holdings, b: Holdings): string | undefined {
  for (const [separation, sides] of b.sides) {
    const together = (a.sides.get(separation) ?? 0) | sides;
    if (together === 3 && sides !== 3 && a.sides.get(separation) !== 3) return separation;
  }
  return undefined;
}

function addSide(held: Holdings, separation: string, sides: number): void {
  held.sides.set(separation, (held.sides.get(separation) ?? 0) | sides);
}

function sourceTwice(a: Holdings, b: Holdings, onePerSource: ReadonlySet<string>): string | undefined {
  for (const source of onePerSource) if (a.sources.has(source) && b.sources.has(source)) return source;
  return undefined;
}

/** A value on both sides was first seen when the earlier of both saw it. */
function unionOf(a: ReadonlyMap<string, number> | undefined, b: Values): Values {
  const union = new Map(a);
  for (const [value, at] of b) union.set(value, Math.min(union.get(value) ?? at, at));
  return union;
}
