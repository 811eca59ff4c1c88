import type { NewChange } from '../../kernel/changes.queries.ts';
import { fingerprintUuid, type Ids } from '../../kernel/ids.ts';
import type { TouchedAccount } from '../ledger/ledger.service.ts';
import type { Cause, LedgerChanges } from '../ledger/ledger-changes.ts';
import type { AccountKey } from '../ledger/lot.ts';
import type { Program } from '../program.ts';
import { termsAt } from '../terms.ts';
import type { MemberRow, NewMembership, TierChange } from './member.queries.ts';
import type { Concerned, Occasion } from './member-occasion.ts';
import { changedAccounts, type FoldedMember, hasStanding, type MemberWork } from './member-work.ts';
import { pointChanges } from './point-changes.ts';

/** What a fold changes, ready to be written. */
export class MemberChanges {
  /** Of whom nothing was stored. */
  readonly members: MemberRow[] = [];
  /** Of whom something was stored. */
  readonly known: MemberRow[] = [];
  readonly tiers: TierChange[] = [];
  /** Accounts that only get lots that nobody has stored. */
  readonly appended: TouchedAccount[] = [];
  readonly settled: TouchedAccount[] = [];
  /** Customers who have nothing to do with any programme any more. */
  readonly strangers: { readonly customerId: string; readonly programId: string }[] = [];
  readonly #ids: Ids;
  readonly #at: Date;
  readonly #concerned: ReadonlyMap<string, Concerned>;
  /** Record → customer. */
  readonly #ownerOf = new Map<string, string>();
  /** Accounts of which it is not known whether their records are members. */
  readonly #unsure = new Set<AccountKey>();
  readonly #feed: NewChange[] = [];

  constructor(ids: Ids, { at, customers }: Occasion) {
    this.#ids = ids;
    this.#at = at;
    this.#concerned = new Map(customers.map((one) => [one.customerId, one]));
  }

  add(folded: FoldedMember): void {
    const { work, state, tier, dueAt } = folded;
    const stored = work.kept;
    const accounts = changedAccounts(folded);
    for (const account of accounts) {
      this.#ownerOf.set(account.recordId, work.customerId);
      if (work.from === undefined) this.#unsure.add(account);
    }
    (work.from === undefined && work.stored.length > 0 ? this.settled : this.appended).push(...accounts);
    if (!hasStanding(folded)) {
      if (stored) this.strangers.push({ customerId: work.customerId, programId: work.program.id });
      return;
    }
    const { customerId, program } = work;
    const was = stored?.tier ?? null;
    const tierSince = tier === null ? null : was === tier ? stored!.tierSince : this.#at;
    (stored ? this.known : this.members).push({
      customerId,
      programId: program.id,
      state,
      tier,
      tierSince,
      dueAt: this.#dueOf(stored, dueAt, was !== tier),
    });
    if (was !== tier) this.#changeTier(folded, was);
  }

  /**
   * An instant that is stored and too early stays: whoever answers it looks again and puts it right. Every purchase would
   * otherwise move the end of a tier, and with it an entry of an index.
   */
  #dueOf(stored: MemberWork['kept'], dueAt: Date | null, changed: boolean): Date | null {
    const due = stored?.dueAt ?? null;
    if (changed || due === null || due <= this.#at) return dueAt;
    return dueAt !== null && dueAt < due ? dueAt : due;
  }

  readonly causeOf = (account: AccountKey): Cause => {
    const one = this.#concerned.get(this.#ownerOf.get(account.recordId) ?? '');
    const returned = one?.facts.findLast(({ type }) => type === 'order.returned');
    if (returned) return { kind: 'RETURNED', causeId: returned.id };
    return { kind: 'RECOUNTED', causeId: one?.causeId ?? null };
  };

  entered(changes: LedgerChanges): void {
    for (const account of changes.opened) this.#unsure.add(account);
    this.#feed.push(...pointChanges(changes, ({ recordId }) => this.#ownerOf.get(recordId) ?? null));
  }

  /** Records that have earned something in a programme that takes everybody. */
  earners(programs: readonly Program[], at: Date): NewMembership[] {
    const open = new Set(
      programs.filter((program) => termsAt(program, at)?.definition.enrolment === 'AUTOMATIC').map(({ id }) => id),
    );
    const earners = new Map<string, NewMembership>();
    const unsure = [...this.appended, ...this.settled].filter((account) => this.#unsure.has(account));
    for (const { recordId, programId, lots = [] } of unsure) {
      if (!open.has(programId) || lots.length === 0) continue;
      const id = fingerprintUuid(['membership', programId, recordId].join('\n'));
      const first = lots.reduce(
        (earliest, { earnedAt }) => (earnedAt < earliest ? earnedAt : earliest),
        lots[0]!.earnedAt,
      );
      const known = earners.get(id);
      earners.set(id, {
        recordId,
        programId,
        id,
        enrolledAt: known && known.enrolledAt < first ? known.enrolledAt : first,
      });
    }
    return [...earners.values()].sort((a, b) => (a.recordId < b.recordId ? -1 : 1));
  }

  feed(): NewChange[] {
    return this.#feed;
  }

  #changeTier({ work: { customerId, program }, tier: to }: FoldedMember, from: string | null): void {
    const { cause, causeId } = this.#concerned.get(customerId)!;
    this.tiers.push({
      id: this.#ids.uuid(),
      customerId,
      programId: program.id,
      at: this.#at,
      from,
      to,
      cause,
      causeId,
    });
    this.#feed.push({
      topic: 'loyalty.tier_changed',
      customerId,
      subjectId: program.id,
      detail: { fromTier: from, toTier: to, cause },
    });
  }
}
