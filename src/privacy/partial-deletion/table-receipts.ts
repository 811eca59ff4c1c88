import type { TableReceipt } from '../subject-requests.queries.ts';

/** What became of the rows of each table that a deletion of touchpoints reaches. */
const what: ReadonlyMap<string, string> = new Map([
  ['touchpoints', 'Deleted. Their receipts stay, so that a repeat is known as one: keyed hashes and a time.'],
  ['record_revenue', 'Sums of orders and returns were made anew from what is left.'],
  ['record_traits', 'Values that only these touchpoints gave; an earlier value counts again where there is one.'],
  ['claims', 'Identifiers that only these touchpoints gave the record.'],
  ['identifiers', 'Values that no record carries any more.'],
  ['records', 'Records without any touchpoint left, on which nothing else rests.'],
  ['quarantine', 'Messages that waited, and that a replay would have stored.'],
  ['purchases', 'Orders and returns as KPIs keep them.'],
  ['signals', 'Answers, cases and contracts as KPIs keep them.'],
  ['metric_cells', 'Hours of the roll-up from which they were taken.'],
  ['loyalty_verdicts', 'What earning rules had decided about them; the ledger gives back what they had earned.'],
  ['loyalty_memberships', 'Memberships that these purchases had opened.'],
  ['decision_records', 'What a matcher had decided about records that are no more.'],
  ['refused_links', 'Evidence that was refused.'],
  ['household_members', 'Places in a household by rule.'],
  ['match_blocks', 'Blocks of the matcher.'],
  ['match_records', 'What the matcher knew of records that are no more.'],
  ['match_candidates', 'Pairs that the matcher had found.'],
]);

export function tableReceipts(removed: readonly { table: string; rows: number }[]): TableReceipt[] {
  return removed.map(({ table, rows }) => ({ table, rows, effect: 'DELETED', what: what.get(table) ?? 'Deleted.' }));
}
