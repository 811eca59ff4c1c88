import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { dataOf, feedHead, ingest, subscribe } from '../touchpoints/subscription-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

interface MembershipEvent {
  readonly cursor: string;
  readonly entered: boolean;
  readonly cause: string;
  readonly version: number;
  readonly customerId: string;
  readonly customer: { id: string };
  readonly segment: { name: string };
}

const subscription = `subscription ($segmentId: ID, $customerId: ID, $after: Cursor) {
  segmentMembershipChanged(segmentId: $segmentId, customerId: $customerId, after: $after) {
    cursor at entered cause version customerId customer { id } segment { name } } }`;

const open = (variables: Record<string, unknown>) =>
  subscribe<MembershipEvent>(server, 'segmentMembershipChanged', subscription, { variables });

async function ask<T>(query: string, variables?: Record<string, unknown>): Promise<T> {
  return dataOf<T>(await server.graphql(query, variables));
}

/** Creates a segment and waits until the server has built it. */
async function create(name: string, text: string): Promise<string> {
  const { createSegment } = await ask<{ createSegment: { segment: { id: string } } }>(
    'mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } } }',
    { input: { name, text } },
  );
  const { id } = createSegment.segment;
  const version = async () =>
    (await ask<{ segment: { version: number | null } }>('query ($id: ID) { segment(id: $id) { version } }', { id }))
      .segment.version;
  await expect.poll(version, { interval: 20, timeout: 10_000 }).toBe(1);
  return id;
}

let seconds = 0;

async function person(key: string, type: string): Promise<string> {
  seconds += 1;
  const occurredAt = new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
  const [result] = await ingest(server, {
    source: 'crm',
    key,
    type,
    occurredAt,
    identifiers: [{ kind: 'userId', value: key }],
  });
  return result!.customerId!;
}

const merge = `mutation ($input: MergeCustomersInput!) { mergeCustomers(input: $input) { decision { id } } }`;

const shown = ({ entered, cause, customerId, customer, segment }: MembershipEvent) => [
  segment.name,
  entered,
  cause,
  customerId,
  customer.id,
];

describe('segmentMembershipChanged', () => {
  test('tells of one segment, once, and goes on after a cursor', async () => {
    const after = await feedHead(server);
    const segmentId = await create('One', 'count of one.in ever is at least 1 and count of one.out ever is at most 0');
    await create('Another', 'count of one.in ever is at least 1');
    const events = open({ segmentId, after });
    const ann = await person('one-ann', 'one.in');
    const bob = await person('one-bob', 'one.in');
    await person('one-ann', 'one.out');
    const taken = await events.take(3);
    expect(taken.map(shown)).toEqual([
      ['One', true, 'EVENT', ann, ann],
      ['One', true, 'EVENT', bob, bob],
      ['One', false, 'EVENT', ann, ann],
    ]);
    expect(taken.map(({ version }) => version)).toEqual([1, 1, 1]);
    await events.end();

    const resumed = open({ segmentId, after: taken[1]!.cursor });
    expect((await resumed.take(1)).map(shown)).toEqual([['One', false, 'EVENT', ann, ann]]);
    await resumed.end();
  });

  test('follows a customer through a merge and out of it again', async () => {
    await create('Followed', 'count of followed.in ever is at least 1');
    await create('Two', 'count of followed.in ever is at least 2');
    const ann = await person('followed-ann', 'followed.in');
    const bob = await person('followed-bob', 'followed.in');
    const after = await feedHead(server);
    const events = open({ customerId: bob, after });
    const { mergeCustomers } = await ask<{ mergeCustomers: { decision: { id: string } } }>(merge, {
      input: { customerIds: [ann, bob], reason: 'the same person' },
    });
    expect((await events.take(2)).map(shown).sort()).toEqual([
      ['Followed', false, 'MERGE', bob, ann],
      ['Two', true, 'MERGE', ann, ann],
    ]);
    await ask('mutation ($input: RevokeDecisionInput!) { revokeDecision(input: $input) { decision { id } } }', {
      input: { decisionId: mergeCustomers.decision.id, reason: 'they were two' },
    });
    // Ann leaves Two as well, but Bob is followed.
    expect((await events.take(1)).map(shown)).toEqual([['Followed', true, 'UNMERGE', bob, bob]]);
    await events.end();
  });

  test('refuses what there is not, and a key that must not read', async () => {
    const nothing = { segmentId: 'seg_01h2xcejqtf2nbrexx3vqjhp41' };
    expect((await open(nothing).refusal()).code).toBe('NOT_FOUND');
    expect((await open({ customerId: 'cus_01h2xcejqtf2nbrexx3vqjhp41' }).refusal()).code).toBe('NOT_FOUND');
    const { createApiKey } = await ask<{ createApiKey: { secret: string } }>(
      'mutation { createApiKey(input: { name: "reader", scopes: [CUSTOMERS_READ] }) { secret } }',
    );
    const blind = subscribe<MembershipEvent>(server, 'segmentMembershipChanged', subscription, {
      key: createApiKey.secret,
    });
    expect((await blind.refusal()).code).toBe('FORBIDDEN');
  });
});

test('a running server builds segments, keeps them by the clock and measures both', async () => {
  await create('Measured', 'everyone');
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
  await expect.poll(metrics, { timeout: 5_000 }).toMatch(/^rundum_segment_builds 0$/m);
  expect(await metrics()).toMatch(/^rundum_segment_build_failures 0$/m);
  expect(await metrics()).toMatch(/^rundum_segment_clock_lag_seconds 0/m);
});
