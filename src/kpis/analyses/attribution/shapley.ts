import { shareCredit } from './credit.ts';

/**
 * Shapley values, where a coalition of channels is worth the conversions whose paths have none but these. That game is a sum of
 * one simple game for each path (worth 1 to whoever holds all of its channels, else nothing), and the value of a simple game is
 * shared equally by those whom it needs. So the value is exact however many channels there are, without going through all 2^n
 * coalitions: each conversion is shared equally by the distinct channels of its path.
 *
 * Zhao, Mahboobi, Bagheri: Shapley Value Methods for Attribution Modeling in Online Advertising, 2018 (the simplified form).
 */
export function shapleyShares(keys: readonly number[]): ReadonlyMap<number, bigint> {
  const distinct = [...new Set(keys)];
  const shares = shareCredit(Array<number>(distinct.length).fill(1));
  return new Map(distinct.map((key, index) => [key, shares[index]!]));
}
