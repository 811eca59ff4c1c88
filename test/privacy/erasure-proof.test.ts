import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyAudit } from '../../src/access/audit-proof.service.ts';
import { operatorContext } from '../../src/access/operator.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import type { Difference } from '../../src/identity/identity.events.ts';
import { fromPublicId, toPublicId } from '../../src/kernel/ids.ts';
import { verifyAllCustomerKpis } from '../../src/kpis/customers/customer-kpis-verifier.service.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { verifyLedger } from '../../src/loyalty/reports/ledger-verifier.service.ts';
import { verifyConsents } from '../../src/privacy/consents/consent-verifier.service.ts';
import { verifySegments } from '../../src/segments/segment-verifier.service.ts';
import { createEngines } from '../../src/server/engines.ts';
import { rebuildIdentity } from '../../src/server/identity-rebuild.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { findTraces } from './erasure-scan.ts';
import { readSums, type Sums } from './erasure-sums.ts';
import { createWorld, ErasureApi, type ErasureWorld, marker, personDrafts, phoneDigits } from './erasure-world.ts';

/** Somebody with unusual values wherever there can be any, before and after they are erased. */
const timeZone = 'Europe/Zurich';
let server: TestServer;
let api: ErasureApi;
let world: ErasureWorld;
let before: { traces: Record<string, number>; exported: string; sums: Sums; outstanding: number };
let erased: Erased;

interface Erased {
  readonly alreadyErased: boolean;
  readonly request: { readonly id: string; readonly status: string };
  readonly receipt: readonly { readonly table: string; readonly effect: string; readonly rows: number }[];
}

const erase = (customerId: string) =>
  api.mutate<Erased>(
    'eraseCustomer',
    { customerId, reason: 'Request 4711' },
    'alreadyErased request { id status } receipt { table effect rows }',
  );

beforeAll(async () => {
  server = await startTestServer();
  api = new ErasureApi(server);
  world = await createWorld(api, server.database.pool);
  const traces = await findTraces(server.database.pool, [marker, phoneDigits]);
  const sums = await readSums(server.database.pool);
  before = { traces, exported: await exportEverything(), sums, outstanding: await outstandingPoints() };
  erased = await erase(world.customerId);
}, 120_000);
afterAll(() => server.close());

/** Every list that can be downloaded, as the owner sees it. */
async function exportEverything(): Promise<string> {
  const headers = { authorization: `Bearer ${server.ownerKey}` };
  const listed = await fetch(`${server.url}/exports`, { headers });
  const { lists } = (await listed.json()) as { lists: { name: string }[] };
  expect(lists.length).toBeGreaterThan(12);
  const texts: string[] = [];
  for (const { name } of lists) {
    const answer = await fetch(`${server.url}/exports/${name}?format=json`, { headers });
    expect(answer.status, name).toBe(200);
    texts.push(`${name}\n${await answer.text()}`);
  }
  return texts.join('\n');
}

async function outstandingPoints(): Promise<number> {
  const { loyaltyLiability } = await api.ask<{
    loyaltyLiability: { wallets: { outstanding: number; owed: number }[] };
  }>('query ($id: ID!) { loyaltyLiability(programId: $id) { wallets { outstanding owed } } }', { id: world.programId });
  expect(loyaltyLiability.wallets[0]!.owed).toBe(0);
  return loyaltyLiability.wallets[0]!.outstanding;
}

describe('before', () => {
  test('the scan finds the person wherever they are', () => {
    const everywhere = [
      ...[
        'audit_entries',
        'changes',
        'claims',
        'consent_statements',
        'customers',
        'decisions',
        'households',
        'identifiers',
      ],
      ...[
        'loyalty_decisions',
        'loyalty_pools',
        'loyalty_tier_overrides',
        'loyalty_voucher_codes',
        'loyalty_voucher_uses',
      ],
      ...[
        'loyalty_vouchers',
        'data_subject_requests',
        'preference_statements',
        'purchases',
        'quarantine',
        'record_traits',
        'records',
      ],
      ...['relation_statements', 'signals', 'touchpoints'],
    ];
    for (const table of everywhere) expect(before.traces, table).toHaveProperty(table);
    const cells = (before.traces.metric_cells ?? 0) + (before.traces.metric_cell_changes ?? 0);
    expect(cells).toBeGreaterThan(0);
  });

  test('so do exports', () => {
    expect(before.exported).toContain(marker);
    expect(before.exported).toContain(world.customerId);
  });
});

