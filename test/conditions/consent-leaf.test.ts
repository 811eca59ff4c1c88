import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Condition, ConsentCondition } from '../../src/conditions/condition.ts';
import { consentStatuses } from '../../src/conditions/consent-names.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { expectAgreement, language } from './fixture.ts';

const present = new Date('2026-10-26T12:00:00.000Z');
const hour = 3_600_000;
const inHours = (hours: number) => new Date(present.getTime() + hours * hour);

interface Kept {
  readonly purpose: string;
  readonly channel: string;
  readonly status: string;
  readonly expiresAt: Date | null;
}

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ max: 2 });
});

afterAll(() => database.close());

/** The only customers are these, in this order. Answers their ids. */
async function insertPeople(db: Pool, people: readonly (readonly Kept[])[]): Promise<string[]> {
  await db`truncate customers, customer_consents`;
  const ids: string[] = [];
  for (const consents of people) {
    const [row] = await db<{ id: string }[]>`
      insert into customers (id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, revenue, traits,
                             updated_at)
      values (gen_random_uuid(), true, 1, ${present}, ${present}, 1, 0, '{}', '{}', ${present})
      returning id`;
    ids.push(row!.id);
    for (const { purpose, channel, status, expiresAt } of consents) {
      await db`
        insert into customer_consents (customer_id, purpose, channel, status, legal_basis, source, record_id, statement_id,
                                       stated_at, expires_at, conflict)
        values (${row!.id}, ${purpose}, ${channel}, ${status}, 'CONSENT', 'web', ${row!.id}, gen_random_uuid(), ${present},
                ${expiresAt}, false)
        on conflict do nothing`;
    }
  }
  return ids;
}

async function ask(condition: Condition, ...people: readonly (readonly Kept[])[]) {
  const ids = await insertPeople(database.pool, people);
  const each = await expectAgreement(database.pool, [condition], { now: present, timeZone: 'Europe/Zurich' });
  return ids.map((id) => [each.get(id)!.verdicts[0], each.get(id)!.nexts[0]?.toISOString() ?? null]);
}

const kept = (channel: string, status: string, expiresAt: Date | null = null): Kept => {
  return { purpose: 'newsletter', channel, status, expiresAt };
};
const consent = (status: ConsentCondition['status'], channel?: ConsentCondition['channel']): Condition => ({
  consent: { purpose: 'newsletter', ...(channel && { channel }), status },
});
const yes = [true, null];
const no = [false, null];

test('what was said of a channel goes before what was said of every channel', async () => {
  const people = [
    [kept('', 'GRANTED')],
    [kept('', 'GRANTED'), kept('EMAIL', 'WITHDRAWN')],
    [kept('', 'DENIED'), kept('EMAIL', 'GRANTED')],
    [kept('SMS', 'GRANTED')],
    [],
  ];
  expect(await ask(consent(['GRANTED'], 'EMAIL'), ...people)).toEqual([yes, no, yes, no, no]);
  expect(await ask(consent(['GRANTED']), ...people)).toEqual([yes, yes, no, no, no]);
  expect(await ask(consent(['DENIED', 'WITHDRAWN'], 'EMAIL'), ...people)).toEqual([no, yes, no, no, no]);
});

test('of another purpose nothing follows', async () => {
  const other = { ...kept('', 'GRANTED'), purpose: 'profiling' };
  expect(await ask(consent(['GRANTED']), [other], [other, kept('', 'GRANTED')])).toEqual([no, yes]);
});

test('a consent ends at its instant, and not before', async () => {
  const end = inHours(5);
  const people = [[kept('', 'GRANTED', end)], [kept('', 'GRANTED', present)], [kept('', 'PENDING', end)]];
  const until = [true, end.toISOString()];
  const from = [false, end.toISOString()];
  expect(await ask(consent(['GRANTED']), ...people)).toEqual([until, no, from]);
  expect(await ask(consent(['EXPIRED']), ...people)).toEqual([from, yes, from]);
  expect(await ask(consent(['PENDING']), ...people)).toEqual([from, no, until]);
});

test('says what is wrong with a condition, and where', () => {
  const refusal = (leaf: object) => {
    try {
      language.check({ consent: leaf } as Condition);
    } catch (error) {
      return (error as { details: { field: string } }).details.field;
    }
    return 'none';
  };
  expect(refusal({ purpose: '', status: ['GRANTED'] })).toBe('definition.consent.purpose');
  expect(refusal({ purpose: 'newsletter', status: [] })).toBe('definition.consent.status');
  expect(refusal({ purpose: 'newsletter', status: ['YES'] })).toBe('definition.consent.status');
  expect(refusal({ purpose: 'newsletter', channel: 'PIGEON', status: ['GRANTED'] })).toBe('definition.consent.channel');
  expect(refusal({ purpose: 'newsletter', channel: null, status: ['GRANTED'] })).toBe('none');
});

test('SQL and interpreter agree on any consents, until the instant that the SQL names', async () => {
  const purposes = fc.constantFrom('newsletter', 'profiling');
  const channels = fc.constantFrom('EMAIL' as const, 'SMS' as const);
  const ends = fc.option(fc.constantFrom(-1, 0, 1, 48).map(inHours));
  const status = fc.constantFrom('GRANTED', 'PENDING', 'DENIED', 'WITHDRAWN');
  const consents = fc
    .record({ purpose: purposes, channel: fc.oneof(fc.constant(''), channels), status, expiresAt: ends })
    .map((one) => (one.status === 'GRANTED' || one.status === 'PENDING' ? one : { ...one, expiresAt: null }));
  const leaf = fc.record(
    { purpose: purposes, channel: channels, status: fc.subarray([...consentStatuses], { minLength: 1 }) },
    { requiredKeys: ['purpose', 'status'] },
  );
  const conditions = leaf.map((one): Condition => ({ consent: structuredClone(one) }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(consents, { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
      fc.array(
        fc.oneof(
          conditions,
          conditions.map((not): Condition => ({ not })),
        ),
        { minLength: 1, maxLength: 4 },
      ),
      fc.constantFrom(0, 1, -1).map((ms) => new Date(present.getTime() + ms)),
      async (people, given, now) => {
        await insertPeople(database.pool, people);
        await expectAgreement(database.pool, given, { now, timeZone: 'Europe/Zurich' });
      },
    ),
    { numRuns: 40 },
  );
});
