export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Levels of arrays and objects that {@link canonicalJson} goes down: a recursion has to end before the stack does. */
export const maximumLevels = 64;

/**
 * One text for one value: object keys sorted, members that are `undefined` left out. What fingerprints are made of.
 * Throws a `RangeError` for a value of more than {@link maximumLevels} levels.
 */
export function canonicalJson(value: unknown, level = 0): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object' || value instanceof Date) return JSON.stringify(value) ?? 'null';
  if (level >= maximumLevels) throw new RangeError(`nested deeper than ${maximumLevels} levels`);
  return Array.isArray(value)
    ? canonicalArray(value, level + 1)
    : canonicalObject(value as Record<string, unknown>, level + 1);
}

function canonicalArray(array: readonly unknown[], level: number): string {
  let text = '';
  for (const member of array) text += (text === '' ? '[' : ',') + canonicalJson(member, level);
  return text === '' ? '[]' : `${text}]`;
}

function canonicalObject(object: Readonly<Record<string, unknown>>, level: number): string {
  const keys = Object.keys(object);
  if (isInOrder(keys) && keys.every((key) => isPlain(object[key]))) return JSON.stringify(object);
  let text = '';
  for (const key of keys.sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '' ? '{' : ','}${quoted(key)}:${canonicalJson(member, level)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function isInOrder(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) if (keys[index - 1]! > keys[index]!) return false;
  return true;
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

/** Short printable ASCII without quotes and backslashes: what keys and most values are. Twice as fast as `JSON.stringify`. */
const needsNoEscape = /^[ !#-[\]-~]{0,64}$/;

function quoted(text: string): string {
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}
