import type { NewChange } from '../../kernel/changes.queries.ts';
import type { Json } from '../../kernel/json.ts';
import { groupBy } from '../../kernel/lists.ts';
import type { LedgerChanges } from '../ledger/ledger-changes.ts';
import type { AccountKey } from '../ledger/lot.ts';

/** What was entered into the ledger, for the change feed: a line for each customer and programme. */
export function pointChanges(entered: LedgerChanges, ownerOf: (account: AccountKey) => string | null): NewChange[] {
  const owned = entered
    .accounts()
    .filter(({ kinds }) => kinds.size > 0)
    .map((account) => ({ account, owner: ownerOf(account) }));
  const lines = groupBy(owned, ({ account, owner }) => `${owner} ${account.programId}`);
  return [...lines.values()].map((line) => ({
    topic: 'loyalty.changed',
    customerId: line[0]!.owner,
    subjectId: line[0]!.account.programId,
    detail: {
      accounts: line.map(({ account: { wallet, holdings } }): Json => {
        return { wallet, available: Number(holdings.AVAILABLE), pending: Number(holdings.PENDING) };
      }),
      kinds: [...new Set(line.flatMap(({ account: { kinds } }) => [...kinds]))],
    },
  }));
}
