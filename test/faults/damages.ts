import type { Tx } from '../../src/kernel/database.ts';
import type { History } from './history.ts';

/** Something that a check must notice. */
export interface Damage {
  /** Name of the check. */
  readonly check: string;
  readonly what: string;
  readonly damage?: (tx: Tx) => Promise<unknown>;
  /** What the clients are made to believe instead. */
  readonly tell?: (history: History) => Partial<History>;
}

const stored = 'acknowledged touchpoints are stored exactly once';
const sums = 'sums of records and customers are those of the touchpoints';
const ledger = 'the ledger sums to zero, and is what touchpoints and decisions make of it';
const redemptions = 'acknowledged redemptions are in the ledger exactly once';
const segments = 'members of segments are whom their definitions select';
const identity = 'who is who follows from the facts';
const kpis = 'KPIs follow from the touchpoints';
const audit = 'the audit log is whole';
const feed = 'the change feed is complete and in order for who follows it';
const told = 'the change feed tells of every touchpoint once';

/** The last message, so that it is one that some fault has touched. */
function withLast(history: History, change: (statuses: readonly string[]) => string[]): Partial<History> {
  const [id, sent] = [...history.sent].at(-1)!;
  return { sent: new Map([...history.sent, [id, { ...sent, statuses: change(sent.statuses) }]]) };
}

const ofTouchpoints: readonly Damage[] = [
  {
    check: stored,
    what: 'a touchpoint is gone',
    damage: (tx) => tx`delete from touchpoints where id = (select max(id::text)::uuid from touchpoints)`,
  },
  {
    check: stored,
    what: 'a touchpoint is there twice',
    damage: (tx) => tx`
      insert into touchpoints
      select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid()))).* from touchpoints t limit 1`,
  },
  {
    check: stored,
    what: 'a touchpoint has another value',
    damage: (tx) =>
      tx`update touchpoints set value_minor = value_minor + 1 where id = (select id from touchpoints limit 1)`,
  },
  {
    check: stored,
    what: 'a receipt is gone',
    damage: (tx) => tx`delete from receipts where id = (select id from receipts limit 1)`,
  },
  {
    check: stored,
    what: 'a touchpoint was acknowledged as new twice',
    tell: (history) => withLast(history, () => ['STORED', 'STORED']),
  },
  {
    check: stored,
    what: 'a touchpoint was stored that nobody sent',
    tell: ({ sent }) => ({ sent: new Map([...sent].slice(1)) }),
  },
  { check: stored, what: 'a call was refused for good', tell: () => ({ surprises: ['INTERNAL_SERVER_ERROR'] }) },
  {
    check: sums,
    what: 'a customer counts one too many',
    damage: (tx) =>
      tx`update customers set touchpoints = touchpoints + 1 where id = (select id from customers limit 1)`,
  },
  {
    check: sums,
    what: 'a record lacks a cent',
    damage: (tx) =>
      tx`update record_revenue set gross = gross - 1 where record_id = (select record_id from record_revenue limit 1)`,
  },
];

const ofLoyalty: readonly Damage[] = [
  {
    check: ledger,
    what: 'a lot says that a point was spent, and the ledger does not',
    damage: (tx) => tx`
      update loyalty_lots set available = available - 1, redeemed = redeemed + 1 where id = (select id from loyalty_lots where available > 0 limit 1)`,
  },
  {
    check: ledger,
    what: 'a line of the ledger is gone',
    damage: (tx) => tx`delete from loyalty_postings where id = (select id from loyalty_postings limit 1)`,
  },
  {
    check: redemptions,
    what: 'a redemption took nothing',
    damage: (tx) => tx`
      delete from loyalty_consumptions where decision_id = (select id from loyalty_decisions where kind = 'REDEMPTION' limit 1)`,
  },
  {
    check: redemptions,
    what: 'a redemption that was acknowledged is not there',
    tell: ({ redeemed }) => ({ redeemed: new Map([...redeemed, ['another', 'ldc_01h455vb4pex5vsknk084sn02q']]) }),
  },
  {
    check: redemptions,
    what: 'points were taken that nobody was told of',
    tell: ({ redeemed }) => ({ redeemed: new Map([...redeemed].slice(1)) }),
  },
];

const ofDerived: readonly Damage[] = [
  {
    check: segments,
    what: 'a member is not one any more',
    damage: (tx) => tx`
      delete from segment_states where member and (segment_id, customer_id) in (
        select segment_id, customer_id from segment_states where member and due_at is null limit 1)`,
  },
  {
    check: segments,
    what: 'the log lacks an entry',
    damage: (tx) => tx`delete from segment_log where id = (select id from segment_log where entered limit 1)`,
  },
  {
    check: segments,
    what: 'a build does not end',
    damage: (tx) => tx`update segment_versions set phase = 'EVALUATING'`,
  },
  {
    check: identity,
    what: 'a record belongs to somebody else',
    damage: (tx) => tx`
      update records set customer_id = (select id from customers order by id desc limit 1)
      where id = (select id from records order by customer_id limit 1)`,
  },
  {
    check: kpis,
    what: 'a purchase has another value',
    damage: (tx) =>
      tx`update purchases set value_minor = value_minor + 1 where id = (select id from purchases limit 1)`,
  },
  {
    check: audit,
    what: 'an entry was changed',
    damage: (tx) => tx`update audit_entries set reason = 'another' where id = (select id from audit_entries limit 1)`,
  },
];

const ofTheFeed: readonly Damage[] = [
  { check: feed, what: 'a line did not come', tell: ({ followed }) => ({ followed: followed.toSpliced(7, 1) }) },
  {
    check: feed,
    what: 'a line came twice',
    tell: ({ followed }) => ({ followed: followed.toSpliced(7, 0, followed[3]!) }),
  },
  {
    check: feed,
    what: 'two lines came in the wrong order',
    tell: ({ followed }) => ({ followed: followed.with(7, followed[8]!).with(8, followed[7]!) }),
  },
  { check: feed, what: 'a line came that was undone', tell: ({ followed }) => ({ followed: [...followed, '1/0'] }) },
  {
    check: told,
    what: 'a line is gone',
    damage: (tx) => tx`
      delete from changes where (tx, seq) in (select tx, seq from changes where topic = 'touchpoint.recorded' limit 1)`,
  },
];

export const damages: readonly Damage[] = [...ofTouchpoints, ...ofLoyalty, ...ofDerived, ...ofTheFeed];
