import type { Account, Allocation } from '../../../src/loyalty/ledger/allocation.ts';

/** One point of a lot: where it lies, or what it went for. */
interface Point {
  readonly lot: string;
  place: 'AVAILABLE' | 'PENDING' | 'EXPIRED' | 'REDEEMED' | 'RESERVED' | 'TRANSFERRED' | 'ADJUSTED';
}

type Bucket = Account['consumptions'][number]['bucket'];

/**
 * Moves single points through time, instant by instant: lots open, then things are taken, each point from the lot that
 * expires first, then was earned first. What finds no point waits for the next lot that opens, or is written off.
 */
export function allocateNaively({ lots, consumptions, debt }: Account, now: Date): Allocation {
  const points: Point[] = [];
  const owed: Bucket[] = [];
  const lost: Bucket[] = [];
  const order = inUse(lots);
  const instants = [...lots.map(({ availableAt }) => availableAt), ...consumptions.map(({ at }) => at)].map(Number);
  for (const instant of [...new Set(instants)].filter((at) => at <= Number(now)).sort((a, b) => a - b)) {
    for (const { id, granted, availableAt, expiresAt } of order) {
      if (Number(availableAt) !== instant) continue;
      const opened = pointsOf(id, granted);
      points.push(...opened);
      if (expiresAt === null || Number(expiresAt) > instant) pay(opened, owed);
    }
    for (const { bucket, points: count } of taken(consumptions, instant)) {
      for (let left = count; left > 0n; left -= 1n) {
        const point = nextPoint(points, order, instant);
        if (point) point.place = bucket;
        else (debt === 'OWED' ? owed : lost).push(bucket);
      }
    }
  }
  for (const { id, granted, availableAt } of lots) if (availableAt > now) points.push(...pointsOf(id, granted));
  rest(points, lots, Number(now));
  return { holdings: held(points, lots), uncovered: tally([...owed, ...lost]) };
}

function pointsOf(lot: string, granted: bigint): Point[] {
  return Array.from({ length: Number(granted) }, () => ({ lot, place: 'AVAILABLE' }));
}

function inUse(lots: Account['lots']): Account['lots'] {
  const end = ({ expiresAt }: Account['lots'][number]) => expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return [...lots].sort((a, b) => {
    if (end(a) !== end(b)) return end(a) < end(b) ? -1 : 1;
    return Number(a.earnedAt) - Number(b.earnedAt) || (a.id < b.id ? -1 : 1);
  });
}

function taken(consumptions: Account['consumptions'], instant: number): Account['consumptions'] {
  return consumptions.filter(({ at }) => Number(at) === instant).sort((a, b) => (a.decisionId < b.decisionId ? -1 : 1));
}

/** The oldest debt first. */
function pay(opened: readonly Point[], owed: Bucket[]): void {
  for (const point of opened) {
    const debt = owed.shift();
    if (debt === undefined) return;
    point.place = debt;
  }
}

function nextPoint(points: readonly Point[], order: Account['lots'], instant: number): Point | undefined {
  const usable = order.filter(({ expiresAt }) => expiresAt === null || Number(expiresAt) > instant);
  for (const { id } of usable) {
    const found = points.find(({ lot, place }) => lot === id && place === 'AVAILABLE');
    if (found) return found;
  }
  return undefined;
}

function rest(points: readonly Point[], lots: Account['lots'], now: number): void {
  for (const point of points) {
    if (point.place !== 'AVAILABLE') continue;
    const { availableAt, expiresAt } = lots.find(({ id }) => id === point.lot)!;
    if (expiresAt !== null && Number(expiresAt) <= now) point.place = 'EXPIRED';
    else if (Number(availableAt) > now) point.place = 'PENDING';
  }
}

function held(points: readonly Point[], lots: Account['lots']): Allocation['holdings'] {
  return new Map(
    lots.map(({ id }) => [id, tally(points.filter(({ lot }) => lot === id).map(({ place }) => place))] as const),
  );
}

function tally<T extends string>(names: readonly T[]): Partial<Record<T, bigint>> {
  const counts: Partial<Record<T, bigint>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0n) + 1n;
  return counts;
}
