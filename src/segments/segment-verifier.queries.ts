import type { Database, Tx } from '../kernel/database.ts';

/** The members of a segment, and everybody whose membership time may change within a period. */
export async function findMemberIds(
  tx: Tx,
  segmentId: string,
  { after, through }: { after: Date; through: Date },
): Promise<{ members: Set<string>; unsettled: Set<string> }> {
  const rows = await tx<{ id: string; member: boolean; unsettled: boolean }[]>`
    select customer_id as id, member, coalesce(due_at > ${after} and due_at <= ${through}, false) as unsettled
    from segment_states where segment_id = ${segmentId}`;
  return {
    members: new Set(rows.filter(({ member }) => member).map(({ id }) => id)),
    unsettled: new Set(rows.filter(({ unsettled }) => unsettled).map(({ id }) => id)),
  };
}

export async function findSegmentNames(db: Database): Promise<Map<string, string>> {
  const rows = await db<{ id: string; name: string }[]>`select id, name from segments`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
