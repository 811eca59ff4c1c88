export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One text for one value: object keys sorted, members that are `undefined` left out. What fingerprints are made of. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object' || value instanceof Date) return JSON.stringify(value) ?? 'null';
  return Array.isArray(value) ? canonicalArray(value) : canonicalObject(value as Record<string, unknown>);
}

function canonicalArray(array: readonly unknown[]): string {
  let text = '';
  for (const member of array) text += (text === '' ? '[' : ',') + canonicalJson(member);
  return text === '' ? '[]' : `${text}]`;
}

function canonicalObject(object: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined) text += `${text === '' ? '{' : ','}${quoted(key)}:${canonicalJson(member)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** Short printable ASCII without quotes and backslashes: what keys and most values are. Twice as fast as `JSON.stringify`. */
const needsNoEscape = /^[ !#-[\]-~]{0,64}$/;

function quoted(text: string): string {
  return needsNoEscape.test(text) ? `"${text}"` : JSON.stringify(text);
}
