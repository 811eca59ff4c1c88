import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import { Calendar } from '../earning/calendar.ts';
import { isMember, MemberFold } from '../earning/member-fold.ts';
import { tierAt } from '../earning/tier-level.ts';
import type { Program } from '../program.ts';
import type { ProgramBook } from '../programs/program-book.service.ts';
import { termsAt } from '../terms.ts';
import type { AsOfInput } from './liability.service.ts';
import { asOf, getPublished, readAtOnce } from './reading.service.ts';
import {
  countTierMoves,
  countTiers,
  type DueMember,
  findTimedMembers,
  type TierMoveCount,
} from './tier-reports.queries.ts';

export interface TierShare {
  readonly tier: string;
  readonly name: string;
  readonly members: number;
  /** Of all members with a tier, from 0 to 1. */
  readonly share: number;
}

export interface TierDistribution {
  readonly at: Date;
  readonly members: number;
  /** From the lowest one up. */
  readonly tiers: readonly TierShare[];
}

export interface TierMigration {
  readonly from: Date;
  readonly to: Date;
  readonly moves: readonly TierMoveCount[];
}

/** Which tiers members have, and had. */
export class TierReports {
  readonly #book: ProgramBook;
  readonly #calendar: Calendar;

  constructor(book: ProgramBook, timeZone: string) {
    this.#book = book;
    this.#calendar = new Calendar(timeZone);
  }

  async distribution(ctx: Context, { programId, at }: AsOfInput): Promise<TierDistribution> {
    requireScope(ctx, 'loyalty:read');
    const when = asOf(ctx, programId, at);
    const program = await getPublished(ctx, this.#book, programId);
    const counts = await readAtOnce(ctx, async (tx) => {
      if (when.past) {
        const moves = await countTierMoves(tx, { programId, from: when.at, to: when.at });
        return new Map(moves.flatMap(({ to, members }) => (to === null ? [] : [[to, members]])));
      }
      const found = new Map((await countTiers(tx, programId, when.at)).map(({ tier, members }) => [tier!, members]));
      for (const member of await findTimedMembers(tx, programId, when.at)) {
        const tier = this.#tierOf(program, member, when.at);
        if (tier !== null) found.set(tier, (found.get(tier) ?? 0) + 1);
      }
      return found;
    });
    return { at: when.at, ...shares(program, when.at, counts) };
  }

  async migration(
    ctx: Context,
    { programId, from, to }: { programId: string; from: Date; to?: Date | null },
  ): Promise<TierMigration> {
    requireScope(ctx, 'loyalty:read');
    await getPublished(ctx, this.#book, programId);
    const end = asOf(ctx, programId, to).at;
    if (from > end) throw badInput('Expected an instant before `to`.', 'from');
    const moves = await readAtOnce(ctx, (tx) => countTierMoves(tx, { programId, from, to: end }));
    return { from, to: end, moves };
  }

  /** Time has moved it, and the table has not followed yet. */
  #tierOf(program: Program, { customerId, state, memberships, overrides }: DueMember, at: Date): string | null {
    const terms = { customerId, memberships, overrides, verdicts: new Map() };
    const question = new MemberFold({ program, calendar: this.#calendar }, terms, state).tierQuestion(at);
    return question && isMember(question.terms, terms, at) ? tierAt(question, at) : null;
  }
}

function shares(
  program: Program,
  at: Date,
  counts: ReadonlyMap<string, number>,
): Pick<TierDistribution, 'members' | 'tiers'> {
  const members = [...counts.values()].reduce((sum, one) => sum + one, 0);
  const scheme = termsAt(program, at)?.definition.tierScheme?.tiers ?? [];
  // Tiers of earlier versions may still be in the log.
  const old = [...counts.keys()].filter((key) => !scheme.some((tier) => tier.key === key)).sort();
  const all = [...scheme, ...old.map((key) => ({ key, name: key }))];
  return {
    members,
    tiers: all.map(({ key, name }) => {
      const count = counts.get(key) ?? 0;
      return { tier: key, name, members: count, share: members === 0 ? 0 : count / members };
    }),
  };
}
