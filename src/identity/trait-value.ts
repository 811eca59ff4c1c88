import type { Json } from '../kernel/json.ts';

/** What the values of a trait are. */
export const traitTypes = ['TEXT', 'NUMBER', 'BOOLEAN', 'DATE', 'DATE_TIME', 'OBJECT', 'LIST'] as const;
export type TraitType = (typeof traitTypes)[number];

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/i;

/** The type that a value suggests. A guess: a postal code may look like a number. */
export function guessType(value: Json): TraitType {
  if (typeof value === 'number') return 'NUMBER';
  if (typeof value === 'boolean') return 'BOOLEAN';
  if (Array.isArray(value)) return 'LIST';
  if (typeof value === 'object' && value !== null) return 'OBJECT';
  if (comparableOf('DATE', value) !== undefined) return 'DATE';
  return comparableOf('DATE_TIME', value) === undefined ? 'TEXT' : 'DATE_TIME';
}

/** A value of one of the types that have an order, as a number; `undefined` for a value that is not of that type. */
export function comparableOf(type: TraitType, value: Json): number | undefined {
  if (type === 'NUMBER') return typeof value === 'number' ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (type === 'DATE' && dayPattern.test(value)) return dayOf(value);
  if (type === 'DATE_TIME' && instantPattern.test(value)) return instantOf(value);
  return undefined;
}

/** February 30th is no day, though JavaScript takes it for one. */
function dayOf(text: string): number | undefined {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? at.getTime() : undefined;
}

function instantOf(text: string): number | undefined {
  const at = Date.parse(text.toUpperCase());
  return Number.isNaN(at) || dayOf(text.slice(0, 10)) === undefined ? undefined : at;
}
