import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toPublicId } from '../../../src/kernel/ids.ts';
import { findBudget, findOffer, listAllOffers } from '../../../src/loyalty/offers/offer-reader.service.ts';
import { contextWith, refusalOf } from '../../access/fixture.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { chf, fiveOff, type OffersFixture, openOffers, writeProgram } from './fixture.ts';

let database: TestDatabase;
let node: OffersFixture;
const programId = '01900000-0000-7000-8000-000000000004';

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openOffers(database.pool);
  await writeProgram(database.pool, programId);
});

afterAll(() => database.close());

test('an offer is created once for a key, and another input is a conflict', async () => {
  const input = {
    name: ' Tea ',
    definition: fiveOff({ validFrom: new Date('2026-01-01T00:00:00Z') }),
    idempotencyKey: 'k1',
  };
  const [first, second] = await Promise.all([node.offers.create(node.ctx, input), node.offers.create(node.ctx, input)]);
  expect(first).toMatchObject({ name: 'Tea', status: 'DRAFT', version: 1 });
  expect(second).toEqual(first);
  const refusal = await refusalOf(node.offers.create(node.ctx, { ...input, name: 'Coffee' }));
  expect(refusal.code).toBe('IDEMPOTENCY_CONFLICT');
});

test('every change makes a version, is in the audit log and in the change feed; no change makes none', async () => {
  const { id } = await node.offers.create(node.ctx, { name: 'versions', definition: fiveOff(), reason: 'spring' });
  await node.offers.update(node.ctx, { offerId: id, definition: fiveOff() });
  const changed = await node.offers.update(node.ctx, { offerId: id, name: 'renamed', expectedVersion: 1 });
  expect(changed).toMatchObject({ name: 'renamed', version: 2 });
  const late = await refusalOf(node.offers.update(node.ctx, { offerId: id, name: 'late', expectedVersion: 1 }));
  expect(late).toMatchObject({ code: 'VERSION_CONFLICT', details: { currentVersion: 2 } });
  await node.offers.setStatus(node.ctx, { offerId: id, status: 'LIVE' });
  await node.offers.setStatus(node.ctx, { offerId: id, status: 'LIVE' });
  const audited = await database.pool`
    select action, reason, detail ->> 'version' as version from audit_entries
    where subject = ${toPublicId('off', id)} order by id`;
  expect(audited.map(({ action, reason, version }) => [action, reason, version])).toEqual([
    ['loyalty.offer_created', 'spring', '1'],
    ['loyalty.offer_updated', null, '2'],
    ['loyalty.offer_live', null, '3'],
  ]);
  const told = await database.pool`
    select detail from changes where topic = 'loyalty.offer_changed' and subject_id = ${id} order by tx, seq`;
  expect(told.map(({ detail }) => detail)).toEqual([
    { what: 'CREATED', version: 1 },
    { what: 'UPDATED', version: 2 },
    { what: 'LIVE', version: 3 },
  ]);
});

test('what has ended stays so', async () => {
  const { id } = await node.live('ends', fiveOff());
  await node.offers.setStatus(node.ctx, { offerId: id, status: 'ENDED' });
  for (const status of ['LIVE', 'PAUSED', 'DRAFT'] as const) {
    expect((await refusalOf(node.offers.setStatus(node.ctx, { offerId: id, status }))).code).toBe('BAD_USER_INPUT');
  }
  expect((await refusalOf(node.offers.update(node.ctx, { offerId: id, name: 'x' }))).code).toBe('BAD_USER_INPUT');
});

describe('an offer names only what there is', () => {
  test.each([
    ['tiers without a programme', fiveOff({ tiers: ['gold'] }), undefined, 'programId'],
    ['points without a programme', { value: { points: { wallet: 'points', points: 1 } } }, undefined, 'programId'],
    ['a programme that is none', fiveOff(), '01900000-0000-7000-8000-00000000dead', 'programId'],
    ['a tier that is none', fiveOff({ tiers: ['platinum'] }), programId, 'definition.tiers'],
    ['a wallet that is none', { value: { points: { wallet: 'stars', points: 1 } } }, programId, 'definition.value'],
    [
      'two conditions',
      fiveOff({ eligibility: { everyone: true }, eligibilityText: 'everyone' }),
      undefined,
      'definition.eligibilityText',
    ],
    ['a condition that is none', fiveOff({ eligibility: { all: [] } }), undefined, 'definition.eligibility.all'],
  ])('%s is refused', async (_, definition, program, field) => {
    const refusal = await refusalOf(node.offers.create(node.ctx, { name: 'wrong', definition, programId: program }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { field: `input.${field}` } });
  });
});

test('lists page, and each needs its scope', async () => {
  const reader = contextWith(node.ctx, 'loyalty:read');
  const args = { statuses: ['DRAFT', 'LIVE'] as const, programId: null, first: 1 };
  const names = (page: { nodes: readonly string[] }) => page.nodes;
  await node.offers.create(node.ctx, { name: 'older', definition: fiveOff() });
  node.clock.set('2026-11-02T12:00:01Z');
  const newest = await node.offers.create(node.ctx, {
    name: 'newest',
    definition: fiveOff({ budget: { money: chf('9') } }),
  });
  const first = await listAllOffers(reader, args, ({ name }) => name);
  expect(names(first)).toEqual(['newest']);
  const second = await listAllOffers(reader, { ...args, after: first.pageInfo.endCursor }, ({ name }) => name);
  expect(second.nodes).not.toContain('newest');
  expect(await findOffer(reader, newest.id)).toEqual(newest);
  expect(await findBudget(reader, newest.id)).toMatchObject({ allowed: 900n, taken: 0n, uses: 0 });
  expect(await findOffer(reader, node.ctx.ids.uuid())).toBeNull();
  const till = contextWith(node.ctx, 'loyalty:operate');
  expect((await refusalOf(findOffer(till, newest.id))).code).toBe('FORBIDDEN');
  expect((await refusalOf(node.offers.create(till, { name: 'x', definition: fiveOff() }))).code).toBe('FORBIDDEN');
});
