/** "This customer is in this household", by rule. */
export interface DerivedMember {
  readonly householdId: string;
  readonly customerId: string;
}

/** A derived membership as it is stored. */
export interface StoredMember extends DerivedMember {
  readonly id: string;
  readonly ruleVersion: number;
}

export interface MemberChanges {
  readonly added: readonly DerivedMember[];
  readonly removed: readonly StoredMember[];
  /** Stay, but carry the version of another rule. */
  readonly outdated: readonly StoredMember[];
}

const nameOf = ({ householdId, customerId }: DerivedMember): string => `${householdId}/${customerId}`;

/** What has to be done so that the stored memberships are those which the rule asks for. */
export function compareMembers(
  wanted: readonly DerivedMember[],
  stored: readonly StoredMember[],
  ruleVersion: number,
): MemberChanges {
  const isWanted = new Set(wanted.map(nameOf));
  const isStored = new Set(stored.map(nameOf));
  return {
    added: wanted.filter((member) => !isStored.has(nameOf(member))),
    removed: stored.filter((member) => !isWanted.has(nameOf(member))),
    outdated: stored.filter((member) => isWanted.has(nameOf(member)) && member.ruleVersion !== ruleVersion),
  };
}

/** What `household_keys` says of some customers. */
export interface HouseholdKeyRow {
  readonly customerId: string;
  readonly householdId: string;
}

export interface KeyChanges {
  readonly set: readonly HouseholdKeyRow[];
  /** Customers who point to no household any more. */
  readonly cleared: readonly string[];
  /** Households that somebody points to newly, or no longer. */
  readonly households: ReadonlySet<string>;
}

export function compareKeys(wanted: readonly HouseholdKeyRow[], stored: readonly HouseholdKeyRow[]): KeyChanges {
  const before = new Map(stored.map((row) => [row.customerId, row.householdId]));
  const set = wanted.filter((row) => before.get(row.customerId) !== row.householdId);
  const kept = new Set(wanted.map((row) => row.customerId));
  const cleared = stored.filter((row) => !kept.has(row.customerId)).map((row) => row.customerId);
  const moved = [...set.map((row) => row.customerId), ...cleared];
  const left = moved.map((customerId) => before.get(customerId)).filter((id) => id !== undefined);
  return { set, cleared, households: new Set([...set.map((row) => row.householdId), ...left]) };
}

/** Of a line of the change feed: which customers may belong to another household since. */
export interface Touched {
  /** Whose traits may have changed. */
  readonly customerIds: ReadonlySet<string>;
  /** Those whose household is looked at even if their traits point where they did before. */
  readonly anyway: ReadonlySet<string>;
}
