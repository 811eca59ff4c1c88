/** A merge, split or move of records that happened since. See `regroupings`. */
export interface Regrouped {
  readonly id: string;
  /** Those of one transaction are of one instant. */
  readonly at: Date;
  /** MERGED: `customerId` went into `otherId`. SPLIT: it came out of it. MOVED: some of its records went there. */
  readonly kind: string;
  readonly customerId: string;
  readonly otherId: string;
  /** The records that changed hands. */
  readonly recordIds: readonly string[];
}

/** A receipt of nobody that decisions have given to somebody at any time. */
export interface GivenReceipt {
  readonly recordId: string;
  /** A record of the customer whose it was then, by a decision that held then; null: no decision held, it was nobody's. */
  readonly withRecordId: string | null;
  /** Records that it was kept apart from then: a decision against one of theirs stands above one for it. */
  readonly apartFrom: readonly string[];
}

export interface IdentitySince {
  /** The latest first. */
  readonly regrouped: readonly Regrouped[];
  readonly receipts: readonly GivenReceipt[];
  /** Whose records are now, of those that are named above. */
  readonly customerOf: ReadonlyMap<string, string | null>;
}

/**
 * Whose records were at an instant, for those that are somebody else's now: record → customer, by any id that tells them apart; null:
 * nobody's. Goes back from the present, undoing one regrouping after the other. Records on the other side tell where those that
 * moved come from: their customer may have another id since, or again.
 */
export function identityThen({ regrouped, receipts, customerOf }: IdentitySince): Map<string, string | null> {
  const then = new Map<string, string | null>();
  const now = (recordId: string) => customerOf.get(recordId) ?? null;
  /** Who was no more afterwards is somebody for themselves before; another customer may be called so since. */
  const names = new Map<string, string>();
  const absorbed = (id: string, customerId: string, at: Date) => {
    const key = `${customerId} ${at.getTime()}`;
    const name = names.get(key) ?? id;
    names.set(key, name);
    return name;
  };
  const whose = (recordId: string) => (then.has(recordId) ? then.get(recordId)! : now(recordId));
  for (const { id, at, kind, customerId, otherId, recordIds } of regrouped) {
    // A customer's id is that of a record which is theirs as long as they are called so.
    const from = kind === 'MERGED' ? absorbed(id, customerId, at) : whose(kind === 'SPLIT' ? otherId : customerId);
    for (const recordId of recordIds) then.set(recordId, from);
  }
  for (const { recordId, withRecordId, apartFrom } of receipts) {
    const owner = withRecordId === null ? null : whose(withRecordId);
    then.set(recordId, apartFrom.some((other) => whose(other) === owner) ? null : owner);
  }
  for (const [recordId, customer] of then) if (customer === now(recordId)) then.delete(recordId);
  return then;
}

/** Records that tell whose others were. */
export function recordsNamed({ regrouped, receipts }: Pick<IdentitySince, 'regrouped' | 'receipts'>): string[] {
  const named = new Set<string>();
  for (const { kind, customerId, otherId, recordIds } of regrouped) {
    for (const recordId of recordIds) named.add(recordId);
    if (kind !== 'MERGED') named.add(kind === 'SPLIT' ? otherId : customerId);
  }
  for (const { recordId, withRecordId, apartFrom } of receipts) {
    named.add(recordId);
    for (const other of apartFrom) named.add(other);
    if (withRecordId !== null) named.add(withRecordId);
  }
  return [...named];
}
