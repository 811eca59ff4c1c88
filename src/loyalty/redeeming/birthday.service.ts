import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Program } from '../program.ts';
import { termsAt } from '../terms.ts';
import { findBirthdayCustomers, findCelebrating } from './birthday.queries.ts';
import { birthdaysOn } from './birthday.ts';
import { type Bonus, bonusId, giveBonuses } from './bonus.service.ts';
import { giftAt } from './bonus-rule.ts';
import type { DecisionDesk } from './decide.service.ts';
import { findDecisions } from './decisions.queries.ts';
import type { Member, OpenDesk } from './open-desk.service.ts';
import { findRecordsOf } from './parties.queries.ts';

const atOnce = 500;

/** Points on birthdays, for programmes that have a rule for them. */
export class BirthdayService {
  readonly #desk: DecisionDesk;

  constructor(desk: DecisionDesk) {
    this.#desk = desk;
  }

  /**
   * Gives every member whose birthday it is their points, once a year, however often it is asked. `day` is one of the
   * organisation's calendar (`2026-03-29`). For the clock; in steps of a few hundred. Answers how many got some.
   */
  async grantBirthdays(ctx: Context, day: string): Promise<number> {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw badInput(`Expected a day such as 2026-03-29, got ${day}.`, 'day');
    const now = ctx.clock.now();
    const programs = (await this.#desk.settings.book.current(ctx.pool)).filter((program) => giftOf(program, now));
    if (programs.length === 0) return 0;
    const days = birthdaysOn(day);
    let given = 0;
    for (let after: string | null = null; ; ) {
      const ids: string[] = await findBirthdayCustomers(ctx.pool, { days, after, limit: atOnce });
      for (const program of programs) given += await this.#grant(ctx, { program, ids, days, year: day.slice(0, 4) });
      if (ids.length < atOnce) return given;
      after = ids.at(-1)!;
    }
  }

  async #grant(
    ctx: Context,
    { program, ids, days, year }: { program: Program; ids: readonly string[]; days: readonly string[]; year: string },
  ): Promise<number> {
    if (ids.length === 0) return 0;
    const parties = ids.map((id) => ({ field: id, by: 'RECORD', id, anybody: true, optional: true }) as const);
    return this.#desk.open(ctx, { programId: program.id, parties }, async (desk) => {
      const celebrating = new Set(
        await findCelebrating(
          desk.tx,
          desk.members.map(({ customerId }) => customerId),
          days,
        ),
      );
      const members = desk.members.filter(({ isMember, customerId }) => isMember && celebrating.has(customerId));
      return congratulate(desk, { members, year });
    });
  }
}

function giftOf(program: Program, now: Date) {
  const terms = termsAt(program, now);
  return terms && giftAt(terms, 'loyalty.birthday', now);
}

function birthdayId({ program }: OpenDesk, recordId: string, year: string): string {
  return bonusId('birthday', program.id, recordId, year);
}

/** Not where another record of theirs has had it: they may have been merged this year. */
async function congratulate(
  desk: OpenDesk,
  { members, year }: { members: readonly Member[]; year: string },
): Promise<number> {
  const gift = giftOf(desk.program, desk.now);
  if (!gift || members.length === 0) return 0;
  const records = await findRecordsOf(
    desk.tx,
    members.map(({ customerId }) => customerId),
  );
  const idOf = new Map(records.map(({ recordId }) => [recordId, birthdayId(desk, recordId, year)]));
  const had = new Set((await findDecisions(desk.tx, [...idOf.values()])).map(({ id }) => id));
  const served = new Set(records.filter(({ recordId }) => had.has(idOf.get(recordId)!)).map((one) => one.customerId));
  const bonuses = members
    .filter(({ customerId }) => !served.has(customerId))
    .map(({ recordId, customerId }): Bonus => {
      return { id: birthdayId(desk, recordId, year), kind: 'BIRTHDAY', recordId, customerId, gift };
    });
  return (await giveBonuses(desk, bonuses)).size;
}
