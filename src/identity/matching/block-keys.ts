import { type Dictionary, sharedInts } from './dictionary.ts';
import { findTransform } from './key-transforms.ts';
import type { BlockingRule, KeyPart } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';

/** Keys of one rule: the coarsest first, then one for every part that refines it. By row; 0 is none. */
export type RuleKeys = readonly Int32Array[];

/**
 * Makes blocking keys of the rows of one table. A key is a hash of texts, so the same text has the same key in any
 * table, and keys can be stored. Two texts with one hash cost a comparison, nothing else.
 */
export class KeyMaker {
  readonly #table: MatchTable;
  /** By field and transform; many rules use the same part. */
  readonly #hashes = new Map<string, Int32Array>();

  constructor(table: MatchTable) {
    this.#table = table;
  }

  keys(rule: BlockingRule): RuleKeys {
    const first = sharedInts(this.#table.rows).fill(hashText(rule.name));
    for (const part of rule.parts) this.#mixPart(part, first);
    const keys = [first];
    for (const part of rule.refine) {
      const finer = sharedInts(this.#table.rows);
      finer.set(keys.at(-1)!);
      this.#mixPart(part, finer);
      keys.push(finer);
    }
    return keys;
  }

  /** A part that is unknown leaves no key. */
  #mixPart({ field, orField, transform }: KeyPart, keys: Int32Array): void {
    const hashes = this.#rowHashes(field, transform);
    const others = orField === undefined ? undefined : this.#rowHashes(orField, transform);
    for (let row = 0; row < keys.length; row++) {
      if (keys[row] !== 0) keys[row] = mixHashes(keys[row]!, hashes(row), others?.(row));
    }
  }

  #rowHashes(field: string, transform: string): (row: number) => number {
    const { codes, values } = findColumn(this.#table, field);
    const hashes = getOrInsert(this.#hashes, `${transform} of ${field}`, () => hashValues(values, transform));
    return (row) => (codes[row]! < 0 ? 0 : hashes[codes[row]!]!);
  }
}

export function ruleKeys(table: MatchTable, rule: BlockingRule): RuleKeys {
  return new KeyMaker(table).keys(rule);
}

function getOrInsert<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}

function hashValues(values: Dictionary, transform: string): Int32Array {
  const apply = findTransform(transform);
  const hashes = new Int32Array(values.size);
  for (let code = 0; code < hashes.length; code++) {
    const text = apply(values.text(code));
    hashes[code] = text === '' ? 0 : hashText(text);
  }
  return hashes;
}

/** 0 if a hash is 0. The other one, if there is one, may change places with the first. */
function mixHashes(key: number, hash: number, other?: number): number {
  if (hash === 0 || other === 0) return 0;
  if (other === undefined) return mix(key, hash);
  return hash < other ? mix(mix(key, hash), other) : mix(mix(key, other), hash);
}

function mix(key: number, hash: number): number {
  return scatter(Math.imul(key, 31) + hash) || 1;
}

/** FNV-1a, scattered; never 0. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return scatter(hash) || 1;
}

/** The last step of MurmurHash3: every bit of the input reaches every bit of the output. */
export function scatter(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
