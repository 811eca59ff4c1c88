import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRules } from '../../src/identity/rules.ts';
import { fromPublicId } from '../../src/kernel/ids.ts';
import { tablesWithPeople } from '../../src/privacy/personal-data.ts';
import { accessExports } from '../../src/server/access-exports.ts';
import { personalTables } from '../../src/server/personal-data.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { findTraces } from './erasure-scan.ts';
import { createWorld, ErasureApi, type ErasureWorld, marker, phoneDigits } from './erasure-world.ts';

/** Somebody with unusual values wherever there can be any, beside somebody else: see `erasure-world.ts`. */
let server: TestServer;
let api: ErasureApi;
let world: ErasureWorld;
let exported: Exported;

interface Line {
  readonly header?: {
    readonly customer: string;
    readonly request: string;
    readonly tables: readonly { table: string }[];
  };
  readonly table?: string;
  readonly row?: Record<string, unknown>;
  readonly of?: string;
  readonly explanation?: unknown;
  readonly end?: { readonly rows: Record<string, number> };
}

interface Exported {
  readonly text: string;
  readonly lines: readonly Line[];
  readonly rows: ReadonlyMap<string, readonly Record<string, unknown>[]>;
}

const create = async (customerId: string) =>
  api.mutate<{ url: string; request: { id: string; status: string; expiresAt: string } }>(
    'createAccessExport',
    { customerId, reason: 'Request 4711' },
    'url request { id status expiresAt }',
  );

const fetchUrl = (url: string, key = server.ownerKey) =>
  fetch(`${server.url}${url}`, { headers: { authorization: `Bearer ${key}` } });

async function readExport(url: string): Promise<Exported> {
  const text = await (await fetchUrl(url)).text();
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const rows = Map.groupBy(
    lines.filter(({ row }) => row),
    ({ table }) => table!,
  );
  return { text, lines, rows: new Map([...rows].map(([table, some]) => [table, some.map(({ row }) => row!)])) };
}

beforeAll(async () => {
  server = await startTestServer();
  api = new ErasureApi(server);
  world = await createWorld(api, server.database.pool);
  exported = await readExport((await create(world.customerId)).url);
}, 300_000);
afterAll(() => server.close());

test('every table that holds something of people is exported, and no other', () => {
  const settings = { idSecret: 'secret', defaultRegion: 'CH' };
  const holding = tablesWithPeople(personalTables(settings, () => defaultRules));
  const tables = accessExports(settings, () => defaultRules).map(({ table }) => table);
  expect([...tables].sort()).toEqual([...holding].sort());
});

