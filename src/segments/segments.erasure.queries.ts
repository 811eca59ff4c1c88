import type { Tx } from '../kernel/database.ts';
import { toPublicId } from '../kernel/ids.ts';
import { idList } from '../kernel/sql-array.ts';
import { holdsNothing, isDeleted, newId, ofCustomer, ofRecords } from '../privacy/erasure/erased-ids.queries.ts';
import type { Erasure, PersonalTable } from '../privacy/personal-data.ts';
import { deleteStatesOf, insertLog, insertTallies } from './segment-states.queries.ts';

/** What segments keep of people. Leaving comes first: it is an entry of the log. */
export const segmentTables: readonly PersonalTable[] = [
  {
    table: 'segment_states',
    holds: 'PSEUDONYMS',
    why: 'Who is in which segment, since when and until when.',
    effect: 'DELETED',
    afterwards: 'Deleted. The segments have one member less, and the change feed says so.',
    erase: leaveSegments,
  },
  isDeleted({
    table: 'segment_builds',
    holds: 'PSEUDONYMS',
    why: 'Verdicts of definitions that are being built.',
    ...ofCustomer,
  }),
  isDeleted({ table: 'segment_list_entries', holds: 'PSEUDONYMS', why: 'Who is on which list.', ...ofRecords }),
  {
    table: 'segment_log',
    holds: 'PSEUDONYMS',
    why: 'Who entered and left which segment, when and why.',
    effect: 'ANONYMISED',
    afterwards: 'It stays for the history of the segments’ sizes, under another id and without causes’ ids.',
    erase: eraseLog,
  },
  holdsNothing('segments', 'Names and definitions of segments.'),
  holdsNothing('segment_versions', 'Names and definitions of segments.'),
  holdsNothing('segment_book', 'A counter of changes of definitions.'),
  holdsNothing('segment_tallies', 'How many members segments have.'),
];

async function leaveSegments(tx: Tx, { subject, at, ids, changes }: Erasure): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    select count(*)::int as count from segment_states where customer_id = any(${idList(subject.customerIds)}::uuid[])`;
  const left = await deleteStatesOf(tx, subject.customerIds);
  if (left.length > 0) {
    const lines = left.map((state) => {
      return { ...state, id: ids.uuid(), at, entered: false, cause: 'ERASURE', causeId: null } as const;
    });
    await insertLog(tx, lines);
    await insertTallies(
      tx,
      left.map(({ segmentId }) => ({ id: ids.uuid(), segmentId, members: -1 })),
    );
  }
  for (const { customerId, segmentId, version } of left) {
    changes.push({ topic: 'segment.left', customerId, subjectId: segmentId, detail: { version, cause: 'ERASURE' } });
  }
  return row!.count;
}

async function eraseLog(tx: Tx, { subject, salt, audited }: Erasure): Promise<number> {
  const segments = await tx<{ id: string }[]>`
    select distinct segment_id as id from segment_log where customer_id = any(${idList(subject.customerIds)}::uuid[])`;
  for (const { id } of segments) audited.shared.add(toPublicId('seg', id));
  const { count } = await tx`
    update segment_log
    set customer_id = ${newId(tx, { salt }, tx`customer_id`, 'segments')}, cause_id = null
    where customer_id = any(${idList(subject.customerIds)}::uuid[])`;
  return count;
}
