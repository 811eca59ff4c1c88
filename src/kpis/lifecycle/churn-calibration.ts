/** What was said of one customer, and what became of it. */
export interface ChurnObservation {
  /** 0 to 1. */
  readonly risk: number;
  /** They did not buy again. */
  readonly churned: boolean;
}

/** Customers with similar risks. */
export interface ChurnDecile {
  /** 1: the tenth with the lowest risks. Equal risks are in one tenth, so some may be missing. */
  readonly decile: number;
  readonly customers: number;
  readonly lowest: number;
  readonly highest: number;
  /** Mean risk. */
  readonly predicted: number;
  /** The part of 1 that did not buy again. */
  readonly actual: number;
}

export interface ChurnCalibration {
  readonly customers: number;
  readonly predicted: number | null;
  readonly actual: number | null;
  /** Mean of (risk − what happened)²: 0 for a prophet. */
  readonly brier: number | null;
  /** Of somebody who says the actual part of everybody: what a risk has to be better than. */
  readonly brierOfActual: number | null;
  readonly deciles: readonly ChurnDecile[];
}

/** Risks against what happened. Whatever the order of the observations. */
export function calibrateChurn(observations: readonly ChurnObservation[]): ChurnCalibration {
  const customers = observations.length;
  if (customers === 0)
    return { customers, predicted: null, actual: null, brier: null, brierOfActual: null, deciles: [] };
  const actual = mean(observations, ({ churned }) => Number(churned));
  return {
    customers,
    predicted: mean(observations, ({ risk }) => risk),
    actual,
    brier: mean(observations, ({ risk, churned }) => (risk - Number(churned)) ** 2),
    brierOfActual: actual * (1 - actual),
    deciles: decilesOf(observations),
  };
}

function decilesOf(observations: readonly ChurnObservation[]): ChurnDecile[] {
  const ascending = observations.toSorted((a, b) => a.risk - b.risk || Number(a.churned) - Number(b.churned));
  const deciles = new Map<number, ChurnObservation[]>();
  for (let from = 0; from < ascending.length; ) {
    const { risk } = ascending[from]!;
    let end = from;
    while (end < ascending.length && ascending[end]!.risk === risk) end += 1;
    // Where the middle of those with equal risks lies.
    const decile = 1 + Math.min(9, Math.floor((5 * (from + end)) / ascending.length));
    const members = deciles.get(decile) ?? [];
    for (; from < end; from += 1) members.push(ascending[from]!);
    deciles.set(decile, members);
  }
  return [...deciles].map(([decile, members]) => ({
    ...{ decile, customers: members.length, lowest: members[0]!.risk, highest: members.at(-1)!.risk },
    predicted: mean(members, ({ risk }) => risk),
    actual: mean(members, ({ churned }) => Number(churned)),
  }));
}

function mean(observations: readonly ChurnObservation[], read: (observation: ChurnObservation) => number): number {
  return observations.reduce((sum, observation) => sum + read(observation), 0) / observations.length;
}
