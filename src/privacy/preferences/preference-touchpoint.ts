import { canonicalJson, type Json } from '../../kernel/json.ts';
import type { AcceptedTouchpoint, IngestWarning } from '../../touchpoints/touchpoint.ts';
import { nameIn, Unusable } from '../reserved-property.ts';
import type { StatedPreference } from './preference.ts';

/** The reserved type of touchpoints that say what a customer prefers. */
export const preferenceType = 'preference.set';

/** Of a value, as JSON. */
export const longestValue = 2_000;

export interface TouchpointPreference extends StatedPreference {
  readonly source: string;
  readonly recordedAt: Date;
}

type Told = Pick<AcceptedTouchpoint, 'type' | 'properties'>;

/** `undefined` for touchpoints of other types, and for one whose properties don't say what it is about. */
export function preferenceOf(touchpoint: AcceptedTouchpoint): TouchpointPreference | undefined {
  if (touchpoint.type !== preferenceType) return undefined;
  const read = readProperties(touchpoint);
  if (read instanceof Unusable) return undefined;
  const { recordId, id, source, occurredAt: statedAt, receivedAt: recordedAt } = touchpoint;
  return { recordId, id, source, statedAt, recordedAt, ...read };
}

/** What the sender has to know, where nothing was made of it. */
export function preferenceWarnings(touchpoint: Told): readonly IngestWarning[] {
  if (touchpoint.type !== preferenceType) return [];
  const read = readProperties(touchpoint);
  return read instanceof Unusable ? [read.warning] : [];
}

function readProperties({ properties }: Told): Pick<StatedPreference, 'name' | 'value' | 'declared'> | Unusable {
  const given = properties ?? {};
  try {
    const name = nameIn(given, 'name');
    const { value, inferred } = given;
    if (value === undefined) throw new Unusable('value', 'given; null for "not any more"', value);
    if (!isShort(value)) throw new Unusable('value', `JSON of at most ${longestValue} characters`, value);
    if (inferred != null && typeof inferred !== 'boolean') throw new Unusable('inferred', 'true or false', inferred);
    return { name, value, declared: inferred !== true };
  } catch (error) {
    if (error instanceof Unusable) return error;
    throw error;
  }
}

export function isShort(value: Json): boolean {
  return canonicalJson(value).length <= longestValue;
}
