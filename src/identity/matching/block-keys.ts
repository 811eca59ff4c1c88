import { sharedInts } from './dictionary.ts';
import { findTransform } from './key-transforms.ts';
import type { BlockingRule, KeyPart } from './match-model.ts';
import { findColumn, type MatchTable } from './match-table.ts';

/** Keys of one rule: the coarsest first, then one for every part that refines it. By row; 0 is none. */
export type RuleKeys = readonly Int32Array[];

/**
 * The blocking keys of all rows. A key is a hash of texts, so the same text has the same key in any table, and keys
 * can be stored. Two texts with one hash cost a comparison, nothing else.
 */
export function blockKeys(table: MatchTable, rules: readonly BlockingRule[]): RuleKeys[] {
  return rules.map((rule) => ruleKeys(table, rule));
}

/** A part that is unknown leaves no key, whichever order the parts of names stand in: two names are sorted first. */
export function ruleKeys(table: MatchTable, rule: BlockingRule): RuleKeys {
  const first = sharedInts(table.rows).fill(hashText(rule.name));
  for (const part of rule.parts) mixPart(table, part, first);
  const keys = [first];
  for (const part of rule.refine) {
    const finer = sharedInts(table.rows);
    finer.set(keys.at(-1)!);
    mixPart(table, part, finer);
    keys.push(finer);
  }
  return keys;
}

function mixPart(table: MatchTable, part: KeyPart, keys: Int32Array): void {
  const { codes, values } = findColumn(table, part.field);
  const hashes = hashValues(values.size, (code) => values.text(code), part.transform);
  const other = part.orField === undefined ? undefined : findColumn(table, part.orField);
  for (let row = 0; row < keys.length; row++) {
    const hash = codes[row]! < 0 ? 0 : hashes[codes[row]!]!;
    // The fields of an unordered pair share a dictionary, therefore the hashes too.
    const otherHash = other === undefined ? undefined : other.codes[row]! < 0 ? 0 : hashes[other.codes[row]!]!;
    keys[row] = keys[row] === 0 ? 0 : mixHashes(keys[row]!, hash, otherHash);
  }
}

function hashValues(size: number, textOf: (code: number) => string, transform: string): Int32Array {
  const apply = findTransform(transform);
  return Int32Array.from({ length: size }, (_, code) => {
    const text = apply(textOf(code));
    return text === '' ? 0 : hashText(text);
  });
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
