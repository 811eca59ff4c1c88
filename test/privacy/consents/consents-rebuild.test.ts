import { afterAll, beforeAll, expect, test } from 'vitest';
import { rebuildConsents } from '../../../src/privacy/consents/consent-rebuild.service.ts';
import { verifyConsents } from '../../../src/privacy/consents/consent-verifier.service.ts';
import type { MovedConsents } from '../../../src/privacy/consents/consents.events.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openIngest, touchpoint } from '../../support/ingest.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openConsents(database.pool);
});

afterAll(() => database.close());

test('touchpoints from before are made statements of, and what is wrong is put right', async () => {
  const [right, wrong] = [await node.says('anna', about('granted')), await node.says('berta', about('granted'))];
  await node.set(right, { status: 'DENIED', purpose: 'ads' });
  // A server that knew nothing of consents.
  const former = await openIngest(database.pool);
  const drafts = [about('withdrawn', { at: '2026-10-09T10:00:00Z' }), about('granted', { purpose: 7 }), {}];
  for (const draft of drafts) {
    await former.ingest.submit(former.ctx, [touchpoint({ source: 'crm', key: 'berta', ...draft })]);
  }
  await former.ingest.submit(former.ctx, [touchpoint({ source: 'crm', key: 'carl', ...about('granted') })]);
  await database.pool`
    insert into customer_consents (customer_id, purpose, channel, status, legal_basis, source, record_id, statement_id,
                                   stated_at, conflict)
    select gen_random_uuid(), 'x', '', 'GRANTED', 'CONSENT', 'web', record_id, id, stated_at, false
    from consent_statements limit 1`;
  const moved: string[] = [];
  const react = async (_tx: unknown, { customerIds }: MovedConsents) => {
    moved.push(...customerIds);
    return [];
  };
  expect(await rebuildConsents(node.ctx, [react])).toEqual({ statements: 2, changes: 2 });
  expect(moved).toHaveLength(2);
  expect(moved).not.toContain(right);
  expect(await node.kept(wrong)).toEqual(['newsletter  WITHDRAWN']);
  expect(await node.kept(right)).toEqual(['ads  DENIED', 'newsletter  GRANTED']);
  expect((await verifyConsents(database.pool)).differences).toEqual([]);
  expect(await rebuildConsents(node.ctx, [react])).toEqual({ statements: 0, changes: 0 });
});
