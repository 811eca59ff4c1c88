import type { AcceptedTouchpoint } from '../../touchpoints/touchpoint.ts';
import type { Openings, PurchaseRow } from './order-openings.ts';

/** What is added to a cell of `metric_cells`. Amounts in minor units. */
export interface CellChange {
  /** Start of the hour, UTC. */
  readonly hour: Date;
  readonly type: string;
  readonly channel: string;
  readonly source: string;
  readonly campaign: string;
  readonly currency: string;
  touchpoints: bigint;
  orders: bigint;
  valueMinor: bigint;
  costedMinor: bigint;
  costMinor: bigint;
  itemsMicro: bigint;
}

const hourMs = 3_600_000;

interface Placed {
  readonly occurredAt: Date;
  readonly type: string;
  readonly channel: string;
  readonly source: string;
  readonly campaign: string | null;
  readonly currency: string | null;
}

/** What a batch adds to the cells: a sum, whatever the order of its touchpoints. An order that opens elsewhere now moves. */
export function addUpCells(touchpoints: readonly AcceptedTouchpoint[], { rows, overtaken }: Openings): CellChange[] {
  const cells = new Map<string, CellChange>();
  for (const touchpoint of touchpoints) cellOf(cells, touchpoint).touchpoints += 1n;
  for (const row of rows) addPurchase(cellOf(cells, placed(row)), row);
  for (const row of overtaken) cellOf(cells, placed(row)).orders -= 1n;
  return [...cells.values()];
}

function placed(row: PurchaseRow): Placed {
  return { ...row, type: row.kind === 'ORDER' ? 'order.completed' : 'order.returned' };
}

function addPurchase(cell: CellChange, { opensOrder, valueMinor, costMinor, itemsMicro }: PurchaseRow): void {
  if (opensOrder) cell.orders += 1n;
  cell.valueMinor += valueMinor;
  cell.itemsMicro += itemsMicro;
  if (costMinor === null) return;
  cell.costedMinor += valueMinor;
  cell.costMinor += costMinor;
}

function cellOf(cells: Map<string, CellChange>, { type, occurredAt, channel, source, ...rest }: Placed): CellChange {
  const hour = Math.floor(occurredAt.getTime() / hourMs);
  const campaign = rest.campaign ?? '';
  // Other touchpoints may have a value too, which is nobody's revenue.
  const currency = type === 'order.completed' || type === 'order.returned' ? (rest.currency ?? '') : '';
  const name = `${hour}\n${type}\n${channel}\n${source}\n${campaign}\n${currency}`;
  const known = cells.get(name);
  if (known) return known;
  const cell: CellChange = {
    ...{ hour: new Date(hour * hourMs), type, channel, source, campaign, currency },
    ...{ touchpoints: 0n, orders: 0n, valueMinor: 0n, costedMinor: 0n, costMinor: 0n, itemsMicro: 0n },
  };
  cells.set(name, cell);
  return cell;
}
