import { appendChanges } from '../../kernel/changes.queries.ts';
import type { Tx } from '../../kernel/database.ts';
import { deriveUuid } from '../../kernel/ids.ts';
import { noteCompany } from './company-changes.queries.ts';
import { householdChange } from './household.service.ts';
import {
  deleteDerivedMembers,
  deleteEmptyHouseholds,
  deleteKeys,
  findCrowds,
  findDerivedMembers,
  findKeys,
  findKeysBetween,
  findTraitValues,
  findWantedMembers,
  insertDerivedMembers,
  insertHouseholdsOfRule,
  listTraitValues,
  lockHouseholds,
  setCrowds,
  setKeys,
  setRuleVersion,
  type TraitValues,
} from './household-derivation.queries.ts';
import {
  compareKeys,
  compareMembers,
  type DerivedMember,
  type HouseholdKeyRow,
  type MemberChanges,
  type Touched,
} from './household-derivation.ts';
import type { StoredRule } from './household-rule.queries.ts';
import { householdKey } from './household-rule.ts';

/** Makes the households of some customers what the rule says, in a constant number of statements. */
export class HouseholdSettlement {
  readonly #idSecret: string;

  /** `idSecret`: the ids of households are derived with it, so that nobody can test guesses of an address against one. */
  constructor(idSecret: string) {
    this.#idSecret = idSecret;
  }

  /** Notes of the next customers which household their traits point to. Settles nothing. */
  async readKeys(
    tx: Tx,
    rule: StoredRule,
    { after, limit }: { after: string | null; limit: number },
  ): Promise<{ last: string | null; read: number }> {
    const customers = await listTraitValues(tx, rule.traits, { after, limit });
    const last = customers.at(-1)?.customerId ?? null;
    // Behind the last customer of all there may be keys of some who are no more.
    const through = customers.length < limit ? null : last;
    const changes = compareKeys(this.#keysOf(rule, customers), await findKeysBetween(tx, after, through));
    await writeKeys(tx, changes);
    return { last, read: customers.length };
  }

  /** Reads the touched customers anew, and settles the households that they left, came to, or may be in otherwise. */
  async settleTouched(tx: Tx, rule: StoredRule, { touched, now }: { touched: Touched; now: Date }): Promise<void> {
    const customerIds = [...touched.customerIds];
    if (customerIds.length === 0) return;
    const wanted = this.#keysOf(rule, await findTraitValues(tx, customerIds, rule.traits));
    const stored = await findKeys(tx, customerIds);
    const changes = compareKeys(wanted, stored);
    await writeKeys(tx, changes);
    const anyway = [...wanted, ...stored].filter(({ customerId }) => touched.anyway.has(customerId));
    const ids = changes.households.union(new Set(anyway.map(({ householdId }) => householdId)));
    await this.settle(tx, rule, { ids: [...ids].sort(), now });
  }

  /** Locks first, so that what somebody says by hand is either seen here or comes after, and is heard of by the feed. */
  async settle(tx: Tx, rule: StoredRule, { ids, now }: { ids: readonly string[]; now: Date }): Promise<void> {
    if (ids.length === 0) return;
    await lockHouseholds(tx, ids);
    const crowds = new Set(await findCrowds(tx, ids, rule.maximumSize));
    const small = ids.filter((id) => !crowds.has(id));
    const wanted = await findWantedMembers(tx, small, { rule, now });
    const changes = compareMembers(wanted, await findDerivedMembers(tx, ids), rule.version);
    await setCrowds(tx, ids, [...crowds]);
    const created = await this.#writeMembers(tx, changes, { ruleVersion: rule.version, now });
    if (changes.removed.length > 0) await deleteEmptyHouseholds(tx, ids);
    const lines = [
      ...created.map((id) => householdChange(id, 'CREATED', 'RULE')),
      ...changes.removed.map((member) => memberChange(member, 'MEMBER_REMOVED')),
      ...changes.added.map((member) => memberChange(member, 'MEMBER_ADDED')),
    ];
    await noteCompany(tx, lines);
    await appendChanges(tx, now, lines);
  }

  async #writeMembers(
    tx: Tx,
    { added, removed, outdated }: MemberChanges,
    { ruleVersion, now }: { ruleVersion: number; now: Date },
  ): Promise<string[]> {
    if (removed.length > 0) await deleteDerivedMembers(tx, removed);
    if (outdated.length > 0) await setRuleVersion(tx, outdated, ruleVersion);
    if (added.length === 0) return [];
    const members = added.map((member) => ({ ...member, id: this.#memberId(member) }));
    const households = new Set(added.map(({ householdId }) => householdId));
    const created = await insertHouseholdsOfRule(tx, [...households], now);
    await insertDerivedMembers(tx, members, ruleVersion);
    return created;
  }

  /** None for a rule that is off: then nobody's traits point anywhere. */
  #keysOf(rule: StoredRule, customers: readonly TraitValues[]): HouseholdKeyRow[] {
    if (!rule.enabled) return [];
    return customers.flatMap(({ customerId, values }) => {
      const key = householdKey(rule.traits, values);
      return key ? [{ customerId, householdId: deriveUuid(this.#idSecret, 'household', ...key) }] : [];
    });
  }

  #memberId({ householdId, customerId }: DerivedMember): string {
    return deriveUuid(this.#idSecret, 'household-member', householdId, customerId);
  }
}

async function writeKeys(tx: Tx, { set, cleared }: ReturnType<typeof compareKeys>): Promise<void> {
  if (set.length > 0) await setKeys(tx, set);
  if (cleared.length > 0) await deleteKeys(tx, cleared);
}

function memberChange({ householdId, customerId }: DerivedMember, what: 'MEMBER_ADDED' | 'MEMBER_REMOVED') {
  return householdChange(householdId, what, 'RULE', customerId);
}
