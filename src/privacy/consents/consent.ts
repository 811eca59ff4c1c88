import type { ConsentStatus } from '../../conditions/consent-names.ts';

/** What can be said. That time is over nobody has to say. */
export const statedStatuses = ['GRANTED', 'DENIED', 'WITHDRAWN', 'PENDING'] as const satisfies readonly ConsentStatus[];
export type StatedStatus = (typeof statedStatuses)[number];

/** Article 6 (1) of the GDPR, letters a to f. */
export const legalBases = [
  'CONSENT',
  'CONTRACT',
  'LEGAL_OBLIGATION',
  'VITAL_INTERESTS',
  'PUBLIC_TASK',
  'LEGITIMATE_INTEREST',
] as const;
export type LegalBasis = (typeof legalBases)[number];

export const consentOrigins = ['TOUCHPOINT', 'DECISION', 'CONFIRMATION', 'PREFERENCE_CENTER'] as const;
export type ConsentOrigin = (typeof consentOrigins)[number];

/** The channel of a statement about every channel. */
export const everyChannel = '';

/** What was said, as far as it decides anything. */
export interface Stated {
  readonly recordId: string;
  readonly id: string;
  readonly purpose: string;
  readonly channel: string;
  readonly status: StatedStatus;
  readonly legalBasis: LegalBasis;
  readonly source: string;
  readonly statedAt: Date;
  readonly expiresAt: Date | null;
}

/** What counts for one purpose and channel. Time is not in it: see {@link statusAt}. */
export interface Consent {
  readonly purpose: string;
  readonly channel: string;
  readonly status: StatedStatus;
  readonly legalBasis: LegalBasis;
  readonly source: string;
  /** The statement that decides. */
  readonly recordId: string;
  readonly statementId: string;
  readonly statedAt: Date;
  readonly expiresAt: Date | null;
  /** Records say different things. */
  readonly conflict: boolean;
}

/** Of several records, the one that allows least decides. */
const severity: { readonly [Status in StatedStatus]: number } = { GRANTED: 0, PENDING: 1, DENIED: 2, WITHDRAWN: 3 };

/**
 * What counts for a customer, by what was said of their records, in any order. Sorted by purpose and channel.
 *
 * Within a record the latest word counts: of a channel, or of every channel. Over records the most restrictive one does, as
 * long as nobody has decided for all of them. A record of which nothing was said says nothing.
 */
export function foldConsents(statements: readonly Stated[]): Consent[] {
  const byPurpose = Map.groupBy(statements, ({ purpose }) => purpose);
  return [...byPurpose.keys()].sort(byText).flatMap((purpose) => {
    const said = byPurpose.get(purpose)!;
    const channels = [...new Set(said.map(({ channel }) => channel))].sort(byText);
    return channels.map((channel) => toConsent(channel, verdictsOf(said, channel)));
  });
}

/** What each record says of a channel: its statement that counts. Of one purpose; in order of the records. */
export function verdictsOf<S extends Stated>(said: readonly S[], channel: string): S[] {
  const about = said.filter((one) => one.channel === channel || one.channel === everyChannel);
  const byRecord = Map.groupBy(about, ({ recordId }) => recordId);
  return [...byRecord.keys()].sort(byText).map((recordId) => lastWord(byRecord.get(recordId)!));
}

/** GRANTED and PENDING end by themselves. */
export function statusAt(
  { status, expiresAt }: { readonly status: StatedStatus; readonly expiresAt: Date | null },
  now: Date,
): ConsentStatus {
  return isOpen(status) && expiresAt !== null && expiresAt <= now ? 'EXPIRED' : status;
}

/** Said of a channel, or else of every channel. */
export function consentFor<C extends Pick<Consent, 'purpose' | 'channel'>>(
  consents: readonly C[],
  purpose: string,
  channel: string,
): C | undefined {
  const of = (name: string) => consents.find((one) => one.purpose === purpose && one.channel === name);
  return of(channel) ?? of(everyChannel);
}

/** The later of two statements, whatever the order in which they came. */
export function isLater(a: Pick<Stated, 'statedAt' | 'id'>, b: Pick<Stated, 'statedAt' | 'id'>): boolean {
  const [left, right] = [a.statedAt.getTime(), b.statedAt.getTime()];
  return left === right ? a.id > b.id : left > right;
}

/** Asking again takes nothing away: as long as what was granted held when it was asked, that goes on counting. */
function lastWord<S extends Stated>(said: readonly S[]): S {
  const last = latest(said);
  if (last.status !== 'PENDING') return last;
  const settled = said.filter(({ status }) => status !== 'PENDING');
  if (settled.length === 0) return last;
  const before = latest(settled);
  const held = before.status === 'GRANTED' && (before.expiresAt === null || before.expiresAt > last.statedAt);
  return held ? before : last;
}

function latest<S extends Stated>(said: readonly S[]): S {
  return said.reduce((last, next) => (isLater(next, last) ? next : last));
}

function toConsent(channel: string, verdicts: readonly Stated[]): Consent {
  const deciding = verdicts.reduce((worst, next) => (isWorse(next, worst) ? next : worst));
  const { purpose, status, legalBasis, source, recordId, id, statedAt } = deciding;
  const ends = verdicts.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt.getTime()]));
  const expiresAt = isOpen(status) && ends.length > 0 ? new Date(Math.min(...ends)) : null;
  const conflict = new Set(verdicts.map(kindOf)).size > 1;
  return {
    ...{ purpose, channel, status, legalBasis, source },
    ...{ recordId, statementId: id, statedAt, expiresAt, conflict },
  };
}

/** Then the one that ends first, the latest word, and in the end any order that is always the same. */
function isWorse(a: Stated, b: Stated): boolean {
  if (a.status !== b.status) return severity[a.status] > severity[b.status];
  const [endOfA, endOfB] = [endOf(a), endOf(b)];
  if (endOfA !== endOfB) return endOfA < endOfB;
  if (a.id === b.id) return a.recordId > b.recordId;
  return isLater(a, b);
}

function endOf({ status, expiresAt }: Stated): number {
  return isOpen(status) && expiresAt !== null ? expiresAt.getTime() : Number.POSITIVE_INFINITY;
}

function isOpen(status: StatedStatus): boolean {
  return status === 'GRANTED' || status === 'PENDING';
}

/** A refusal and a withdrawal say the same. */
function kindOf({ status }: Stated): string {
  return status === 'WITHDRAWN' ? 'DENIED' : status;
}

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
