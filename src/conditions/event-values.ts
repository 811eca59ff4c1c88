import type { Json } from '../kernel/json.ts';
import { lineFields, propertyOf, readPath } from './event-match.ts';
import type { FactTouchpoint } from './facts.ts';

/** What a touchpoint says of a property: of `lines.sku` a value for each line that has one. Null says nothing. */
export function valuesOf(touchpoint: FactTouchpoint, property: string): Json[] {
  const path = readPath(property);
  const values = path.of === 'LINES' ? lineFields(touchpoint, path) : [propertyOf(touchpoint, property)];
  return values.filter((value) => value !== undefined && value !== null);
}
