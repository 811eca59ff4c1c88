/** Where a walk goes on from: a channel by its number, or the start. */
export const start = -1;
/** Where it ends. */
export const conversion = -2;
export const nothing = -3;

/**
 * A Markov chain of the first order over channels, and what would be lost without each of them (Anderl et al., Mapping the
 * customer journey, 2016). A channel that follows itself changes nothing: only where walks go when they leave it counts.
 */
export class ChannelChain {
  /** From → to → how often. */
  readonly #moves = new Map<number, Map<number, number>>();
  /** From → how often at all. */
  readonly #totals = new Map<number, number>();

  addPath(keys: readonly number[], end: typeof conversion | typeof nothing): void {
    let from = start;
    for (const to of keys) {
      this.add(from, { to });
      from = to;
    }
    this.add(from, { to: end });
  }

  add(from: number, { to, times = 1 }: { to: number; times?: number }): void {
    if (from === to) return;
    const known = this.#moves.get(from) ?? new Map<number, number>();
    known.set(to, (known.get(to) ?? 0) + times);
    this.#moves.set(from, known);
    this.#totals.set(from, (this.#totals.get(from) ?? 0) + times);
  }

  /** From 0 to 1: the probability that a walk from a state goes to another one next. */
  probability(from: number, to: number): number {
    return (this.#moves.get(from)?.get(to) ?? 0) / (this.#totals.get(from) ?? 1);
  }

  /**
   * For each channel, which part of the conversions is lost when every walk that comes to it ends there. That is the part of
   * converting walks that pass through it: the probability to get there at all, times that to convert from there. Both are in
   * the inverse N of I − Q (how often a walk from i is in j), so one inversion does for all channels.
   */
  removalEffects(channels: readonly number[]): number[] {
    const states = [start, ...channels];
    const visits = inverse(this.#leaving(states));
    const converts = states.map((_, row) =>
      states.reduce((sum, state, column) => sum + visits[row]![column]! * this.probability(state, conversion), 0),
    );
    if (!(converts[0]! > 0)) return channels.map(() => 0);
    return channels.map((_, index) => {
      const own = index + 1;
      const reached = visits[0]![own]! / visits[own]![own]!;
      return Math.min(1, (reached * converts[own]!) / converts[0]!);
    });
  }

  /** I − Q. */
  #leaving(states: readonly number[]): Float64Array[] {
    return states.map((from, row) => {
      const line = Float64Array.from(states, (to) => -this.probability(from, to));
      line[row]! += 1;
      return line;
    });
  }
}

/** Gauss and Jordan, by the largest pivot. Every walk of a chain ends some time, so there always is one. */
function inverse(matrix: readonly Float64Array[]): Float64Array[] {
  const size = matrix.length;
  const rows = matrix.map((line, row) => {
    const wide = new Float64Array(2 * size);
    wide.set(line);
    wide[size + row] = 1;
    return wide;
  });
  for (let column = 0; column < size; column += 1) {
    bringUp(rows, column);
    const pivot = rows[column]!;
    const by = pivot[column]!;
    for (let i = column; i < pivot.length; i += 1) pivot[i]! /= by;
    for (const row of rows) if (row !== pivot) subtract(row, { pivot, column });
  }
  return rows.map((row) => row.slice(size));
}

function bringUp(rows: Float64Array[], column: number): void {
  let best = column;
  for (let row = column + 1; row < rows.length; row += 1)
    if (Math.abs(rows[row]![column]!) > Math.abs(rows[best]![column]!)) best = row;
  [rows[column], rows[best]] = [rows[best]!, rows[column]!];
}

function subtract(row: Float64Array, { pivot, column }: { pivot: Float64Array; column: number }): void {
  const times = row[column]!;
  if (times === 0) return;
  for (let i = column; i < row.length; i += 1) row[i]! -= times * pivot[i]!;
}
