import { operatorContext } from '../../access/operator.ts';
import type { Context, Platform } from '../../kernel/context.ts';
import type { Calendar } from '../earning/calendar.ts';
import type { TimedWork } from '../members/loyalty-clock.service.ts';
import type { DecisionServices } from './decision-services.service.ts';

type Timed = Pick<DecisionServices, 'reversal' | 'referrals' | 'birthdays'>;

/** What time brings about of decisions: reservations end, referrals are rewarded, birthdays are celebrated. For the clock. */
export function timedDecisions(
  platform: Platform,
  { reversal, referrals, birthdays }: Timed,
  calendar: Calendar,
): TimedWork[] {
  let celebrated: string | null = null;
  return [
    async () => (await reversal.releaseExpired(inTime(platform))) > 0,
    async () => (await referrals.qualifyReferrals(inTime(platform))) > 0,
    async (now) => {
      const day = calendar.dayOf(now);
      if (day === celebrated) return false;
      // Whoever has had theirs gets none again, so it does no harm that every node asks, and asks again when it starts.
      const given = await birthdays.grantBirthdays(inTime(platform), day);
      celebrated = day;
      return given > 0;
    },
  ];
}

/** Nobody's decision but the programme's. */
function inTime(platform: Platform): Context {
  const ctx = operatorContext(platform);
  return { ...ctx, viewer: { ...ctx.viewer, name: 'loyalty' } };
}
