import type { Database } from '../../kernel/database.ts';
import { findSubjectIdentifiers, findSubjectRecords } from '../erasure/subject.queries.ts';
import type { Subject } from '../personal-data.ts';

/** The person to whom any id of theirs leads; undefined for nobody. */
export async function readSubject(db: Database, anyId: string): Promise<Subject | undefined> {
  const records = await findSubjectRecords(db, anyId);
  const [first] = records;
  if (!first) return undefined;
  const recordIds = records.map(({ id }) => id);
  const identifiers = await findSubjectIdentifiers(db, recordIds);
  return {
    customerId: first.customerId,
    customerIds: [...new Set([first.customerId, ...recordIds])],
    recordIds,
    identifierIds: identifiers.filter(({ shared }) => !shared).map(({ id }) => id),
    sharedIdentifierIds: identifiers.filter(({ shared }) => shared).map(({ id }) => id),
  };
}
