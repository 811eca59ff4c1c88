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
 * id met nobody, and is left out; one that does so while others of its records go elsewhere came out of what it was.
 */
export function linesOf(
  moves: readonly Reassignment[],
  before: ReadonlySet<string>,
  customerOf: ReadonlyMap<string, string>,
  origin: Cause & { newId: () => string },
): RegroupingLine[] {
  const after = Map.groupBy(customerOf.keys(), (recordId) => customerOf.get(recordId)!);
  const groups = [...groupMoves(moves, before).values()];
  const leaving = Map.groupBy(groups.flat(), ({ from }) => from);
  const found = groups.flatMap((group): Omit<RegroupingLine, 'id' | keyof Cause>[] => {
    const { from, customerId: to } = group[0]! as Reassignment & { from: string; customerId: string };
    const recordIds = group.map(({ recordId }) => recordId);
    const moved = new Set(recordIds);
    const stayed = after.get(from) ?? [];
    const met = (after.get(to) ?? []).filter((id) => !moved.has(id));
    const isSplit = stayed.length > 0 && !before.has(to);
    if (met.length > 0 && !isSplit) {
      const kind = stayed.length > 0 ? 'MOVED' : 'MERGED';
      return [{ kind, customerId: from, otherId: to, recordIds, otherRecordIds: met }];
    }
    const elsewhere = leaving.get(from)!.filter(({ recordId }) => !moved.has(recordId));
    const left = isSplit ? stayed : [...stayed, ...elsewhere.map(({ recordId }) => recordId)];
    return left.length === 0 ? [] : [{ kind: 'SPLIT', customerId: to, otherId: from, recordIds, otherRecordIds: left }];
  });
  // In the order of their ids: who came out of somebody, before that one went into somebody else.
  const ordered = [...found.filter(({ kind }) => kind === 'SPLIT'), ...found.filter(({ kind }) => kind !== 'SPLIT')];
  const { cause, causeId, newId } = origin;
  return ordered.map((line) => ({ id: newId(), ...line, cause, causeId }));
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
