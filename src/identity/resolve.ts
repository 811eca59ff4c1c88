import { Clusters, type Force, type RankedClaim } from './clusters.ts';
import { DisjointSets } from './disjoint-sets.ts';
import type {
  ClaimEvidence,
  JoinedLink,
  LinkEvidence,
  Neighbourhood,
  RecordEvidence,
  RefusedLink,
  Resolution,
} from './resolution.ts';
import { exceedsLimit, type IdentityRule, type IdentityRules, isCut, ruleFor } from './rules.ts';

/**
 * Decides which records are one customer. A pure function of the evidence, which it hears in this order: what people
 * decided, by time; identifiers, by (strength, priority, time first seen, identifier, record); matches, by weight. So
 * the order of arrival can't matter.
 */
export function resolve(neighbourhood: Neighbourhood, rules: IdentityRules): Resolution {
  const records = [...neighbourhood.records].sort(byFoundation);
  const { usable, overfull } = judgeClaims(neighbourhood.claims, rules);
  const claims = usable.sort(byRank);
  const links = neighbourhood.links ?? [];
  const session = new Session(records, claims, neighbourhood, rules);
  session.refused.push(...overfull);
  session.hearLinks(links.filter(({ weight }) => weight === null).sort(byTime), 'DECIDED');
  session.hearClaims(claims);
  session.hearLinks(links.filter(({ weight }) => weight !== null).sort(byWeight), 'MATCHED');
  const customerOf = session.clusters.founders();
  const connected = connect(records, claims, links);
  return {
    customerOf,
    componentOf: componentsOf(records, customerOf, connected),
    refused: session.refused,
    joined: session.joined,
  };
}

function byFoundation(a: RecordEvidence, b: RecordEvidence): number {
  return a.firstAt.getTime() - b.firstAt.getTime() || compareText(a.id, b.id);
}

function byRank(a: RankedClaim, b: RankedClaim): number {
  return (
    rank(a.rule.strength) - rank(b.rule.strength) ||
    a.rule.priority - b.rule.priority ||
    a.firstSeenAt.getTime() - b.firstSeenAt.getTime() ||
    compareText(a.identifierId, b.identifierId) ||
    compareText(a.recordId, b.recordId)
  );
}

function rank(strength: string): number {
  return strength === 'UNIQUE' ? 0 : 1;
}

function byTime(a: LinkEvidence, b: LinkEvidence): number {
  return a.decidedAt.getTime() - b.decidedAt.getTime() || compareText(a.id, b.id);
}

