import { hash } from 'node:crypto';
import { fromUUID, TypeID } from 'typeid-js';
import { v7 } from 'uuid';
import { badInput } from './errors.ts';

/** Makes new ids. Passed in, so that tests can foresee them. */
export interface Ids {
  /** A UUIDv7. */
  uuid(): string;
}

export const randomIds: Ids = { uuid: () => v7() };

/** The prefix of each kind of public id, such as `cus` in `cus_01jv…`. */
export type IdPrefix =
  | 'cus'
  | 'rec'
  | 'tp'
  | 'key'
  | 'qi'
  | 'imp'
  | 'hh'
  | 'acc'
  | 'dec'
  | 'mrg'
  | 'aud'
  | 'rul'
  | 'mc'
  | 'mr'
  | 'seg'
  | 'prg'
  | 'mem'
  | 'lot'
  | 'ent'
  | 'ldc'
  | 'rwd'
  | 'vch'
  | 'vus'
  | 'off'
  | 'prs'
  | 'pool'
  | 'ref'
  | 'mqy'
  | 'mdl'
  | 'cns'
  | 'dsr'
  | 'sup'
  | 'ret';

/** UUID → TypeID, the form in which every id leaves the API. */
export function toPublicId(prefix: IdPrefix, uuid: string): string {
  return fromUUID(uuid, prefix);
}

/** TypeID → UUID. Throws `BAD_USER_INPUT` for anything that is not an id of that kind. */
export function fromPublicId(prefix: IdPrefix, id: string, field = 'id'): string {
  const parsed = parsePublicId(id);
  if (parsed?.prefix === prefix) return parsed.uuid;
  throw badInput(
    `Expected an id such as ${prefix}_01h2xcejqtf2nbrexx3vqjhp41, got ${JSON.stringify(id.slice(0, 80))}.`,
    field,
  );
}

/** Splits any TypeID; `undefined` when it is none. */
export function parsePublicId(id: string): { prefix: string; uuid: string } | undefined {
  try {
    const parsed = TypeID.fromString(id);
    return { prefix: parsed.getType(), uuid: parsed.toUUID() };
  } catch {
    return undefined;
  }
}

/**
 * Names facts: the same parts always give the same UUID (version 8), on every node and in any order of arrival.
 * `secret` belongs to the database, so that nobody outside can test guesses of personal values against an id.
 */
export function deriveUuid(secret: string, kind: string, ...parts: string[]): string {
  // Lengths in front of each part: ('a', 'bc') and ('ab', 'c') must differ.
  let text = `${secret}\n${kind}`;
  for (const part of parts) text += `\n${part.length}:${part}`;
  return uuidFromHex(hash('sha256', text, 'hex'));
}

/** 128 bits of SHA-256 in UUID form: a compact fingerprint of a text. */
export function fingerprintUuid(text: string): string {
  return uuidFromHex(hash('sha256', text, 'hex'));
}

function uuidFromHex(hex: string): string {
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
