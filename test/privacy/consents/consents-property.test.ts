import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/kernel/json.ts';
import { verifyConsents } from '../../../src/privacy/consents/consent-verifier.service.ts';
import type { TouchpointDraft } from '../../../src/touchpoints/touchpoint.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { emptyWorld } from '../../support/world.ts';
import { type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openConsents(database.pool);
});

afterAll(() => database.close());

const keys = ['k1', 'k2', 'k3', 'k4'];

/** Few people, few purposes and few days, so that all of it meets. */
const draft = fc
  .record({
    key: fc.constantFrom(...keys),
    email: fc.option(fc.constantFrom('a@x.ch', 'b@x.ch'), { freq: 2 }),
    what: fc.constantFrom('granted', 'denied', 'withdrawn', 'requested', 'viewed'),
    day: fc.integer({ min: 1, max: 20 }),
    purpose: fc.constantFrom('newsletter', 'profiling'),
    channel: fc.option(fc.constantFrom('EMAIL', 'SMS')),
    ends: fc.option(fc.integer({ min: 1, max: 28 })),
  })
  .map(({ key, email, what, day, purpose, channel, ends }): Omit<TouchpointDraft, 'messageId'> => {
    const expiresAt: JsonObject = ends === null ? {} : { expiresAt: new Date(Date.UTC(2026, 9, ends)).toISOString() };
    return {
      source: 'crm',
      key,
      type: what === 'viewed' ? 'page.viewed' : `consent.${what}`,
      occurredAt: new Date(Date.UTC(2026, 8, day)).toISOString(),
      identifiers: email === null ? [] : [{ kind: 'email', value: email }],
      properties: what === 'viewed' ? null : { purpose, ...(channel && { channel }), ...expiresAt },
    };
  });

const drafts = fc
  .array(draft, { minLength: 2, maxLength: 14 })
  .map((all) => all.map((one, index): TouchpointDraft => ({ ...one, messageId: `message ${index}` })));

async function begin(): Promise<void> {
  await emptyWorld(database.pool);
  await database.pool.unsafe('delete from consent_statements; delete from customer_consents;');
}

/** In calls of a few. */
async function ingest(all: readonly TouchpointDraft[]): Promise<void> {
  for (let from = 0; from < all.length; from += 3) await node.ingest.submit(node.ctx, all.slice(from, from + 3));
}

/** Consents by the keys of the records that belong to their customer. */
async function consentsByKeys(): Promise<object[]> {
  const rows = await database.pool`
    select (select string_agg(r.key, ' ' order by r.key) from records r where r.customer_id = k.customer_id) as keys, purpose,
           channel, status, expires_at, stated_at, record_id, statement_id, conflict
    from customer_consents k order by 1, 2, 3`;
  return [...rows];
}

async function ownerOf(key: string): Promise<string | undefined> {
  const [row] = await database.pool<{ id: string }[]>`
    select customer_id as id from records where key = ${key} and customer_id is not null`;
  return row?.id;
}

const settings = { numRuns: propertyRuns(25) };

test('the order in which touchpoints come makes no difference to what counts', { timeout: 60_000 }, async () => {
  const both = drafts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  await fc.assert(
    fc.asyncProperty(both, async ([all, other]) => {
      await begin();
      await ingest(all);
      const first = await consentsByKeys();
      await begin();
      await ingest(other);
      expect(await consentsByKeys()).toEqual(first);
    }),
    settings,
  );
});

test('merging and parting leaves what follows from the records, and parted it is as never merged', {
  timeout: 60_000,
}, async () => {
  const pairs = fc.array(fc.uniqueArray(fc.constantFrom(...keys), { minLength: 2, maxLength: 2 }), {
    minLength: 1,
    maxLength: 3,
  });
  await fc.assert(
    fc.asyncProperty(drafts, drafts, pairs, async (before, after, merges) => {
      const later = after.map((one) => ({ ...one, messageId: `later ${one.messageId}` }));
      await begin();
      await ingest([...before, ...later]);
      const never = await consentsByKeys();
      await begin();
      await ingest(before);
      const undo: (() => Promise<void>)[] = [];
      for (const pair of merges) {
        const owners = new Set(await Promise.all(pair.map(ownerOf)));
        if (owners.size < 2 || owners.has(undefined)) continue;
        undo.push(await node.merge(...([...owners] as string[])));
        expect((await verifyConsents(database.pool)).differences).toEqual([]);
      }
      await ingest(later);
      expect((await verifyConsents(database.pool)).differences).toEqual([]);
      for (const part of undo.reverse()) await part();
      expect((await verifyConsents(database.pool)).differences).toEqual([]);
      expect(await consentsByKeys()).toEqual(never);
    }),
    settings,
  );
});

test('the check finds what is not true', async () => {
  await begin();
  const id = await node.says('k1', { type: 'consent.granted', properties: { purpose: 'newsletter' } });
  await database.pool`update customer_consents set status = 'DENIED' where customer_id = ${id}`;
  expect((await verifyConsents(database.pool)).differences).toMatchObject([{ customerId: id, purpose: 'newsletter' }]);
  await database.pool`delete from customer_consents`;
  expect((await verifyConsents(database.pool)).differences).toMatchObject([{ customerId: id, stored: null }]);
  await database.pool`
    insert into customer_consents (customer_id, purpose, channel, status, legal_basis, source, record_id, statement_id,
                                   stated_at, conflict)
    values (gen_random_uuid(), 'x', '', 'GRANTED', 'CONSENT', 'web', ${id}, ${id}, now(), false)`;
  expect((await verifyConsents(database.pool)).differences).toHaveLength(2);
});
