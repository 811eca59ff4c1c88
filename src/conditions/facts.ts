import type { Json, JsonObject } from '../kernel/json.ts';
import type { AcceptedLine } from '../touchpoints/touchpoint.ts';

/** A touchpoint as conditions see it. */
export interface FactTouchpoint {
  readonly id: string;
  readonly occurredAt: Date;
  readonly type: string;
  readonly source: string;
  readonly channel: string;
  readonly direction: string;
  readonly campaign: string | null;
  readonly valueMinor: bigint | null;
  readonly currency: string | null;
  readonly traits: JsonObject | null;
  readonly properties: JsonObject | null;
  readonly lines: readonly AcceptedLine[] | null;
}

/** What orders and returns in one currency add up to, in minor units. */
export interface FactRevenue {
  readonly orders: number;
  readonly returns: number;
  readonly gross: bigint;
  readonly returned: bigint;
}

/** All that is known of one customer: what a condition is judged by outside the database. */
export interface CustomerFacts {
  readonly id: string;
  /** Golden traits; null: the sources say that there is none. */
  readonly traits: JsonObject;
  readonly identified: boolean;
  readonly records: number;
  readonly touchpointCount: number;
  readonly orders: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  readonly lastOrderAt: Date | null;
  readonly revenue: ReadonlyMap<string, FactRevenue>;
  /** In order of (time, id). */
  readonly touchpoints: readonly FactTouchpoint[];
  readonly sources: ReadonlySet<string>;
  /** Kinds of the identifiers that its records carry now. */
  readonly identifierKinds: ReadonlySet<string>;
  /** When other customers were merged into it. */
  readonly mergedAt: readonly Date[];
  /** Everybody in the customer's households and accounts at the moment, the customer included. */
  readonly members: ReadonlyMap<'HOUSEHOLD' | 'ACCOUNT', readonly CustomerFacts[]>;
  /** What modules further up know, by the name of their leaf. */
  readonly further: ReadonlyMap<string, Json>;
}