describe('afterwards', () => {
  test('no column of any table holds anything of them', async () => {
    expect(await findTraces(server.database.pool, [marker, phoneDigits])).toEqual({});
  });

  test('their old ids only stand where it is proven that they were erased, and where they are kept from coming back', async () => {
    const public_ = world.recordIds.flatMap((id) => [toPublicId('cus', id), toPublicId('rec', id)]);
    expect(Object.keys(await findTraces(server.database.pool, world.recordIds)).sort()).toEqual([
      ...['changes', 'data_subject_requests', 'suppressions'],
    ]);
    expect(Object.keys(await findTraces(server.database.pool, public_))).toEqual(['audit_entries']);
    // Of accepted messages there is a receipt for ever, which leads to nothing.
    expect(Object.keys(await findTraces(server.database.pool, world.touchpointIds))).toEqual(['receipts']);
    const [receipts] = await server.database.pool<{ leading: number }[]>`
      select count(*)::int as leading from receipts
      where id = any(${world.touchpointIds as string[]}::uuid[]) and (record_id in (select id from records)
        or fingerprint <> '00000000-0000-0000-0000-000000000000')`;
    expect(receipts!.leading).toBe(0);
  });

  test('a fresh export of all lists holds nothing of them', async () => {
    const ids = [...world.recordIds, ...world.touchpointIds];
    const names = [
      marker,
      ...ids.flatMap((id) => [id, ...(['cus', 'rec', 'tp'] as const).map((prefix) => toPublicId(prefix, id))]),
    ];
    const exported = (await exportEverything()).toLowerCase();
    expect(names.filter((name) => exported.includes(name))).toEqual([]);
    // The other one is still there.
    expect(exported).toContain(world.otherId);
  });

  test('their ids lead to nobody', async () => {
    for (const id of [
      world.customerId,
      ...world.recordIds.flatMap((uuid) => [toPublicId('cus', uuid), toPublicId('rec', uuid)]),
      ...world.touchpointIds.map((uuid) => toPublicId('tp', uuid)),
      world.presentationId,
    ]) {
      expect(await api.ask('query ($id: ID!) { node(id: $id) { id } }', { id }), id).toEqual({ node: null });
    }
    const { voucher } = await api.ask<{ voucher: unknown }>(
      'query ($id: ID!) { voucher: node(id: $id) { ... on LoyaltyVoucher { code status } } }',
      {
        id: world.voucherId,
      },
    );
    expect(voucher).toEqual({ code: expect.stringMatching(/^[0-9a-f-]{36}$/), status: 'CANCELLED' });
  });

  test('what was counted stays', async () => {
    const after = await readSums(server.database.pool);
    expect({ ...after, pointsForfeited: 0n }).toEqual({ ...before.sums, pointsForfeited: 0n });
    expect(before.sums.cells.orders).toBe(2n);
    const left = await server.database.pool<{ store: string; opens: number }[]>`
      select store, (count(*) filter (where opens_order))::int as opens from purchases
      join records on records.id = record_id where erased_at is not null group by 1 order by 1`;
    expect(left.map(({ store }) => store)).toEqual(['S1', 'S2']);
    // Two shipments of one order are one order still.
    expect(left.reduce((sum, { opens }) => sum + opens, 0)).toBe(1);
  });

  test('their points are forfeited, and those of others are not', async () => {
    // What waited for its time is gone as well as what could be spent.
    const theirs = before.outstanding - (await outstandingPoints());
    expect(theirs).toBe(120 + 30 - 20 + 50 - 20 - 10 + 5 + 7);
    const { customer } = await api.ask<{
      customer: { loyalty: { balances: { available: number; reserved: number }[] }[] };
    }>('query ($id: ID!) { customer(id: $id) { loyalty { balances { available reserved } } } }', { id: world.otherId });
    // What they had reserved together with the erased is theirs again.
    expect(customer.loyalty[0]!.balances[0]).toEqual({ available: 505, reserved: 0 });
  });

  test('all that is derived is what follows from what is left', async () => {
    const { platform } = server.wiring;
    const ctx = operatorContext(platform);
    const engines = createEngines({ timeZone }, { ids: platform.ids, rules: new CurrentRules() });
    expect((await verifyLedger(platform, { timeZone })).differences).toEqual([]);
    expect(await verifyFacts(platform.pool)).toEqual([]);
    expect((await verifyAllCustomerKpis(platform.pool, engines.kpis)).differences).toEqual([]);
    expect((await verifySegments(platform, engines.evaluator)).differences).toEqual([]);
    expect((await verifyConsents(platform.pool)).differences).toEqual([]);
    const differences: Difference[] = [];
    await rebuildIdentity(
      ctx,
      { advanced() {}, found: (some) => differences.push(...some) },
      { verify: true, timeZone },
    );
    expect(differences).toEqual([]);
  });

  test('the audit log proves itself, and says which reasons it withholds', async () => {
    const ctx = operatorContext(server.wiring.platform);
    expect((await verifyAudit(ctx, {})).problems).toEqual([]);
    const { auditLog } = await api.ask<{ auditLog: { nodes: { detail: { withheld: Record<string, string> } }[] } }>(
      '{ auditLog(first: 1, filter: { action: "privacy" }) { nodes { detail } } }',
    );
    expect(Object.keys(auditLog.nodes[0]!.detail.withheld).length).toBeGreaterThan(15);
  });

  test('segments, lists, households and pools go on without them', async () => {
    const { buyers, friends } = await api.ask<Record<'buyers' | 'friends', { memberCount: number }>>(
      'query ($buyers: ID!, $friends: ID!) { buyers: segment(id: $buyers) { memberCount } friends: segment(id: $friends) { memberCount } }',
      { buyers: world.segmentId, friends: world.listId },
    );
    expect([buyers.memberCount, friends.memberCount]).toEqual([1, 0]);
    const { household } = await api.ask<{ household: { name: string; members: { nodes: { customerId: string }[] } } }>(
      'query ($id: ID!) { household(id: $id) { name members { nodes { customer { id } } } } }',
      { id: world.householdId },
    );
    expect(household).toMatchObject({ name: 'Flat 3', members: { nodes: [{ customer: { id: world.otherId } }] } });
  });

  test('the receipt stays readable, and erasing again answers it', async () => {
    expect(erased).toMatchObject({ alreadyErased: false, request: { status: 'DONE' } });
    const again = await erase(world.customerId);
    expect(again).toEqual({ ...erased, alreadyErased: true });
    // By any id that led to them.
    for (const id of world.recordIds) expect((await erase(toPublicId('cus', id))).request).toEqual(erased.request);
    const { dataSubjectRequest: kept } = await api.ask<{ dataSubjectRequest: Record<string, unknown> }>(
      `query ($id: ID!) { dataSubjectRequest(id: $id) {
         kind status customerId reason detail finishedAt receipt { table effect rows } } }`,
      { id: erased.request.id },
    );
    expect(kept).toMatchObject({
      kind: 'ERASURE',
      customerId: world.customerId,
      reason: 'Request 4711',
      detail: { records: 3, identifiers: 4, sharedIdentifiers: 1 },
      receipt: erased.receipt,
    });
    const rowsOf = (table: string) => erased.receipt.find((line) => line.table === table)?.rows;
    expect(rowsOf('touchpoints')).toBe(personDrafts.length);
    expect(rowsOf('suppressions')).toBe(7);
    expect(rowsOf('quarantine')).toBe(1);
    expect(erased.receipt.map(({ effect }) => effect)).not.toContain('EXPORTED');
  });

  test('no repeat, import or replay brings them back', async () => {
    const counts = () => server.database
      .pool`select (select count(*) from records) as records, (select count(*) from touchpoints)
      as touchpoints, (select count(*) from identifiers) as identifiers, (select count(*) from receipts) as receipts`;
    const then = await counts();
    const repeated = await api.send(...personDrafts);
    const fresh = await api.send(
      { messageId: 'fresh-1', source: 'crm', key: `crm-${marker}-4711`, traits: { firstName: `Erika ${marker}` } },
      {
        messageId: 'fresh-2',
        source: 'shop',
        key: 'new-key',
        identifiers: [{ kind: 'email', value: `Erika.${marker}@mail.example` }],
      },
      { messageId: 'fresh-3', source: 'shop', identifiers: [{ kind: 'phone', value: '079 876 54 32' }] },
    );
    for (const result of [...repeated, ...fresh]) {
      expect(result).toMatchObject({ status: 'REJECTED', code: 'SUPPRESSED', customerId: null, touchpointId: null });
    }
    expect(await counts()).toEqual(then);
    // What waits in quarantine of others is replayed as ever.
    const { replayQuarantined } = await api.ask<{ replayQuarantined: { results: { status: string }[] } }>(
      'mutation { replayQuarantined { results { status } } }',
    );
    expect(replayQuarantined.results.map(({ status }) => status)).toEqual(['STORED']);
    expect(await findTraces(server.database.pool, [marker, phoneDigits])).toEqual({});
  });

  test('a device that they shared stays with the others', async () => {
    const [result] = await api.send({ source: 'web', identifiers: [{ kind: 'deviceId', value: 'family-tablet-1' }] });
    expect(result).toMatchObject({ status: 'STORED', customerId: world.otherId });
  });

  test('the change feed says that they are gone', async () => {
    const lines = await server.database.pool<{ topic: string; subjectId: string; detail: object }[]>`
      select topic, subject_id as "subjectId", detail from changes
      where customer_id = any(${world.recordIds as string[]}::uuid[]) and topic = 'customer.erased'`;
    const request = fromPublicId('dsr', erased.request.id);
    expect(lines).toEqual([
      { topic: 'customer.erased', subjectId: fromPublicId('cus', world.customerId), detail: { request } },
    ]);
  });
});
