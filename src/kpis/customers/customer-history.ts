/** An order or a return, as KPIs see it. Amounts in minor units. */
export interface HistoryPurchase {
  /** The touchpoint. */
  readonly id: string;
  readonly recordId: string;
  readonly at: Date;
  readonly kind: 'ORDER' | 'RETURN';
  /** Names the order, within one customer. */
  readonly orderId: string | null;
  /** The first shipment of its order, within its record. */
  readonly opensOrder: boolean;
  readonly currency: string;
  readonly valueMinor: bigint;
  readonly costMinor: bigint | null;
  readonly items: number;
}

/** Something else that befell them: see `facts/signal.ts`. */
export interface HistorySignal {
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly subject: string | null;
  readonly score: number | null;
  readonly endsAt: Date | null;
}

/** That a customer's best tier over all programmes changed: its place among the programme's tiers, 1 for the lowest; 0: none. */
export interface HistoryTier {
  readonly at: Date;
  readonly rank: number;
}

/**
 * What a scoring found of a customer that purchases and signals don't tell: see `customer_observations`. It holds from its time
 * on, until the next one.
 */
export interface HistoryObservation {
  readonly at: Date;
  /** By which part they are here less often than usual: 0, or ½, ¾ or 1. */
  readonly engagementFall: number;
  /** When they lose their tier if nothing happens; null: not soon. */
  readonly tierDropAt: Date | null;
  /** Key of the group whose levers count for them; null: those of everybody. */
  readonly group: string | null;
}

/** All that the KPIs of one customer follow from. Lists are in order of (time, id). */
export interface CustomerHistory {
  readonly customerId: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** When the first identifier that names a person was seen; null: anonymous. */
  readonly identifiedAt: Date | null;
  /** The store of their latest order that names one. */
  readonly homeStore: string | null;
  readonly purchases: readonly HistoryPurchase[];
  readonly signals: readonly HistorySignal[];
  readonly tiers: readonly HistoryTier[];
  readonly observations: readonly HistoryObservation[];
  /**
   * Times of touchpoints up to the first order, for those in whose life before it a prospect may have been silent for too long;
   * empty for all others, of whom nobody asks.
   */
  readonly touches: readonly Date[];
}
