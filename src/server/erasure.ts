import type { CurrentRules } from '../identity/current-rules.service.ts';
import type { CustomersRegrouped } from '../identity/identity.events.ts';
import { foldFromLoyalty } from '../kpis/customers/kpi-reactions.service.ts';
import { AccountClosing } from '../loyalty/erasure/close-accounts.service.ts';
import { ErasureService } from '../privacy/erasure/erasure.service.ts';
import { HouseholdClosing } from '../privacy/erasure/household-closing.service.ts';
import { onLoyaltyMoved } from '../segments/segment-reactions.service.ts';
import type { Engines } from './engines.ts';
import { personalTables } from './personal-data.ts';

export interface ErasureParts {
  readonly idSecret: string;
  readonly defaultRegion: string;
  readonly rules: CurrentRules;
  /** What happens when customers are regrouped. */
  readonly reactions: readonly CustomersRegrouped[];
}

/** Erasure of people: for the server, and for the command line, which knows no GraphQL. */
export function createErasure(
  { evaluator, book, ledger, kpis }: Engines,
  { idSecret, defaultRegion, rules, reactions }: ErasureParts,
): ErasureService {
  const moved = [foldFromLoyalty(kpis.folder), onLoyaltyMoved(evaluator)];
  return new ErasureService({
    idSecret,
    rules,
    reactions,
    closings: [new AccountClosing({ book, ledger, reactions: moved }), new HouseholdClosing(idSecret)],
    tables: personalTables({ idSecret, defaultRegion }, () => rules.inForce.rules),
  });
}
