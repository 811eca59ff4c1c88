import { type IdentityRule, type IdentityRules, isCut, isOverfull, ruleFor } from './rules.ts';

export interface RecordEvidence {
  readonly id: string;
  /** When the record's first touchpoint occurred. */
  readonly firstAt: Date;
}

export interface ClaimEvidence {
  readonly identifierId: string;
  readonly recordId: string;
  readonly kind: string;
  readonly firstSeenAt: Date;
  /** How many records claim this identifier, here and elsewhere. */
  readonly claimants: number;
}

/** Records and all their claims: closed, so that no linking identifier leads outside. */
export interface Neighbourhood {
  readonly records: readonly RecordEvidence[];
  readonly claims: readonly ClaimEvidence[];
}

/** Evidence that two records are one person, refused because a customer would hold too many values of `kind`. */
export interface SkippedEdge {
  readonly identifierId: string;
  readonly recordId: string;
  readonly otherRecordId: string;
  /** The kind whose limit would have been passed. */
  readonly limitedBy: string;
}

export interface Resolution {
  /** Record → customer. A customer's id is the id of its founding record: earliest first touchpoint, then smallest id. */
  readonly customerOf: ReadonlyMap<string, string>;
  /** Record → smallest record id of its neighbourhood, only where refused evidence ties several customers together. */
  readonly componentOf: ReadonlyMap<string, string>;
  readonly skipped: readonly SkippedEdge[];
}

/**
 * Decides which records are one customer. A pure function of the evidence: it sorts what it is given by (rule
 * priority, event time, identifier, record) before it joins anything, so the order of arrival can't matter.
 */
export function resolve(neighbourhood: Neighbourhood, rules: IdentityRules): Resolution {
  const records = [...neighbourhood.records].sort(byFoundation);
  const claims = sortEvidence(neighbourhood.claims, rules);
  const customers = new Clusters(records, claims);
  const connected = new DisjointSets(records.map((record) => record.id));
  const skipped: SkippedEdge[] = [];
  for (const claimants of groupByIdentifier(claims)) {
    for (const claim of claimants.slice(1)) connected.union(claimants[0]!.claim.recordId, claim.claim.recordId);
  }
  joinInOrder(claims, customers, skipped);
  return { customerOf: customers.founders(), componentOf: componentsOf(records, customers, connected), skipped };
}

interface RankedClaim {
  readonly claim: ClaimEvidence;
  readonly rule: IdentityRule;
}

