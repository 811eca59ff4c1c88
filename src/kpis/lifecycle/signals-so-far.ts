import type { HistorySignal } from '../customers/customer-history.ts';
import type { LifecycleCause } from './stage.ts';

const day = 86_400_000;
const never = Number.POSITIVE_INFINITY;
const sinceEver = Number.NEGATIVE_INFINITY;

/** What befell a customer beside purchases, as far as it still matters, one signal after the other. Instants are milliseconds. */
export class SignalsSoFar {
  readonly #cases = new Map<string, { severe: boolean; open: boolean }>();
  /** When they end, those that have not been ended; ∞: without end. */
  readonly #contracts = new Map<string, number>();
  #npsAt = sinceEver;
  #npsScore: number | null = null;
  #advocacyAt = sinceEver;
  #openSevere = 0;
  #severeCase: string | null = null;
  #exitAt = sinceEver;
  #endedAt = sinceEver;
  /** When a contract was last started or renewed. */
  contractAt = sinceEver;

  add({ at, kind, subject, score, endsAt }: HistorySignal): LifecycleCause | null {
    const time = at.getTime();
    switch (kind) {
      case 'NPS':
        [this.#npsAt, this.#npsScore] = [time, score];
        return score !== null && score < 9 ? 'ADVOCACY_ENDED' : 'ADVOCACY';
      case 'ADVOCACY':
        this.#advocacyAt = time;
        return 'ADVOCACY';
      case 'CASE_OPENED':
        return this.#turnCase(subject, { severe: (score ?? 0) >= 1, open: true });
      case 'CASE_REOPENED':
        return this.#turnCase(subject, { open: true });
      case 'CASE_RESOLVED':
        return this.#turnCase(subject, { open: false });
      case 'CONTRACT':
        this.#contracts.set(subject ?? '', endsAt?.getTime() ?? never);
        this.contractAt = time;
        return 'CONTRACT';
      case 'CONTRACT_ENDED':
        if (this.#contracts.delete(subject ?? '')) this.#endedAt = Math.max(this.#endedAt, time);
        return 'CONTRACT_ENDED';
      case 'EXIT':
        this.#exitAt = time;
        return 'EXIT';
      default:
        return null;
    }
  }

  get openComplaint(): boolean {
    return this.#openSevere > 0;
  }

  /** The one that was opened or reopened last. */
  get severeCase(): string | null {
    return this.#severeCase;
  }

  /** 0 to 6, while it counts. */
  detractorScore(at: number, days: number): number | null {
    const counts = this.#npsScore !== null && this.#npsScore <= 6 && at < this.#npsAt + days * day;
    return counts ? this.#npsScore : null;
  }

  detractorUntil(days: number): number {
    return this.#npsScore !== null && this.#npsScore <= 6 ? this.#npsAt + days * day : sinceEver;
  }

  /** Until when they are known to recommend us. A later, lower answer takes back what an answer said. */
  advocateUntil(days: number): number {
    const said = this.#npsScore !== null && this.#npsScore >= 9 ? this.#npsAt : sinceEver;
    return Math.max(said, this.#advocacyAt) + days * day;
  }

  /** When the last of the contracts that run then ends: ∞ without an end; −∞: none runs. */
  contractsEnd(at: number): number {
    let last = sinceEver;
    if (this.#contracts.size === 0) return last;
    for (const ends of this.#contracts.values()) if (ends > at && ends > last) last = ends;
    return last;
  }

  /** When they left: an explicit exit, or the end of their last contract; −∞: they have not. */
  leftAt(at: number): number {
    if (this.#contracts.size === 0) return Math.max(this.#endedAt, this.#exitAt);
    if (this.contractsEnd(at) > sinceEver) return this.#exitAt;
    let ended = this.#endedAt;
    for (const ends of this.#contracts.values()) if (ends <= at && ends > ended) ended = ends;
    return Math.max(ended, this.#exitAt);
  }

  leftBecause(at: number): LifecycleCause {
    return this.leftAt(at) === this.#exitAt ? 'EXIT' : 'CONTRACT_ENDED';
  }

  #turnCase(subject: string | null, turn: { severe?: boolean; open: boolean }): LifecycleCause {
    const before = this.#cases.get(subject ?? '') ?? { severe: false, open: false };
    const after = { ...before, ...turn };
    this.#cases.set(subject ?? '', after);
    this.#openSevere += Number(after.severe && after.open) - Number(before.severe && before.open);
    if (after.severe && after.open) this.#severeCase = subject;
    return turn.open ? 'CASE' : 'CASE_CLOSED';
  }
}
