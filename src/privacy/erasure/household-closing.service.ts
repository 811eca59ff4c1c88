import { noteCompany } from '../../identity/relations/company-changes.queries.ts';
import { findLatestRule } from '../../identity/relations/household-rule.queries.ts';
import { HouseholdSettlement } from '../../identity/relations/household-settlement.service.ts';
import type { Tx } from '../../kernel/database.ts';
import type { Closing, Erasure } from '../personal-data.ts';
import { findGroups, lockDerivation } from './household-closing.queries.ts';

/** Takes the erased out of the household that their traits point to, and lets those hear of it who were in one with them. */
export class HouseholdClosing implements Closing {
  readonly #settlement: HouseholdSettlement;

  constructor(idSecret: string) {
    this.#settlement = new HouseholdSettlement(idSecret);
  }

  readonly companions = async (): Promise<readonly string[]> => [];

  readonly close = async (tx: Tx, { subject: { customerId, recordIds }, at }: Erasure): Promise<void> => {
    await lockDerivation(tx);
    const rule = await findLatestRule(tx);
    if (rule) {
      const touched = { customerIds: new Set([customerId]), anyway: new Set([customerId]) };
      // As if the rule were off for them: their traits point nowhere any more.
      await this.#settlement.settleTouched(tx, { ...rule, enabled: false }, { touched, now: at });
    }
    const groups = await findGroups(tx, recordIds);
    const topic = 'household.changed' as const;
    await noteCompany(
      tx,
      groups.map((subjectId) => ({ topic, customerId, subjectId, detail: null })),
    );
  };
}
