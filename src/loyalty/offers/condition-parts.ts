import type { Condition } from '../../conditions/condition.ts';
import { leafName } from '../../conditions/language.ts';
import type { Needs } from '../../conditions/leaf-kind.ts';

export interface Part {
  readonly key: string;
  readonly condition: Condition;
  readonly needs: Needs;
}

/** The kinds of leaves in a condition, those about other members left out: they are judged by the database. */
export function leavesIn(condition: Condition): readonly string[] {
  if ('all' in condition) return condition.all.flatMap(leavesIn);
  if ('any' in condition) return condition.any.flatMap(leavesIn);
  return 'not' in condition ? leavesIn(condition.not) : [leafName(condition)];
}

/** A row of PostgreSQL has room for 1,664 columns; a node of a condition takes two. */
const mostNodes = 700;

/**
 * What a group of conditions has in common. `ROW`: the customer's row is all they look at. `HISTORY`: touchpoints or points too. `BEYOND`: they look at what the
 * interpreter is not told of, other members or facts of another module.
 */
export type Reach = 'ROW' | 'HISTORY' | 'BEYOND';

export interface Group {
  readonly reach: Reach;
  readonly parts: readonly Part[];
}

/**
 * Conditions in groups, each to be judged by one statement, so that the dear ones are only judged where somebody asks for
 * them. However many conditions there are, up to three groups; a further one for every 700 parts of conditions.
 */
export function sortConditions(parts: readonly Part[], interpreted: ReadonlySet<string>): Group[] {
  return (['ROW', 'HISTORY', 'BEYOND'] as const).flatMap((reach) =>
    inPieces(parts.filter((part) => reachOf(part, interpreted) === reach)).map((piece) => ({ reach, parts: piece })),
  );
}

function reachOf({ condition, needs }: Part, interpreted: ReadonlySet<string>): Reach {
  const { types, traitHistories, members, loyalty } = needs;
  if (members || leavesIn(condition).some((leaf) => !interpreted.has(leaf))) return 'BEYOND';
  return types === 'ANY' || types.size > 0 || traitHistories.size > 0 || loyalty ? 'HISTORY' : 'ROW';
}

function inPieces(parts: readonly Part[]): Part[][] {
  const pieces: Part[][] = [];
  let room = 0;
  for (const part of parts) {
    const nodes = countNodes(part.condition);
    if (nodes > room) {
      pieces.push([]);
      room = mostNodes;
    }
    pieces.at(-1)!.push(part);
    room -= nodes;
  }
  return pieces;
}

function countNodes(condition: Condition): number {
  if ('all' in condition) return 1 + total(condition.all);
  if ('any' in condition) return 1 + total(condition.any);
  if ('not' in condition) return 1 + countNodes(condition.not);
  return 1;
}

function total(parts: readonly Condition[]): number {
  return parts.reduce((nodes, part) => nodes + countNodes(part), 0);
}
