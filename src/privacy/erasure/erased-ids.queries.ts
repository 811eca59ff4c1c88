import type { Fragment } from 'postgres';
import type { Database } from '../../kernel/database.ts';
import { idList } from '../../kernel/sql-array.ts';
import type { Erasure, PersonalTable, Subject } from '../personal-data.ts';

/**
 * The id by which something of the erased is known from now on: the same wherever the old one stood, and of no use to whoever
 * has the old one from an earlier answer, an export or another system. `of` keeps histories apart that nothing has to join.
 */
export function newId(db: Database, { salt }: Pick<Erasure, 'salt'>, column: Fragment, of = 'trail'): Fragment {
  return db`overlay(overlay(left(${digest(db, salt, column, of)}, 32) placing '8' from 13) placing '8' from 17)::uuid`;
}

/** The same for a name of a sender's, such as an order number; null for none. */
export function newName(db: Database, { salt }: Pick<Erasure, 'salt'>, name: Fragment): Fragment {
  return db`('erased-' || left(${digest(db, salt, name, 'name')}, 24))`;
}

function digest(db: Database, salt: string, value: Fragment, of: string): Fragment {
  return db`encode(sha256(convert_to(${`${salt} ${of} `}::text || (${value})::text, 'UTF8')), 'hex')`;
}

/** The new ids of the person's records. */
export function newRecordIds(db: Database, { salt, subject }: Pick<Erasure, 'salt' | 'subject'>): Fragment {
  return db`array(select ${newId(db, { salt }, db`old.id`)} from unnest(${idList(subject.recordIds)}::uuid[]) as old (id))`;
}

export async function findNewRecordIds(db: Database, erasure: Pick<Erasure, 'salt' | 'subject'>): Promise<string[]> {
  const [row] = await db<{ ids: string[] }[]>`select ${newRecordIds(db, erasure)}::text[] as ids`;
  return row!.ids;
}

/** The rule of a table in which nothing is about people. */
export function holdsNothing(table: string, why: string): PersonalTable {
  return { table, holds: 'NOTHING', why };
}

interface DeletedTable extends Pick<PersonalTable, 'table' | 'holds' | 'why'> {
  readonly column: string;
  readonly of: (subject: Subject) => readonly string[];
  readonly afterwards?: string;
}

/** The rule of a table whose rows are one person's, found by an id, and go. */
export function isDeleted({ column, of, afterwards = 'Deleted.', ...rule }: DeletedTable): PersonalTable {
  return {
    ...rule,
    effect: 'DELETED',
    afterwards,
    late: true,
    async erase(tx, { subject }) {
      const { count } = await tx`
        delete from ${tx(rule.table)} where ${tx(column)} = any(${idList(of(subject))}::uuid[])`;
      return count;
    },
  };
}

export const ofRecords = {
  column: 'record_id',
  of: ({ recordIds }: Subject) => recordIds,
};

export const ofCustomer = {
  column: 'customer_id',
  of: ({ customerIds }: Subject) => customerIds,
};
