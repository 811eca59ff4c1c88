/**
 * Which types of touchpoints a record has, in 64 bits (a Bloom filter with one hash): a bit that is not set means that it
 * has none of the types that share it. Whoever looks for orders passes by the records without any, and with them a look
 * into each month of their lives. The filter of several touchpoints is the `or` of theirs, in any order.
 */
const bits = 62n;

/** Set where a touchpoint sets traits, whatever its type. */
export const traitsBit = 1n << bits;

const known = new Map<string, bigint>();
/** Types come from callers: what is remembered of them must not grow without bound. */
const mostKnown = 10_000;

export function typeBit(type: string): bigint {
  const remembered = known.get(type);
  if (remembered !== undefined) return remembered;
  if (known.size >= mostKnown) known.clear();
  const bit = 1n << (hash(type) % bits);
  known.set(type, bit);
  return bit;
}

/** 32-bit FNV-1a over UTF-16 units. It is stored with the records: it can't be changed. */
function hash(text: string): bigint {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return BigInt(value >>> 0);
}
