/** Pairs of rows with the weight of the evidence that they are one person. */
export interface WeightedPairs {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly weight: ArrayLike<number>;
}

export interface Accuracy {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface ThresholdAccuracy extends Accuracy {
  readonly threshold: number;
}

/** How many pairs of rows are of one person, by the person of each row. */
export function countTruePairs(entities: ArrayLike<number>): number {
  const sizes = new Map<number, number>();
  for (let row = 0; row < entities.length; row++) sizes.set(entities[row]!, (sizes.get(entities[row]!) ?? 0) + 1);
  return sumOfPairs(sizes.values());
}

/** The pairs that a threshold lets through, against the truth. */
export function accuracyAt(pairs: WeightedPairs, entities: ArrayLike<number>, threshold: number): Accuracy {
  let predicted = 0;
  let correct = 0;
  for (let index = 0; index < pairs.weight.length; index++) {
    if (pairs.weight[index]! < threshold) continue;
    predicted += 1;
    if (entities[pairs.a[index]!] === entities[pairs.b[index]!]) correct += 1;
  }
  return accuracyOf(correct, predicted, countTruePairs(entities));
}

/** The threshold with the best F1, which only somebody who knows the truth can choose. Equal weights stay together. */
export function bestThreshold(pairs: WeightedPairs, entities: ArrayLike<number>): ThresholdAccuracy {
  const truePairs = countTruePairs(entities);
  const order = Array.from(pairs.weight, (_, index) => index).sort((x, y) => pairs.weight[y]! - pairs.weight[x]!);
  let best: ThresholdAccuracy = { threshold: Number.POSITIVE_INFINITY, ...accuracyOf(0, 0, truePairs) };
  let correct = 0;
  order.forEach((pair, index) => {
    if (entities[pairs.a[pair]!] === entities[pairs.b[pair]!]) correct += 1;
    const threshold = pairs.weight[pair]!;
    const next = order[index + 1];
    if (next !== undefined && pairs.weight[next] === threshold) return;
    const accuracy = accuracyOf(correct, index + 1, truePairs);
    if (accuracy.f1 > best.f1) best = { threshold, ...accuracy };
  });
  return best;
}

/** Every two rows of one cluster count as a pair: what chains of links join, rightly or wrongly. */
export function clusterAccuracy(clusters: ArrayLike<number>, entities: ArrayLike<number>): Accuracy {
  const both = new Map<string, number>();
  for (let row = 0; row < clusters.length; row++) {
    const key = `${clusters[row]} ${entities[row]}`;
    both.set(key, (both.get(key) ?? 0) + 1);
  }
  return accuracyOf(sumOfPairs(both.values()), countTruePairs(clusters), countTruePairs(entities));
}

function accuracyOf(correct: number, predicted: number, truePairs: number): Accuracy {
  const precision = predicted === 0 ? 1 : correct / predicted;
  const recall = truePairs === 0 ? 1 : correct / truePairs;
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function sumOfPairs(sizes: Iterable<number>): number {
  let pairs = 0;
  for (const size of sizes) pairs += (size * (size - 1)) / 2;
  return pairs;
}
