import { DisjointSets } from './disjoint-sets.ts';
import { type Reassignment, regroupingOf } from './identify.ts';
import type { Resolution } from './resolution.ts';
import { type IdentityRules, isCut, ruleFor } from './rules.ts';

/** A customer as the records that it is made of. */
export interface RecordGroup {
  readonly customerId: string;
  readonly recordIds: readonly string[];
}

/** Customers that would become others: what they are, and what they would be. */
export interface SampleChange {
  readonly before: readonly RecordGroup[];
  readonly after: readonly RecordGroup[];
}

export interface ClusterSize {
  readonly customerId: string;
  readonly records: number;
}

/** Values of one kind whose standing would change. */
export interface ValueChanges {
  readonly kind: string;
  readonly cut: number;
  readonly uncut: number;
  readonly blocked: number;
  readonly unblocked: number;
}

export interface RulesPreview {
  /** Everything was looked at; else only the records counted here. */
  readonly complete: boolean;
  readonly recordsExamined: number;
  readonly recordsTotal: number;
  readonly customersBefore: number;
  readonly customersAfter: number;
  readonly merges: number;
  readonly splits: number;
  readonly largestBefore: readonly ClusterSize[];
  readonly largestAfter: readonly ClusterSize[];
  readonly values: readonly ValueChanges[];
  readonly samples: readonly SampleChange[];
}

/** What a look at some records found out: what is stored of them, and what the facts say under the new rules. */
export interface Findings {
  readonly records: readonly { id: string; customerId: string | null; componentId: string | null }[];
  readonly claims: readonly {
    readonly identifierId: string;
    readonly kind: string;
    readonly claimants: number;
    readonly storedBlocked: boolean;
    readonly storedCut: boolean;
  }[];
  readonly blocked: ReadonlySet<string>;
  readonly resolution: Resolution;
}

const mostSamples = 20;
const mostClusters = 10;

/** Adds up what other rules would do, neighbourhood by neighbourhood. */
export class PreviewTally {
  readonly #rules: IdentityRules;
  #customersBefore = 0;
  #customersAfter = 0;
  #merges = 0;
  #splits = 0;
  #largestBefore: ClusterSize[] = [];
  #largestAfter: ClusterSize[] = [];
  #samples: SampleChange[] = [];
  readonly #values = new Map<string, { cut: number; uncut: number; blocked: number; unblocked: number }>();
  /** Values whose standing changes; their carriers may lie far apart. */
  readonly #judged = new Set<string>();

  constructor(rules: IdentityRules) {
    this.#rules = rules;
  }

  add({ records, claims, blocked, resolution }: Findings): void {
    const before = groupsOf(records.map(({ id, customerId }) => [id, customerId]));
    const after = groupsOf(resolution.customerOf);
    const moves = movesOf(records, resolution);
    const { absorbed, split } = regroupingOf(moves, new Set(before.keys()), resolution);
    this.#customersBefore += before.size;
    this.#customersAfter += after.size;
    this.#merges += absorbed.length;
    this.#splits += split.length;
    this.#largestBefore = largest([...this.#largestBefore, ...sizesOf(before)]);
    this.#largestAfter = largest([...this.#largestAfter, ...sizesOf(after)]);
    this.#samples = mostConcerned([...this.#samples, ...samplesOf(moves, before, after)]);
    for (const claim of claims) this.#addValue(claim, blocked.has(claim.identifierId));
  }

  result(seen: Pick<RulesPreview, 'complete' | 'recordsExamined' | 'recordsTotal'>): RulesPreview {
    return {
      ...seen,
      customersBefore: this.#customersBefore,
      customersAfter: this.#customersAfter,
      merges: this.#merges,
      splits: this.#splits,
      largestBefore: this.#largestBefore,
      largestAfter: this.#largestAfter,
      values: [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([kind, counts]) => ({ kind, ...counts })),
      samples: this.#samples,
    };
  }

  #addValue({ identifierId, kind, claimants, storedBlocked, storedCut }: Findings['claims'][number], blocked: boolean) {
    const cut = !blocked && isCut(ruleFor(this.#rules, kind), claimants);
    if ((blocked === storedBlocked && cut === storedCut) || this.#judged.has(identifierId)) return;
    this.#judged.add(identifierId);
    const counts = this.#values.get(kind) ?? { cut: 0, uncut: 0, blocked: 0, unblocked: 0 };
    this.#values.set(kind, counts);
    if (cut !== storedCut) counts[cut ? 'cut' : 'uncut'] += 1;
    if (blocked !== storedBlocked) counts[blocked ? 'blocked' : 'unblocked'] += 1;
  }
}

type Groups = ReadonlyMap<string, readonly string[]>;

/** Customer → its records. */
function groupsOf(owners: Iterable<readonly [recordId: string, customerId: string | null]>): Groups {
  const groups = new Map<string, string[]>();
  for (const [recordId, customerId] of owners) {
    if (customerId === null) continue;
    const group = groups.get(customerId);
    if (group) group.push(recordId);
    else groups.set(customerId, [recordId]);
  }
  return groups;
}

function movesOf(records: Findings['records'], { customerOf }: Resolution): Reassignment[] {
  return records
    .map(({ id, customerId: from }) => ({
      recordId: id,
      from,
      customerId: customerOf.get(id) ?? null,
      componentId: null,
    }))
    .filter(({ from, customerId }) => from !== customerId);
}

function sizesOf(groups: Groups): ClusterSize[] {
  return [...groups].map(([customerId, recordIds]) => ({ customerId, records: recordIds.length }));
}

function largest(clusters: readonly ClusterSize[]): ClusterSize[] {
  return [...clusters]
    .sort((a, b) => b.records - a.records || (a.customerId < b.customerId ? -1 : 1))
    .slice(0, mostClusters);
}

/** Customers that exchange records, directly or through others, are one change. */
function samplesOf(moves: readonly Reassignment[], before: Groups, after: Groups): SampleChange[] {
  const exchanges = moves.filter(({ from, customerId }) => from !== null && customerId !== null);
  const sets = new DisjointSets(exchanges.flatMap(({ from, customerId }) => [from!, customerId!]));
  for (const { from, customerId } of exchanges) sets.union(from!, customerId!);
  const changes = new Map<string, { before: RecordGroup[]; after: RecordGroup[] }>();
  for (const [side, groups] of [['before', before] as const, ['after', after] as const]) {
    for (const [customerId, recordIds] of groups) {
      if (!sets.has(customerId)) continue;
      const root = sets.find(customerId);
      const change = changes.get(root) ?? { before: [], after: [] };
      changes.set(root, change);
      change[side].push({ customerId, recordIds });
    }
  }
  return [...changes.values()];
}

function mostConcerned(samples: readonly SampleChange[]): SampleChange[] {
  const sizeOf = ({ before }: SampleChange) => before.reduce((sum, { recordIds }) => sum + recordIds.length, 0);
  return [...samples].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, mostSamples);
}
