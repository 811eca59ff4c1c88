import type { Fragment } from 'postgres';
import type { Boundaries, Boundary, BoundaryConsent } from '../kernel/boundary.ts';
import type { Database } from '../kernel/database.ts';
import { badInput } from '../kernel/errors.ts';
import { column, idList } from '../kernel/sql-array.ts';

/** Segments and consents come after most of what a boundary cuts: a server is given this when it is put together. */
export const boundaries: Boundaries = {
  holds(db, { segments, consents = [], sources }, { customerId, now }) {
    const all: Fragment[] = [db`${customerId} is not null`];
    if (segments) all.push(isMember(db, customerId, segments));
    for (const consent of consents) all.push(hasConsented(db, customerId, { ...consent, now }));
    if (sources) all.push(isKnownTo(db, customerId, sources));
    return db`(${all.reduce((left, right) => db`${left} and ${right}`)})`;
  },

  async check(db: Database, { segments = [] }: Boundary): Promise<void> {
    const found = await db<{ id: string }[]>`
      select id from segments where id = any(${idList(segments)}::uuid[]) and status = 'ACTIVE'`;
    const known = new Set(found.map(({ id }) => id));
    const missing = segments.findIndex((id) => !known.has(id));
    if (missing === -1) return;
    throw badInput('Expected the id of a segment in use.', `input.boundary.segments[${missing}]`);
  },
};

/**
 * Nobody is in a segment that is no longer in use, though its last members may not have been told yet. Whether it is, is asked
 * once for a statement, and not by a join: of that PostgreSQL would believe that it leaves next to nobody.
 */
function isMember(db: Database, customerId: Fragment, segmentIds: readonly string[]): Fragment {
  const one = (id: string): Fragment => db`held.segment_id = ${id}::uuid
    and (select status = 'ACTIVE' from segments where id = ${id}::uuid)`;
  const any = segmentIds.map(one).reduce((left, right) => db`${left} or ${right}`);
  return db`exists (select from segment_states held where held.customer_id = ${customerId} and held.member and (${any}))`;
}

/**
 * What was said of a channel counts there, else what was said of every channel. Consent by every channel: nothing else was
 * said of any.
 */
function hasConsented(
  db: Database,
  customerId: Fragment,
  { purpose, channel, now }: BoundaryConsent & { now: Date },
): Fragment {
  const said = db`select from customer_consents said where said.customer_id = ${customerId} and said.purpose = ${purpose}`;
  const inForce = db`said.status = 'GRANTED' and (said.expires_at is null or said.expires_at > ${now})`;
  const given = channel === undefined ? db`said.channel = ''` : db`said.channel in ('', ${channel})`;
  const refused = channel === undefined ? db`true` : db`said.channel = ${channel}`;
  return db`(exists (${said} and ${given} and ${inForce})
    and not exists (${said} and ${refused} and not (${inForce})))`;
}

function isKnownTo(db: Database, customerId: Fragment, sources: readonly string[]): Fragment {
  return db`exists (
    select from records known where known.customer_id = ${customerId}
      and known.source = any(${column(sources, (source) => source)}::text[]))`;
}
