import { isoInstant } from '../../kernel/iso-day.ts';
import type { Cell } from './export-table.ts';

/** A value as text, exact: times in RFC 3339, UTC; numbers with all their digits. Null stays. */
export function cellText(cell: Cell): string | null {
  if (typeof cell === 'string' || cell === null) return cell;
  return cell instanceof Date ? isoInstant(cell) : String(cell);
}
