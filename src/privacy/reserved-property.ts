import type { Json, JsonObject } from '../kernel/json.ts';
import type { IngestWarning } from '../touchpoints/touchpoint.ts';

/** A property of a reserved type of touchpoint that can't be used. The touchpoint is stored all the same. */
export class Unusable extends Error {
  readonly warning: IngestWarning;

  constructor(property: string, expected: string, got: Json | undefined) {
    super(`properties.${property} must be ${expected}, got ${kindOf(got)}.`);
    this.warning = { code: 'PROPERTY_UNUSABLE', message: this.message };
  }
}

/** Never the value: it may be personal, and warnings are logged. */
function kindOf(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `another ${typeof value}`;
}

const longestName = 128;
const printable = /^[^\p{Cc}\p{Cs}]+$/u;

/** Whether it can be the name of a purpose or a preference. */
export function isName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= longestName && name.trim() === name && printable.test(name);
}

/** A name that has to be there. Throws {@link Unusable}. */
export function nameIn(properties: JsonObject, property: string): string {
  const name = properties[property];
  if (isName(name)) return name;
  throw new Unusable(property, `1 to ${longestName} printable characters`, name);
}

/** One of these, however it is spelled; `otherwise` where it is left out. Throws {@link Unusable}. */
export function choiceIn<T extends string, O>(
  properties: JsonObject,
  property: string,
  { among, otherwise }: { readonly among: readonly T[]; readonly otherwise: O },
): T | O {
  const given = properties[property];
  if (given == null) return otherwise;
  const found = among.find((one) => typeof given === 'string' && one === given.toUpperCase());
  if (found !== undefined) return found;
  throw new Unusable(property, `one of ${among.join(', ')}`, given);
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$/;

/** RFC 3339 with its offset, as everywhere. Null where it is left out. Throws {@link Unusable}. */
export function instantIn(properties: JsonObject, property: string): Date | null {
  const given = properties[property];
  if (given == null) return null;
  const at = typeof given === 'string' && rfc3339.test(given) ? new Date(given) : null;
  if (at !== null && !Number.isNaN(at.getTime()) && isRealDay(given as string)) return at;
  throw new Unusable(property, 'a time such as 2027-01-31T00:00:00Z', given);
}

/** `Date` takes a 30th of February for a day in March. */
function isRealDay(text: string): boolean {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
