import type { Measure } from './measure.ts';

/** What came into a bucket of the ledger less what left it again. */
const into = (bucket: string) => ({
  facts: `sum(case when f.to_bucket = '${bucket}' then f.points when f.from_bucket = '${bucket}' then -f.points end)`,
});
const issued = { facts: `sum(f.points) filter (where f.from_bucket = 'ISSUED' and f.kind <> 'TRANSFERRED')` };
const redeemed = into('REDEEMED');
const points = { base: 'POSTINGS', owner: 'Loyalty', kind: 'SUM', format: 'POINTS', additive: true } as const;
const members = {
  facts: `count(*) filter (where c.identified and exists (
    select from loyalty_memberships s join records carrier on carrier.id = s.record_id
    where carrier.customer_id = c.id and s.status = 'ACTIVE'))`,
};
const identified = { facts: 'count(*) filter (where c.identified)' };

/** Points by when the ledger entered them, and members. */
export const loyaltyMeasures: readonly Measure[] = [
  {
    ...points,
    key: 'POINTS_ISSUED',
    title: 'Points issued',
    description: 'Points that the ledger entered as issued. What members give each other is left out.',
    value: issued,
  },
  {
    ...points,
    key: 'POINTS_REDEEMED',
    title: 'Points redeemed',
    description: 'Points that were spent, less redemptions that were taken back.',
    value: redeemed,
  },
  {
    ...points,
    key: 'POINTS_EXPIRED',
    title: 'Points expired',
    description: 'Points that expired without having been spent.',
    value: into('EXPIRED'),
  },
  {
    ...points,
    key: 'POINTS_REVERSED',
    title: 'Points reversed',
    description: 'Points that were taken back, mostly because of returns.',
    value: into('REVERSED'),
  },
  {
    ...points,
    key: 'REDEMPTION_RATE',
    title: 'Redemption rate',
    description: 'Points redeemed ÷ points issued, both by when the ledger entered them.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    numerator: redeemed,
    denominator: issued,
    n: { facts: 'count(distinct f.entry_id)' },
  },
  {
    base: 'LOTS',
    owner: 'Loyalty',
    key: 'POINTS_OUTSTANDING',
    title: 'Points outstanding',
    description:
      'Points that members can still spend as of now: pending, available or reserved; by when they were earned.',
    kind: 'SUM',
    format: 'POINTS',
    additive: true,
    moving: true,
    value: {
      facts: `sum(f.reserved + case when f.expires_at <= $now::timestamptz then 0 else f.pending + f.available end)`,
    },
  },
  {
    base: 'MEMBERSHIPS',
    owner: 'Loyalty',
    key: 'LOYALTY_MEMBERS',
    title: 'Loyalty members',
    description: 'Customers with a membership as of now, each once, by when they were enrolled.',
    kind: 'SUM',
    format: 'COUNT',
    additive: false,
    value: { facts: 'count(distinct r.customer_id)' },
  },
  {
    base: 'CUSTOMERS',
    owner: 'Loyalty',
    key: 'MEMBER_SHARE',
    title: 'Member share',
    description:
      'Identified customers with a membership ÷ identified customers, as of now, by when they were first seen.',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    without: ['PROGRAM', 'TIER'],
    numerator: members,
    denominator: identified,
    n: identified,
  },
];