describe('the export', () => {
  test('has what the person left in every table, to the last row', async () => {
    const traces = await findTraces(server.database.pool, [marker, phoneDigits]);
    const found = (table: string) =>
      (exported.rows.get(table) ?? []).filter((row) => hasMarker(JSON.stringify(row))).length;
    for (const [table, rows] of Object.entries(traces)) {
      if (elsewhere.has(table)) continue;
      // More of them where a row says which source it came from.
      expect(found(table), table).toBeGreaterThanOrEqual(rows - (partlyOthers.get(table) ?? 0));
    }
    expect(Object.keys(traces).length).toBeGreaterThan(20);
  });

  test('counts at its end what it has', () => {
    const { end } = exported.lines.at(-1)!;
    const counted = Object.fromEntries([...exported.rows].map(([table, rows]) => [table, rows.length]));
    expect(Object.fromEntries(Object.entries(end!.rows).filter(([, rows]) => rows > 0))).toEqual(counted);
    expect(exported.rows.get('touchpoints')).toHaveLength(world.touchpointIds.length);
    expect(exported.rows.get('loyalty_postings')!.length).toBeGreaterThan(5);
  });

  test('says where each value came from', () => {
    const trait = exported.rows.get('record_traits')!.find(({ name }) => name === 'firstName')!;
    expect(trait).toMatchObject({ value: `Erika ${marker}`, source: 'web', source_key: `anon-${marker}` });
    expect(trait.touchpoint_id).toMatch(/^tp_/);
    const touchpoint = exported.rows.get('touchpoints')!.find(({ id }) => id === trait.touchpoint_id)!;
    expect(touchpoint).toMatchObject({ message_id: `web-${marker}-2`, source: 'web', traits: expect.anything() });
    const card = exported.rows.get('identifiers')!.find(({ kind }) => kind === 'loyaltyCard')!;
    expect(exported.rows.get('claims')).toContainEqual(
      expect.objectContaining({ identifier_id: card.id, source: 'pos', source_key: `card-${marker}` }),
    );
  });

  test('says why they are one customer, in their segments, and what they are worth', () => {
    const explained = new Map(exported.lines.filter(({ of }) => of).map(({ of, explanation }) => [of, explanation]));
    expect(explained.get('identity')).toMatchObject({ recordIds: expect.arrayContaining([...world.recordIds]) });
    expect(explained.get('segments')).toContainEqual(
      expect.objectContaining({ name: 'Buyers', verdict: true, since: expect.any(String), because: expect.any(Array) }),
    );
    expect(explained.get('kpis')).toMatchObject({
      view: { historic: expect.anything(), recencyDays: expect.any(Number) },
    });
  });

  test('has nothing of others, but what is shared', () => {
    const other = fromPublicId('cus', world.otherId);
    for (const text of ['Otto', 'other@mail', 'card-other', 'CARD-OTHER', 'anon-other', world.otherId, other]) {
      expect(exported.text.includes(text), text).toBe(false);
    }
    expect(exported.rows.get('identifiers')).toContainEqual(
      expect.objectContaining({ kind: 'deviceId', value: 'family-tablet-1', shared: true }),
    );
    expect(
      exported.rows
        .get('households')!
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Flat 3', `Home of ${marker}`]);
    const veto = exported.rows.get('decisions')!.find(({ kind }) => kind === 'VETO')!;
    expect(veto).toMatchObject({ reason: null, about_others_too: true });
  });

  test('comes as one document too, with the same rows', async () => {
    const { url } = await create(world.customerId);
    const response = await fetchUrl(`${url}?format=json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    const document = (await response.json()) as { tables: Record<string, unknown[]>; end: unknown; header: unknown };
    expect(document.tables.touchpoints).toEqual(exported.rows.get('touchpoints'));
    expect(document.tables.claims).toEqual(exported.rows.get('claims'));
    expect(document).toMatchObject({ header: { customer: world.customerId }, end: { rows: expect.anything() } });
  });

  test('leaves a receipt and entries of the audit log, without anything personal', async () => {
    const { request, url } = await create(world.customerId);
    await readExport(url);
    const { dataSubjectRequest } = await api.ask<{
      dataSubjectRequest: { finishedAt: string; receipt: { table: string }[] };
    }>('query ($id: ID!) { dataSubjectRequest(id: $id) { finishedAt receipt { table effect rows } } }', {
      id: request.id,
    });
    expect(dataSubjectRequest.finishedAt).not.toBeNull();
    expect(dataSubjectRequest.receipt).toContainEqual({
      ...{ table: 'touchpoints', effect: 'EXPORTED', rows: world.touchpointIds.length },
    });
    const entries = await server.database.pool<{ action: string }[]>`
      select action from audit_entries where detail ->> 'request' = ${request.id} order by id`;
    expect(entries.map(({ action }) => action)).toEqual(['privacy.access_requested', 'privacy.access_fetched']);
  });
});

describe('whoever may not', () => {
  test('gets nothing: another scope, another id, an export that has expired, nobody', async () => {
    const { url, request } = await create(world.customerId);
    const key = (scopes: string[]) =>
      api.mutate<{ secret: string }>('createApiKey', { name: scopes.join(), scopes }, 'secret');
    for (const scopes of [['CUSTOMERS_READ', 'PII_READ'], ['PRIVACY_MANAGE']]) {
      expect((await fetchUrl(url, (await key(scopes)).secret)).status).toBe(403);
    }
    expect((await fetchUrl(url, (await key(['PRIVACY_MANAGE', 'PII_READ'])).secret)).status).toBe(200);
    expect((await fetch(`${server.url}${url}`)).status).toBe(401);
    const anotherId = request.id.slice(0, -1) + (request.id.endsWith('0') ? '1' : '0');
    expect((await fetchUrl(`/privacy/exports/${anotherId}`)).status).toBeGreaterThanOrEqual(400);
    expect((await fetchUrl(`${url}?format=xml`)).status).toBe(400);
    await server.database.pool`
      update data_subject_requests set expires_at = now() - interval '1 second' where id = ${fromPublicId('dsr', request.id)}`;
    expect((await fetchUrl(url)).status).toBe(404);
    await expect(create('cus_00000000000000000000000000')).rejects.toThrow(/no customer/);
  });

  test('a reader who leaves takes their transaction with them', async () => {
    const { url } = await create(world.customerId);
    const response = await fetchUrl(url);
    await response.body!.cancel();
    await expect
      .poll(async () => {
        const [row] = await server.database.pool<{ count: number }[]>`
          select count(*)::int as count from pg_stat_activity
          where datname = current_database() and state = 'idle in transaction' and query like '%exported%'`;
        return row!.count;
      })
      .toBe(0);
  });
});

function hasMarker(text: string): boolean {
  return text.toLowerCase().includes(marker) || text.includes(phoneDigits);
}

/** What is said of them in tables of sums, as what they add to them; acts of colleagues, by the reasons that these gave. */
const elsewhere = new Set(['metric_cells', 'metric_cell_changes', 'audit_entries']);

/** Rows about somebody else in which the marker is the word of a colleague: a transfer from and to them, a veto of both. */
const partlyOthers = new Map([
  ['loyalty_decisions', 1],
  ['decisions', 1],
  // One that everybody has left: whose it was, nothing tells.
  ['loyalty_pools', 1],
]);
