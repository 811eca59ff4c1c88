import type { NewChange } from '../kernel/changes.queries.ts';
import type { Tx } from '../kernel/database.ts';

/** Reacts to customers whose scores, stage or risk moved without a touchpoint; their rows are locked. */
export type KpisMoved = (
  tx: Tx,
  moved: { readonly at: Date; readonly customerIds: readonly string[] },
) => Promise<readonly NewChange[]>;
