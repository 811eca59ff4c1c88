import type { Dimensions } from './ask.ts';
import type { Definition } from './definition.ts';
import { text } from './duck.ts';
import { present } from './world-arbitrary.ts';

const pointed: Dimensions = { PROGRAM: 'b.program', WALLET: 'b.wallet' };

const postings = {
  dimensions: pointed,
  rows: () => `
    select p.*, r.customer_id, g.name as program
    from postings p join records r on r.id = p.record_id join programs g on g.id = p.program_id`,
};

/** What came into an account of the ledger less what left it. */
const net = (bucket: string) =>
  `coalesce(sum(points) filter (where to_bucket = '${bucket}'), 0)
   - coalesce(sum(points) filter (where from_bucket = '${bucket}'), 0)`;
/** What members give each other is no news. */
const issued = `coalesce(sum(points) filter (where from_bucket = 'ISSUED' and kind <> 'TRANSFERRED'), 0)`;

/** What each lot holds by now, from its postings. Debts are no points; nor is what time has ended. */
const outstanding = `
  select p.wallet, r.customer_id, g.name as program, l.earned_at as occurred,
         sum(case when to_bucket in (${held('l.expires_at')}) then points else 0 end
             - case when from_bucket in (${held('l.expires_at')}) then points else 0 end) as points
  from postings p join lots l on l.record_id = p.record_id and l.id = p.lot_id
  join records r on r.id = p.record_id join programs g on g.id = p.program_id
  where l.source <> 'DEBT'
  group by p.record_id, p.lot_id, p.wallet, r.customer_id, g.name, l.earned_at`;

function held(expiresAt: string): string {
  const isOver = `${expiresAt} <= timestamptz ${text(present.toISOString())}`;
  return `'RESERVED', case when ${isOver} then '' else 'PENDING' end, case when ${isOver} then '' else 'AVAILABLE' end`;
}

export const loyalty: Readonly<Record<string, Definition>> = {
  POINTS_ISSUED: { ...postings, sum: issued },
  POINTS_REDEEMED: { ...postings, sum: net('REDEEMED') },
  POINTS_EXPIRED: { ...postings, sum: net('EXPIRED') },
  POINTS_REVERSED: { ...postings, sum: net('REVERSED') },
  REDEMPTION_RATE: { ...postings, ratio: [net('REDEEMED'), issued], n: 'count(distinct entry_id)' },
  POINTS_OUTSTANDING: { dimensions: pointed, rows: () => outstanding, sum: 'coalesce(sum(points), 0)' },
  LOYALTY_MEMBERS: {
    dimensions: { PROGRAM: 'b.program' },
    rows: () => `
      select r.customer_id, g.name as program, m.enrolled_at as occurred
      from memberships m join records r on r.id = m.record_id join programs g on g.id = m.program_id
      where m.status = 'ACTIVE'`,
    sum: 'count(distinct customer_id)',
  },
  MEMBER_SHARE: {
    dimensions: {},
    rows: () => 'select *, first_seen_at as occurred from people',
    ratio: ['count(*) filter (where identified and is_member)', 'count(*) filter (where identified)'],
  },
};
