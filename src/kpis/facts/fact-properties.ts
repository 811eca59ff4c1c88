import { reservedProperties } from './reserved-properties.ts';

/** The properties from which facts follow, by type of touchpoint: see `purchase.ts` and `signal.ts`. */
export const factProperties: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(reservedProperties).map(([type, properties]) => [type, Object.keys(properties)]),
);
