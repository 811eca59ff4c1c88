import type { Scope } from '../../../access/scopes.ts';
import type { ChangeTopic } from '../../../kernel/changes.queries.ts';
import type { BaseKey } from './base.ts';

/** What numbers can be split and filtered by. Values are text. */
export interface Dimension {
  /** Such as `CHANNEL`. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  /** Who answers for the definition. */
  readonly owner: string;
  /** SQL over the rows `f` of these bases. It goes before what follows. */
  readonly own?: Readonly<Partial<Record<BaseKey, string>>>;
  /** SQL over the cells `f` of the roll-up, where it is equal. */
  readonly cells?: string;
  /**
   * What the customer `c` of a row is now: for all bases with customers. `join` is of rows that are one at most for each
   * customer. `$zone` is the zone of the query, `$program` the programme that it is about.
   */
  readonly customer?: { readonly join?: string; readonly value: string };
  /**
   * A `select` of all values of the customer `c`, each once, as `value`. Rows count under each; totals count them once.
   */
  readonly values?: string;
  /** Its rows are lines of purchases. */
  readonly lines?: boolean;
  /** Changes of these topics can move a customer from one value to another. */
  readonly topics?: readonly ChangeTopic[];
  /** Beside `metrics:read`. */
  readonly scope?: Scope;
  /** The trait that it shows: if that is personal, only who may see personal data can ask for it. */
  readonly trait?: string;
  /** Which tables of scores or first orders have to be at hand. */
  readonly needs?: readonly ('FIRST_ORDERS' | 'SCORES' | 'PROGRAM')[];
}
