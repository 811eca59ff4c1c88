import { type Check, complain, type History } from './history.ts';

interface Stored {
  readonly messageId: string;
  readonly amount: number;
  readonly count: number;
  readonly receipts: number;
}

async function findStored({ pool }: History): Promise<Map<string, Stored>> {
  const rows = await pool<Stored[]>`
    select t.message_id as "messageId", min(t.value_minor)::int as amount, count(*)::int as count,
           count(r.id)::int as receipts
    from touchpoints t left join receipts r on r.id = t.id
    group by t.source, t.message_id`;
  return new Map(rows.map((row) => [row.messageId, row]));
}

const acknowledgedOnce: Check = {
  name: 'acknowledged touchpoints are stored exactly once',
  async look(history) {
    const stored = await findStored(history);
    const acknowledged = [...history.sent].filter(([, { statuses }]) => statuses.length > 0).map(([id]) => id);
    const known = [...stored.values()].filter(({ messageId }) => history.sent.has(messageId));
    return [
      ...complain(
        'acknowledged touchpoints are not stored',
        acknowledged.filter((id) => !stored.has(id)),
      ),
      ...complain('touchpoints are stored more than once', idsOf(known.filter(({ count }) => count > 1))),
      ...complain('touchpoints have no receipt', idsOf(known.filter(({ receipts }) => receipts !== 1))),
      ...complain(
        'touchpoints were stored, but not sent',
        idsOf([...stored.values()].filter((row) => !known.includes(row))),
      ),
      ...complain(
        'touchpoints are not what was sent',
        idsOf(known.filter((row) => row.amount !== centsOf(history, row.messageId))),
      ),
      ...complain(
        'touchpoints were acknowledged as new more than once',
        [...history.sent]
          .filter(([, { statuses }]) => statuses.filter((status) => status === 'STORED').length > 1)
          .map(([id]) => id),
      ),
      ...complain('refusals that repeating did not cure', history.surprises),
    ];
  },
};

const sumsAgree: Check = {
  name: 'sums of records and customers are those of the touchpoints',
  async look(history) {
    const [sums] = await history.pool<{ name: string; events: number; cents: number }[][]>`
      select json_build_array(
        json_build_object('name', 'touchpoints', 'events', (select count(*) from touchpoints),
                          'cents', (select coalesce(sum(value_minor), 0) from touchpoints)),
        json_build_object('name', 'records', 'events', (select coalesce(sum(touchpoints), 0) from records),
                          'cents', (select coalesce(sum(gross), 0) from record_revenue)),
        json_build_object('name', 'customers', 'events', (select coalesce(sum(touchpoints), 0) from customers),
                          'cents', (select coalesce(sum((revenue -> 'EUR' ->> 'gross')::bigint), 0) from customers))) as sums`.values();
    const [touchpoints, ...others] = sums![0] as unknown as { name: string; events: number; cents: number }[];
    const differing = others.filter(
      ({ events, cents }) => events !== touchpoints!.events || cents !== touchpoints!.cents,
    );
    return differing.map((sum) => `${JSON.stringify(sum)} instead of ${JSON.stringify(touchpoints)}`);
  },
};

function idsOf(rows: readonly Stored[]): string[] {
  return rows.map(({ messageId }) => messageId);
}

function centsOf({ sent }: History, messageId: string): number {
  return Math.round(Number(sent.get(messageId)!.draft.value!.amount) * 100);
}

export const touchpointChecks: readonly Check[] = [acknowledgedOnce, sumsAgree];
