import type { Database, Tx } from '../../kernel/database.ts';
import { column, idList } from '../../kernel/sql-array.ts';
import type { Erasure, Found, PersonalTable, PersonSearch } from '../personal-data.ts';
import { holdsNothing } from './erased-ids.queries.ts';

export const kernelTables: readonly PersonalTable[] = [
  {
    table: 'changes',
    holds: 'PSEUDONYMS',
    why: 'The change feed: what changed for whom, by ids, with the campaigns of touchpoints.',
    effect: 'DELETED',
    afterwards: 'Deleted. One line says that the customer was erased.',
    erase: eraseLines,
    find: findLines,
  },
  holdsNothing('settings', 'Facts about the database as a whole.'),
  holdsNothing('migrations', 'Which migrations were applied.'),
];

/** `upTo`: transactions below it had ended. Those of others that still run have to be looked at once they have. */
async function findLines(db: Database, { subject, after }: PersonSearch): Promise<Found> {
  const ids = idList(subject.customerIds);
  const rows = await db<{ key: string | null; upTo: string }[]>`
    select line.key, guard.tx as "upTo"
    from (select pg_snapshot_xmin(pg_current_snapshot())::text as tx) as guard
    left join lateral (
      select tx::text || ' ' || seq as key from changes
      where tx >= ${after ?? '0'}::text::xid8
        and (customer_id = any(${ids}::uuid[]) or subject_id = any(${ids}::uuid[])
          or detail ->> 'into' = any(${subject.customerIds as string[]}::text[])
          or detail ->> 'from' = any(${subject.customerIds as string[]}::text[])
          or detail ->> 'recordId' = any(${subject.recordIds as string[]}::text[]))
    ) as line on true`;
  return { keys: rows.flatMap(({ key }) => key ?? []), upTo: rows[0]!.upTo };
}

async function eraseLines(tx: Tx, { found }: Erasure): Promise<number> {
  const places = (found.get('changes') ?? []).map((key) => key.split(' '));
  const { count } = await tx`
    delete from changes
    using unnest(
      ${column(places, ([place]) => place!)}::text[],
      ${column(places, ([, seq]) => seq!)}::bigint[]) as gone (tx, seq)
    where changes.tx = gone.tx::xid8 and changes.seq = gone.seq`;
  return count;
}
