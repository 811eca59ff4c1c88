import { GraphQLScalarType } from 'graphql';
import { badInput } from '../kernel/errors.ts';

const largest = 9_007_199_254_740_991n;

/** Points as whole JSON numbers: programmes never hold more than a JSON number can say exactly. */
export const Points = new GraphQLScalarType<bigint, number>({
  name: 'Points',
  description: 'A whole number of points, between -9007199254740991 and 9007199254740991.',
  serialize: (value) => Number(value as bigint | number),
  parseValue: readPoints,
  parseLiteral: (node) => {
    if (node.kind !== 'IntValue') throw badInput(`Expected a whole number of points, got ${node.kind}.`);
    return readPoints(node.value);
  },
});

function readPoints(given: unknown): bigint {
  const text = typeof given === 'number' || typeof given === 'string' ? String(given) : '';
  if (!/^-?\d{1,16}$/.test(text)) throw badInput(`Expected a whole number of points, got ${JSON.stringify(given)}.`);
  const points = BigInt(text);
  if (points > largest || points < -largest) throw badInput(`Expected at most ${largest} points, got ${text}.`);
  return points;
}
