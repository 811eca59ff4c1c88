import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { TouchpointDraft } from '../../touchpoints/touchpoint.ts';
import type { PersonalTable, PersonSearch } from '../personal-data.ts';

/** Whose a message in quarantine is: its record and its identifiers, by derived ids; null for one that is not valid any more. */
export type ReadIds = (
  draft: TouchpointDraft,
  receivedAt: Date,
) => { readonly recordId: string; readonly identifierIds: readonly string[] } | null;

const atOnce = 1_000;

/** Bodies name people by values, not by ids: each one has to be read. */
export function quarantineTable(readIds: ReadIds): PersonalTable {
  return {
    table: 'quarantine',
    holds: 'PERSONAL',
    why: 'Whole messages that could not be processed, those that were replayed since included.',
    effect: 'DELETED',
    afterwards: 'Deleted.',
    async find(db, search) {
      const keys: string[] = [];
      let place = search.after ?? '';
      for (;;) {
        const rows = await listBodies(db, place);
        keys.push(...rows.filter((row) => isOf(readIds(row.body, row.receivedAt), search)).map(({ id }) => id));
        place = rows.at(-1)?.place ?? place;
        if (rows.length < atOnce) return { keys, upTo: place };
      }
    },
    async erase(tx, { subject, found }) {
      const { count } = await tx`
        delete from quarantine
        where id = any(${idList(found.get('quarantine') ?? [])}::uuid[])
           or id in (select id from touchpoints where record_id = any(${idList(subject.recordIds)}::uuid[]))`;
      return count;
    },
  };
}

function isOf(ids: ReturnType<ReadIds>, { subject }: PersonSearch): boolean {
  if (ids === null) return false;
  const own = new Set(subject.identifierIds);
  return subject.recordIds.includes(ids.recordId) || ids.identifierIds.some((id) => own.has(id));
}

interface Body {
  readonly id: string;
  readonly body: TouchpointDraft;
  readonly receivedAt: Date;
  /** In the order of arrival, to the microsecond's last digit. */
  readonly place: string;
}

function listBodies(db: Database, after: string): Promise<Body[]> {
  const [at = '-infinity', id = '00000000-0000-0000-0000-000000000000'] = after === '' ? [] : after.split(' ');
  return db`
    select id, body, received_at as "receivedAt",
           to_char(quarantined_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || id as place
    from quarantine
    where (quarantined_at, id) > (${at}::text::timestamptz, ${id}::text::uuid)
    order by quarantined_at, id limit ${atOnce}`;
}
