/**
 * What the models know of a customer: sufficient statistics, in one time unit of the caller's choice (CDNOW: weeks).
 * Parameters and forecasts are in the same unit.
 */
export interface History {
  /** x: purchases after the first; a whole number. */
  readonly repeats: number;
  /** t_x: time from the first purchase to the last; 0 without repeats. Not the time since the last. */
  readonly recency: number;
  /** T: time from the first purchase to the end of observation. */
  readonly age: number;
}

/** Customers with the same history, counted. */
export interface HistoryGroup extends History {
  readonly customers: number;
}

/** Histories column by column, sorted by repeats: a likelihood passes over them some fifty times. */
export interface HistoryColumns {
  /** Each number of repeats once, and where its rows end. They begin where those of the number before end. */
  readonly runs: readonly { readonly repeats: number; readonly end: number }[];
  readonly recency: Float64Array;
  readonly age: Float64Array;
  readonly weight: Float64Array;
  readonly customers: number;
  /** The longest age, by which times are divided; 0 when there is none. */
  readonly unit: number;
}

/** Throws RangeError for what no customer can have done. */
export function columnsOf(groups: readonly HistoryGroup[]): HistoryColumns {
  for (const group of groups) checkGroup(group);
  const rows = [...groups].sort((a, b) => a.repeats - b.repeats);
  const unit = rows.reduce((longest, { age }) => Math.max(longest, age), 0);
  const column = (read: (row: HistoryGroup) => number) => Float64Array.from(rows, read);
  return {
    runs: runsOf(rows.map(({ repeats }) => repeats)),
    recency: column(({ recency }) => recency / (unit || 1)),
    age: column(({ age }) => age / (unit || 1)),
    weight: column(({ customers }) => customers),
    customers: rows.reduce((sum, { customers }) => sum + customers, 0),
    unit,
  };
}

/** Σ x ln(unit): what a likelihood gains when times are divided by the unit. */
export function scaling({ runs, weight, unit }: HistoryColumns): number {
  let purchases = 0;
  let row = 0;
  for (const { repeats, end } of runs) for (; row < end; row += 1) purchases += repeats * weight[row]!;
  return purchases * Math.log(unit || 1);
}

/** Equal neighbours, and where each stretch of them ends. */
export function runsOf(sorted: readonly number[]): { repeats: number; end: number }[] {
  const runs: { repeats: number; end: number }[] = [];
  for (const [index, repeats] of sorted.entries()) {
    const last = runs.at(-1);
    if (last?.repeats === repeats) last.end = index + 1;
    else runs.push({ repeats, end: index + 1 });
  }
  return runs;
}

function checkGroup(group: HistoryGroup): void {
  checkHistory(group);
  if (!(group.customers > 0 && Number.isFinite(group.customers)))
    throw new RangeError(`A group has ${group.customers} customers.`);
}

/** Throws RangeError for what no customer can have done. */
export function checkHistory({ repeats, recency, age }: History): void {
  const possible =
    Number.isSafeInteger(repeats) &&
    repeats >= 0 &&
    recency >= 0 &&
    recency <= age &&
    Number.isFinite(age) &&
    (repeats > 0 || recency === 0);
  if (!possible) throw new RangeError(`No customer has x = ${repeats}, t_x = ${recency}, T = ${age}.`);
}