function byWeight(a: LinkEvidence, b: LinkEvidence): number {
  return b.weight! - a.weight! || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Claims that may join. A value on too many records joins nobody, and neither does a kind of which a record alone
 * carries more values than one customer may hold (a service desk's, with the e-mails of all who wrote to it): such a
 * record is nobody's word on who these are.
 */
function judgeClaims(claims: readonly ClaimEvidence[], rules: IdentityRules) {
  const usable: RankedClaim[] = [];
  const overfull: RefusedLink[] = [];
  for (const carried of Map.groupBy(claims, ({ recordId, kind }) => `${recordId} ${kind}`).values()) {
    const { recordId, kind } = carried[0]!;
    const rule = ruleFor(rules, kind);
    if (rule.strength === 'EVIDENCE_ONLY') continue;
    // Cut values count too, so that only a record's own claims decide: a claim made elsewhere, which needn't lead to a
    // look at this record's neighbours, can't change it.
    if (isOverfull(rule, carried)) {
      overfull.push({ recordId, evidenceId: recordId, kind, otherRecordId: null, ...tooMany(kind) });
      continue;
    }
    for (const { identifierId, firstSeenAt, claimants } of carried) {
      if (!isCut(rule, claimants)) usable.push({ identifierId, recordId, firstSeenAt, rule });
    }
  }
  return {
    usable,
    overfull: overfull.sort((a, b) => compareText(a.recordId, b.recordId) || compareText(a.kind, b.kind)),
  };
}

/** Claims that may join their records to others, as far as the records themselves are concerned. */
export function usableClaims(claims: readonly ClaimEvidence[], rules: IdentityRules): readonly RankedClaim[] {
  return judgeClaims(claims, rules).usable;
}

function isOverfull(rule: IdentityRule, carried: readonly ClaimEvidence[]): boolean {
  if (carried.length <= (rule.valuesPerCustomer ?? carried.length)) return false;
  return exceedsLimit(rule, new Map(carried.map((claim) => [claim.identifierId, claim.firstSeenAt.getTime()])));
}

function tooMany(kind: string) {
  return { refusal: 'TOO_MANY_VALUES', limitedBy: kind } as const;
}

/** One resolution under way. */
class Session {
  readonly clusters: Clusters;
  readonly refused: RefusedLink[] = [];
  readonly joined: JoinedLink[] = [];
  readonly #onePerSource: ReadonlySet<string>;

  constructor(
    records: readonly RecordEvidence[],
    claims: readonly RankedClaim[],
    { separations = [] }: Neighbourhood,
    rules: IdentityRules,
  ) {
    this.clusters = new Clusters(records, claims, separations);
    this.#onePerSource = rules.onePerSource;
  }

  /** Every record of a link with the first of those before it that can take it in: a separation parts no more than it says. */
  hearLinks(links: readonly LinkEvidence[], force: Force): void {
    for (const { id, recordIds } of links) {
      const [first, ...others] = recordIds.filter((recordId) => this.clusters.has(recordId)).sort(compareText);
      const earlier = [first!];
      for (const other of others) {
        const isTaken = this.#hear({ recordId: other, evidenceId: id, kind: 'decision' }, earlier, force);
        if (!isTaken) earlier.push(other);
      }
    }
  }

  /**
   * Every claimant of an identifier tries the clusters that hold it already, oldest claim first, and joins the first
   * that has room. So whoever used a shared device first keeps its anonymous history.
   */
  hearClaims(claims: readonly RankedClaim[]): void {
    const holders = new Map<string, string[]>();
    for (const { identifierId, recordId, rule } of claims) {
      const earlier = holders.get(identifierId);
      if (!earlier) holders.set(identifierId, [recordId]);
      else if (!this.#hear({ recordId, evidenceId: identifierId, kind: rule.kind }, earlier, forceOf(rule.strength))) {
        earlier.push(recordId);
      }
    }
  }

  /** Joins the record to the first of the holders that can take it in; reports the first obstacle where none can. */
  #hear(link: Omit<JoinedLink, 'otherRecordId'>, holders: readonly string[], force: Force): boolean {
    let refused: RefusedLink | undefined;
    for (const otherRecordId of holders) {
      const wereOne = this.clusters.areOne(otherRecordId, link.recordId);
      const obstacle = this.clusters.tryJoin(otherRecordId, link.recordId, force, this.#onePerSource);
      if (obstacle === undefined) {
        if (!wereOne) this.joined.push({ ...link, otherRecordId });
        return true;
      }
      refused ??= { ...link, otherRecordId, ...obstacle };
    }
    this.refused.push(refused!);
    return false;
  }
}

function forceOf(strength: string): Force {
  return strength === 'SHARED' ? 'SHARED' : 'UNIQUE';
}

/** What all the evidence would join if nothing stood in its way. */
function connect(
  records: readonly RecordEvidence[],
  claims: readonly RankedClaim[],
  links: readonly LinkEvidence[],
): DisjointSets {
  const connected = new DisjointSets(records.map((record) => record.id));
  const holderOf = new Map<string, string>();
  for (const { identifierId, recordId } of claims) {
    const holder = holderOf.get(identifierId);
    if (holder === undefined) holderOf.set(identifierId, recordId);
    else connected.union(holder, recordId);
  }
  for (const { recordIds } of links) {
    const [first, ...others] = recordIds.filter((recordId) => connected.has(recordId));
    for (const other of others) connected.union(first!, other);
  }
  return connected;
}

function componentsOf(
  records: readonly RecordEvidence[],
  customerOf: ReadonlyMap<string, string>,
  connected: DisjointSets,
): Map<string, string> {
  const components = Map.groupBy(records, (record) => connected.find(record.id));
  const componentOf = new Map<string, string>();
  for (const members of components.values()) {
    if (new Set(members.map((record) => customerOf.get(record.id))).size === 1) continue;
    const name = members.map((record) => record.id).reduce((least, id) => (id < least ? id : least));
    for (const member of members) componentOf.set(member.id, name);
  }
  return componentOf;
}
