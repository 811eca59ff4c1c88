import type { Fragment } from 'postgres';
import type { Database } from './database.ts';

/** Consent that a customer must have given, and not withdrawn. */
export interface BoundaryConsent {
  readonly purpose: string;
  /** Left out: for every channel. */
  readonly channel?: string;
}

/** Fields of the schema by coordinates: `Customer.identifiers`, `Query.metrics`, `Customer.*`. */
export interface FieldLimits {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/**
 * What a key is kept to, whatever its scopes allow. A limit that is left out does not limit; one that is there has at
 * least one entry, so that "none" can never be mistaken for "all".
 */
export interface Boundary {
  /** UUIDs. Customers who are in at least one of these segments now. */
  readonly segments?: readonly string[];
  /** Customers who have given all of these. */
  readonly consents?: readonly BoundaryConsent[];
  /** Touchpoints of these types: `order.completed`, or `order.*` for all that begin with `order.`. */
  readonly touchpointTypes?: readonly string[];
  /** Touchpoints and records of these sources, and customers who have such a record. */
  readonly sources?: readonly string[];
  /** Touchpoints with one of these as the property `store`. */
  readonly stores?: readonly string[];
  readonly fields?: FieldLimits;
}

/** What tells who is inside of a boundary. Made where segments and consents are known. */
export interface Boundaries {
  /** SQL that is true, never unknown, for a customer who is inside now. `customerId`: a column; NULL is nobody. */
  holds(db: Database, boundary: Boundary, options: { customerId: Fragment; now: Date }): Fragment;
  /** Throws `BAD_USER_INPUT` for a boundary that names what is not there. */
  check(db: Database, boundary: Boundary): Promise<void>;
}

/** SQL that is true, never unknown, for customers whom the caller's key may see. `customerId`: a column. */
export type CustomerCut = (db: Database, customerId: Fragment) => Fragment;

/** Some customers do not exist for this key. */
export function limitsCustomers(boundary: Boundary | undefined): boundary is Boundary {
  return boundary !== undefined && !!(boundary.segments ?? boundary.consents ?? boundary.sources);
}

/** Some touchpoints do not exist for this key, and so nothing that is worked out from all of a customer's. */
export function limitsTouchpoints(boundary: Boundary | undefined): boundary is Boundary {
  return boundary !== undefined && !!(boundary.touchpointTypes ?? boundary.sources ?? boundary.stores);
}

/** Some data do not exist for this key. Limits of fields alone hide no customer and no touchpoint. */
export function limitsData(boundary: Boundary | undefined): boundary is Boundary {
  return limitsCustomers(boundary) || limitsTouchpoints(boundary);
}

/** What a boundary looks at in a touchpoint. */
export interface BoundedTouchpoint {
  readonly type: string;
  readonly source: string;
  readonly properties: Readonly<Record<string, unknown>> | null;
}

/** The first of its limits that a touchpoint is outside of. */
export function limitBroken(
  boundary: Boundary,
  { type, source, properties }: BoundedTouchpoint,
): 'touchpointTypes' | 'sources' | 'stores' | undefined {
  const { touchpointTypes, sources, stores } = boundary;
  if (touchpointTypes && !touchpointTypes.some((pattern) => isOfType(pattern, type))) return 'touchpointTypes';
  if (sources && !sources.includes(source)) return 'sources';
  if (stores && !stores.includes(storeOf(properties) ?? '')) return 'stores';
  return undefined;
}

/** `order.*` → `order.`; `undefined` for a type that is meant as it stands. */
export function prefixOf(pattern: string): string | undefined {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
}

function isOfType(pattern: string, type: string): boolean {
  const prefix = prefixOf(pattern);
  return prefix === undefined ? pattern === type : type.startsWith(prefix);
}

/** As SQL's `->>` has it of texts and numbers. */
function storeOf(properties: BoundedTouchpoint['properties']): string | undefined {
  const store = properties?.store;
  return typeof store === 'string' || typeof store === 'number' ? String(store) : undefined;
}
