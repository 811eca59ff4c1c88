import type { Reassignment } from './identify.ts';
import type { RefusedLink } from './resolution.ts';

/** Why customers were regrouped. */
export interface Cause {
  readonly cause: 'TOUCHPOINTS' | 'DECISION' | 'MATCH' | 'RULES' | 'REBUILD';
  /** The decision's id or the version of the rules. */
  readonly causeId: string | null;
}

/** One merge, split or move of records, as it is remembered. */
export interface RegroupingLine extends Cause {
  readonly id: string;
  /** MERGED: `customerId` went into `otherId`. SPLIT: it came out of it. MOVED: some of its records went there. */
  readonly kind: 'MERGED' | 'SPLIT' | 'MOVED';
  readonly customerId: string;
  readonly otherId: string;
  readonly recordIds: readonly string[];
  readonly otherRecordIds: readonly string[];
}

/**
 * What the moves of records amount to, one line for each pair of customers. `before` has the customers that existed,
 * `customerOf` says whose each record of the neighbourhood is now. A customer that only takes another founding record's
 * id met nobody, and is left out.
 */
export function linesOf(
  moves: readonly Reassignment[],
  before: ReadonlySet<string>,
  customerOf: ReadonlyMap<string, string>,
  origin: Cause & { newId: () => string },
): RegroupingLine[] {
  const after = Map.groupBy(customerOf.keys(), (recordId) => customerOf.get(recordId)!);
  const lines: RegroupingLine[] = [];
  for (const group of groupMoves(moves, before).values()) {
    const { from, customerId: to } = group[0]! as Reassignment & { from: string; customerId: string };
    const recordIds = group.map(({ recordId }) => recordId);
    const kind = !after.has(from) ? 'MERGED' : before.has(to) ? 'MOVED' : 'SPLIT';
    const moved = new Set(recordIds);
    const others = (after.get(kind === 'SPLIT' ? from : to) ?? []).filter((id) => !moved.has(id));
    if (others.length === 0) continue;
    const [customerId, otherId] = kind === 'SPLIT' ? [to, from] : [from, to];
    const { cause, causeId, newId } = origin;
    lines.push({ id: newId(), kind, customerId, otherId, recordIds, otherRecordIds: others, cause, causeId });
  }
  return lines;
}

function groupMoves(moves: readonly Reassignment[], before: ReadonlySet<string>) {
  const regrouped = moves.filter(
    ({ from, customerId }) => from !== null && customerId !== null && from !== customerId && before.has(from),
  );
  return Map.groupBy(regrouped, ({ from, customerId }) => `${from} ${customerId}`);
}

/** What to write so that the remembered refusals are those of now. */
export interface RefusalChanges {
  readonly added: readonly RefusedLink[];
  readonly changed: readonly RefusedLink[];
  readonly gone: readonly RefusedLink[];
}

export function compareRefusals(now: readonly RefusedLink[], remembered: readonly RefusedLink[]): RefusalChanges {
  const known = new Map(remembered.map((link) => [refusalKey(link), link]));
  const changes = { added: [] as RefusedLink[], changed: [] as RefusedLink[] };
  for (const link of now) {
    const before = known.get(refusalKey(link));
    known.delete(refusalKey(link));
    if (before === undefined) changes.added.push(link);
    else if (!isSame(before, link)) changes.changed.push(link);
  }
  return { ...changes, gone: [...known.values()] };
}

function refusalKey({ recordId, evidenceId, kind }: RefusedLink): string {
  return `${recordId} ${evidenceId} ${kind}`;
}

function isSame(a: RefusedLink, b: RefusedLink): boolean {
  return a.otherRecordId === b.otherRecordId && a.refusal === b.refusal && a.limitedBy === b.limitedBy;
}