function byFoundation(a: RecordEvidence, b: RecordEvidence): number {
  return a.firstAt.getTime() - b.firstAt.getTime() || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function sortEvidence(claims: readonly ClaimEvidence[], rules: IdentityRules): RankedClaim[] {
  const carried = countValues(claims);
  return claims
    .map((claim) => ({ claim, rule: ruleFor(rules, claim.kind) }))
    .filter(({ claim, rule }) => !isCut(rule, claim.claimants) && !isOverfull(rule, carried.get(valuesKey(claim))!))
    .sort(
      (a, b) =>
        a.rule.priority - b.rule.priority ||
        a.claim.firstSeenAt.getTime() - b.claim.firstSeenAt.getTime() ||
        compareText(a.claim.identifierId, b.claim.identifierId) ||
        compareText(a.claim.recordId, b.claim.recordId),
    );
}

/**
 * Values of each kind that each record carries. Cut ones too, so that only a record's own claims decide whether it is
 * overfull: a claim made elsewhere, which needn't lead to a look at this record's neighbours, can't change it.
 */
function countValues(claims: readonly ClaimEvidence[]): Map<string, number> {
  const carried = new Map<string, number>();
  for (const claim of claims) carried.set(valuesKey(claim), (carried.get(valuesKey(claim)) ?? 0) + 1);
  return carried;
}

function valuesKey({ recordId, kind }: ClaimEvidence): string {
  return `${recordId} ${kind}`;
}

function groupByIdentifier(claims: readonly RankedClaim[]): Iterable<RankedClaim[]> {
  return Map.groupBy(claims, ({ claim }) => claim.identifierId).values();
}

/**
 * Every claimant of an identifier tries the clusters that hold it already, oldest claim first, and joins the first
 * that has room. So whoever used a shared device first keeps its anonymous history.
 */
function joinInOrder(claims: readonly RankedClaim[], customers: Clusters, skipped: SkippedEdge[]): void {
  const holders = new Map<string, string[]>();
  for (const { claim } of claims) {
    const earlier = holders.get(claim.identifierId);
    if (!earlier) {
      holders.set(claim.identifierId, [claim.recordId]);
    } else if (!joinFirstWithRoom(claim, earlier, customers, skipped)) {
      earlier.push(claim.recordId);
    }
  }
}

function joinFirstWithRoom(
  claim: ClaimEvidence,
  holders: string[],
  customers: Clusters,
  skipped: SkippedEdge[],
): boolean {
  for (const holder of holders) {
    const limitedBy = customers.tryJoin(holder, claim.recordId);
    if (limitedBy === undefined) return true;
    skipped.push({ identifierId: claim.identifierId, recordId: claim.recordId, otherRecordId: holder, limitedBy });
  }
  return false;
}

class DisjointSets {
  readonly #parent = new Map<string, string>();

  constructor(ids: Iterable<string>) {
    for (const id of ids) this.#parent.set(id, id);
  }

  find(id: string): string {
    let root = id;
    for (let up = this.#parent.get(root)!; up !== root; up = this.#parent.get(root)!) root = up;
    for (let at = id; at !== root; ) {
      const up = this.#parent.get(at)!;
      this.#parent.set(at, root);
      at = up;
    }
    return root;
  }

  /** Joins the sets of both; the root of `a` stays root. */
  union(a: string, b: string): void {
    this.#parent.set(this.find(b), this.find(a));
  }
}

/** Customers in the making: disjoint sets that know the values they hold of every limited kind. */
class Clusters {
  readonly #sets: DisjointSets;
  readonly #records: readonly RecordEvidence[];
  readonly #values = new Map<string, Map<string, Set<string>>>();
  readonly #limits = new Map<string, number>();

  constructor(records: readonly RecordEvidence[], claims: readonly RankedClaim[]) {
    this.#records = records;
    this.#sets = new DisjointSets(records.map((record) => record.id));
    for (const { claim, rule } of claims) {
      if (rule.valuesPerCustomer === null) continue;
      this.#limits.set(claim.kind, rule.valuesPerCustomer);
      const kinds = getOrAdd(this.#values, claim.recordId, () => new Map<string, Set<string>>());
      getOrAdd(kinds, claim.kind, () => new Set<string>()).add(claim.identifierId);
    }
  }

  /** Joins the clusters of both records; answers the kind whose limit forbids it, or nothing when they are one now. */
  tryJoin(a: string, b: string): string | undefined {
    const [rootA, rootB] = [this.#sets.find(a), this.#sets.find(b)];
    if (rootA === rootB) return undefined;
    const limitedBy = this.#limitPassedBy(rootA, rootB);
    if (limitedBy === undefined) this.#absorb(rootA, rootB);
    return limitedBy;
  }

  #limitPassedBy(rootA: string, rootB: string): string | undefined {
    const valuesA = this.#values.get(rootA);
    const valuesB = this.#values.get(rootB);
    if (!valuesA || !valuesB) return undefined;
    for (const [kind, held] of valuesB) {
      const other = valuesA.get(kind);
      if (other && unionSize(other, held) > this.#limits.get(kind)!) return kind;
    }
    return undefined;
  }

  #absorb(rootA: string, rootB: string): void {
    this.#sets.union(rootA, rootB);
    const valuesA = getOrAdd(this.#values, rootA, () => new Map<string, Set<string>>());
    for (const [kind, held] of this.#values.get(rootB) ?? []) {
      const all = getOrAdd(valuesA, kind, () => new Set<string>());
      for (const value of held) all.add(value);
    }
    this.#values.delete(rootB);
  }

  /** Record → founding record of its cluster. */
  founders(): Map<string, string> {
    const founderOf = new Map<string, string>();
    const customerOf = new Map<string, string>();
    for (const record of this.#records) {
      const root = this.#sets.find(record.id);
      // Records come in order of foundation: the first of a cluster founds it.
      customerOf.set(
        record.id,
        getOrAdd(founderOf, root, () => record.id),
      );
    }
    return customerOf;
  }
}

function unionSize(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return a.union(b).size;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function componentsOf(
  records: readonly RecordEvidence[],
  customers: Clusters,
  connected: DisjointSets,
): Map<string, string> {
  const customerOf = customers.founders();
  const components = Map.groupBy(records, (record) => connected.find(record.id));
  const componentOf = new Map<string, string>();
  for (const members of components.values()) {
    if (new Set(members.map((record) => customerOf.get(record.id))).size === 1) continue;
    const name = members.map((record) => record.id).reduce((least, id) => (id < least ? id : least));
    for (const member of members) componentOf.set(member.id, name);
  }
  return componentOf;
}
