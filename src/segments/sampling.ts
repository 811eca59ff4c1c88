/** What a sample says about everybody. Shares are from 0 to 1. */
export interface Estimate {
  readonly share: number;
  /** The ends of a 95 % confidence interval. */
  readonly lowest: number;
  readonly highest: number;
}

/** Of the normal distribution, for 95 %. */
const z = 1.959964;

/**
 * Wilson's interval, which holds for rare conditions too (of none in ten thousand it says "less than 4 in ten thousand", not
 * "none for sure"), narrowed by the part of everybody that was looked at. E. B. Wilson, Probable inference, the law of
 * succession, and statistical inference, JASA 22 (1927); the finite population correction as in W. G. Cochran, Sampling
 * Techniques, 2.6.
 */
export function estimateShare({
  matching,
  sample,
  total,
}: {
  readonly matching: number;
  readonly sample: number;
  readonly total: number;
}): Estimate {
  if (sample === 0) return { share: 0, lowest: 0, highest: 0 };
  const share = matching / sample;
  if (sample >= total) return { share, lowest: share, highest: share };
  const n = (sample * (total - 1)) / (total - sample);
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return { share, lowest: Math.max(0, middle - half), highest: Math.min(1, middle + half) };
}
