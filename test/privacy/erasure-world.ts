import type { Pool } from '../../src/kernel/database.ts';
import type { IngestResult, TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { touchpoint } from '../support/ingest.ts';
import type { TestServer } from '../support/server.ts';
import { dataOf } from '../touchpoints/subscription-fixture.ts';

/**
 * In every value of the person who will be erased, and in nothing else: no id, of either spelling, has these letters. The telephone
 * number has letters of its own.
 */
export const marker = 'zqouli';
const phone = '+41 79 876 54 32';
export const phoneDigits = '798765432';

export class ErasureApi {
  readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    return dataOf<T>(await this.server.graphql(query, variables));
  }

  async mutate<T>(name: string, input: object, fields: string, type = typeOf(name)): Promise<T> {
    const data = await this.ask<Record<string, T>>(
      `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`,
      { input },
    );
    return data[name]!;
  }

  /** Answers what became of each. */
  async send(...drafts: Partial<TouchpointDraft>[]): Promise<IngestResult[]> {
    const { ingest } = await this.ask<{ ingest: { results: IngestResult[] } }>(
      `mutation ($events: [TouchpointInput!]!) {
         ingest(events: $events) { results { messageId status code message touchpointId customerId } } }`,
      { events: drafts.map(touchpoint) },
    );
    return ingest.results;
  }

  /** Of somebody whose messages are all stored; the customer's id. */
  async meet(...drafts: Partial<TouchpointDraft>[]): Promise<string> {
    const results = await this.send(...drafts);
    const refused = results.find(({ status }) => status !== 'STORED');
    if (refused) throw new Error(`Not stored: ${JSON.stringify(refused)}`);
    return results.at(-1)!.customerId!;
  }

  async openClub(): Promise<string> {
    const earns = { spend: { points: { value: '1' }, per: '1', currency: 'CHF' } };
    const match = { types: ['order.completed'] };
    const tiers = [
      { key: 'bronze', name: 'Bronze', threshold: { value: '0' } },
      { key: 'gold', name: 'Gold', threshold: { value: '100' } },
    ];
    const definition = {
      enrolment: 'AUTOMATIC',
      wallets: [{ key: 'points', name: 'Points', pointValue: { amount: '0.01', currency: 'CHF' } }],
      rules: [
        { key: 'base', name: 'Base', wallet: 'points', match, earns },
        {
          key: 'later',
          name: 'Later',
          wallet: 'points',
          match: { types: ['review.written'] },
          pendingDays: 300,
          earns: { event: { points: { value: '7' } } },
        },
      ],
      tierScheme: { basis: { points: { wallet: 'points' } }, window: { rolling: { months: 120 } }, tiers },
    };
    const { program } = await this.mutate<{ program: { id: string } }>(
      'createLoyaltyProgram',
      { name: 'Club', definition },
      'program { id }',
    );
    const effectiveAt = '2020-01-01T00:00:00Z';
    await this.mutate('publishLoyaltyProgram', { programId: program.id, effectiveAt }, 'program { id }');
    await this.mutate(
      'setLoyaltyProgramPhase',
      { programId: program.id, phase: 'LIVE', effectiveAt },
      'program { id }',
    );
    return program.id;
  }
}

function typeOf(name: string): string {
  return `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
}

const email = { kind: 'email', value: `erika.${marker}@mail.example` };
const family = { kind: 'deviceId', value: 'family-tablet-1' };

/** Everything that sources say of the person: in three records, that are one customer. */
export const personDrafts: readonly Partial<TouchpointDraft>[] = [
  {
    messageId: `web-${marker}-1`,
    source: 'web',
    key: `anon-${marker}`,
    type: 'page.viewed',
    occurredAt: '2026-01-05T10:00:00Z',
    identifiers: [{ kind: 'anonymousId', value: `cookie-${marker}` }, family],
    context: { ip: '203.0.113.7', page: { title: `Hello ${marker}` } },
    campaign: `letter to ${marker}`,
  },
  {
    messageId: `web-${marker}-2`,
    source: 'web',
    key: `anon-${marker}`,
    type: 'identify',
    occurredAt: '2026-01-05T10:05:00Z',
    identifiers: [{ kind: 'anonymousId', value: `cookie-${marker}` }, email],
    traits: {
      firstName: `Erika ${marker}`,
      address: { street: `${marker} street 1`, city: 'Bern' },
      likes: [`${marker} tea`],
    },
  },
  {
    messageId: `crm-${marker}-1`,
    source: 'crm',
    key: `crm-${marker}-4711`,
    type: 'case.opened',
    occurredAt: '2026-01-06T10:00:00Z',
    identifiers: [email, { kind: 'phone', value: phone }],
    properties: { caseId: `case-${marker}-9`, complaint: true, text: `${marker} complains` },
  },
  {
    messageId: `crm-${marker}-2`,
    source: 'crm',
    key: `crm-${marker}-4711`,
    type: 'contract.started',
    occurredAt: '2026-01-06T11:00:00Z',
    properties: { contractId: `contract-${marker}`, endsAt: '2027-01-06T11:00:00Z' },
  },
  {
    messageId: `crm-${marker}-3`,
    source: 'crm',
    key: `crm-${marker}-4711`,
    type: 'survey.answered',
    occurredAt: '2026-01-07T11:00:00Z',
    properties: { survey: 'NPS', score: 9, comment: `${marker} likes it` },
  },
  {
    messageId: `crm-${marker}-4`,
    source: 'crm',
    key: `crm-${marker}-4711`,
    type: 'consent.granted',
    occurredAt: '2026-01-07T12:00:00Z',
    properties: { purpose: 'newsletter', channel: 'EMAIL', evidence: { form: `signed by ${marker}` } },
  },
  {
    messageId: `crm-${marker}-5`,
    source: 'crm',
    key: `crm-${marker}-4711`,
    type: 'preference.set',
    occurredAt: '2026-01-07T12:30:00Z',
    properties: { name: 'sauce', value: `${marker} sauce` },
  },
  {
    messageId: `pos-${marker}-1`,
    source: 'pos',
    key: `card-${marker}`,
    type: 'order.completed',
    occurredAt: '2026-02-01T10:00:00Z',
    identifiers: [email, { kind: 'loyaltyCard', value: `CARD-${marker}` }],
    value: { amount: '120.00', currency: 'CHF' },
    lines: [
      { sku: 'tea-1', name: `Tea for ${marker}`, category: `Only ${marker}`, quantity: 2, price: '50.00' },
      { sku: 'cup-1', name: 'Cup', category: 'Cups', quantity: 1, price: '20.00' },
    ],
    properties: { orderId: `order-${marker}-1`, store: 'S1', cost: '60.00', note: `gift for ${marker}` },
    campaign: `letter to ${marker}`,
  },
  {
    messageId: `pos-${marker}-2`,
    source: 'pos',
    key: `card-${marker}`,
    type: 'order.completed',
    occurredAt: '2026-02-01T10:00:00Z',
    value: { amount: '30.00', currency: 'CHF' },
    properties: { orderId: `order-${marker}-1`, store: 'S2' },
  },
  {
    messageId: `pos-${marker}-3`,
    source: 'pos',
    key: `card-${marker}`,
    type: 'order.returned',
    occurredAt: '2026-02-03T10:00:00Z',
    value: { amount: '20.00', currency: 'CHF' },
    properties: { orderId: `order-${marker}-1`, store: 'S1', reason: `${marker} did not like it` },
    campaign: 'spring',
  },
  {
    messageId: `pos-${marker}-4`,
    source: 'pos',
    key: `card-${marker}`,
    type: 'review.written',
    occurredAt: '2026-02-04T10:00:00Z',
    properties: { text: `written by ${marker}` },
  },
];

/** Somebody who shares a device, a household, a pool and points with them, and has no marker. */
export const otherDrafts: readonly Partial<TouchpointDraft>[] = [
  {
    messageId: 'web-other-1',
    source: 'web',
    key: 'anon-other',
    type: 'identify',
    occurredAt: '2026-01-02T10:00:00Z',
    identifiers: [{ kind: 'email', value: 'other@mail.example' }, family],
    traits: { firstName: 'Otto' },
  },
  {
    messageId: 'pos-other-1',
    source: 'pos',
    key: 'card-other',
    type: 'order.completed',
    occurredAt: '2026-02-01T10:10:00Z',
    identifiers: [
      { kind: 'email', value: 'other@mail.example' },
      { kind: 'loyaltyCard', value: 'CARD-OTHER' },
    ],
    value: { amount: '500.00', currency: 'CHF' },
    properties: { orderId: 'other-1', store: 'S1' },
    campaign: 'spring',
  },
];

export interface ErasureWorld {
  readonly programId: string;
  readonly customerId: string;
  readonly otherId: string;
  readonly householdId: string;
  readonly segmentId: string;
  readonly listId: string;
  readonly voucherId: string;
  readonly presentationId: string;
  /** Of the records of the person. */
  readonly recordIds: readonly string[];
  readonly touchpointIds: readonly string[];
}

/** Puts the person everywhere. */
export async function createWorld(api: ErasureApi, pool: Pool): Promise<ErasureWorld> {
  const programId = await api.openClub();
  const segment = await api.mutate<{ segment: { id: string } }>(
    'createSegment',
    { name: 'Buyers', text: 'count of order.completed ever is at least 1' },
    'segment { id }',
  );
  const list = await api.mutate<{ segment: { id: string } }>(
    'createSegment',
    { name: 'Friends', kind: 'LIST' },
    'segment { id }',
  );
  const otherId = await api.meet(...otherDrafts);
  const customerId = await api.meet(...personDrafts);
  const ids = await relate(api, { customerId, otherId, listId: list.segment.id });
  const loyal = await spend(api, { programId, customerId, otherId });
  await pool`
    insert into quarantine (id, source, message_id, body, code, reason, attempts, received_at, quarantined_at, last_attempt_at)
    select gen_random_uuid(), 'crm', message, jsonb_build_object(
      'messageId', message, 'source', 'crm', 'type', 'note', 'occurredAt', '2026-02-05T10:00:00Z', 'key', key,
      'identifiers', jsonb_build_array(jsonb_build_object('kind', 'email', 'value', mail)), 'properties', jsonb_build_object('text', key)),
      'PROCESSING_FAILED', 'failed for ' || key, 1, now(), now(), now()
    from (values (${`crm-${marker}-q`}, ${`crm-${marker}-4711`}, ${`other-${marker}@x.example`}),
                 ('crm-other-q', 'crm-other', 'other@mail.example')) as failed (message, key, mail)`;
  const records = await pool<{ id: string }[]>`
    select r.id from records r join records own on own.customer_id = r.customer_id where own.key = ${`card-${marker}`}`;
  const touchpoints = await pool<{ id: string }[]>`
    select id from touchpoints where record_id = any(${records.map(({ id }) => id)}::uuid[])`;
  return {
    ...{ programId, customerId, otherId, segmentId: segment.segment.id, listId: list.segment.id, ...ids, ...loyal },
    recordIds: records.map(({ id }) => id),
    touchpointIds: touchpoints.map(({ id }) => id),
  };
}

/** Households, decisions, lists and an earlier request. */
async function relate(
  api: ErasureApi,
  { customerId, otherId, listId }: { customerId: string; otherId: string; listId: string },
): Promise<{ householdId: string }> {
  const reason = `because of ${marker}`;
  const own = await api.mutate<{ household: { id: string } }>(
    'createHousehold',
    { name: `Home of ${marker}`, reason },
    'household { id }',
  );
  await api.mutate('addHouseholdMember', { householdId: own.household.id, customerId, reason }, 'household { id }');
  await api.mutate('removeHouseholdMember', { householdId: own.household.id, customerId, reason }, 'household { id }');
  const shared = await api.mutate<{ household: { id: string } }>(
    'createHousehold',
    { name: 'Flat 3', reason: 'flat' },
    'household { id }',
  );
  const householdId = shared.household.id;
  await api.mutate('addHouseholdMember', { householdId, customerId, reason }, 'household { id }');
  await api.mutate(
    'addHouseholdMember',
    { householdId, customerId: otherId, reason: 'lives there' },
    'household { id }',
  );
  await api.mutate(
    'addToSegmentList',
    { segmentId: listId, customerIds: [customerId], reason },
    'changed',
    'SegmentListInput',
  );
  const [first] = await recordsOf(api, customerId);
  const [other, another] = await recordsOf(api, otherId);
  await api.mutate('vetoMatch', { recordId: first!, otherRecordId: other!, reason }, 'decision { id }');
  await api.mutate('linkRecords', { recordIds: [other!, another!], reason: 'one person' }, 'decision { id }');
  const decided = await api.mutate<{ decision: { id: string } }>(
    'linkRecords',
    { recordIds: await recordsOf(api, customerId), reason },
    'decision { id }',
  );
  await api.mutate('revokeDecision', { decisionId: decided.decision.id, reason }, 'decision { id }');
  await api.mutate(
    'setConsent',
    { customerId, purpose: 'profiling', status: 'DENIED', reason, evidence: { call: `with ${marker}` } },
    'customer { id }',
  );
  await api.mutate('createAccessExport', { customerId, reason }, 'request { id }');
  return { householdId };
}

export async function recordsOf(api: ErasureApi, customerId: string): Promise<string[]> {
  const { customer } = await api.ask<{ customer: { records: { id: string }[] } }>(
    'query ($id: ID!) { customer(id: $id) { records { id } } }',
    { id: customerId },
  );
  return customer.records.map(({ id }) => id);
}

/** Points, vouchers and offers, with everybody's free text in them. */
async function spend(
  api: ErasureApi,
  { programId, customerId, otherId }: { programId: string; customerId: string; otherId: string },
): Promise<{ voucherId: string; presentationId: string }> {
  const reason = `for ${marker}`;
  const [member, other] = [{ customerId }, { customerId: otherId }];
  await api.mutate('enrollMember', { programId, member, reason }, 'membershipId');
  await api.mutate('adjustPoints', { programId, member, points: 50, reason }, 'decision { id }', 'GivePointsInput');
  await api.mutate('redeemPoints', { programId, member, points: 20, reason }, 'decision { id }');
  await api.mutate('transferPoints', { programId, from: member, to: other, points: 10, reason }, 'decision { id }');
  await api.mutate('transferPoints', { programId, from: other, to: member, points: 5, reason }, 'decision { id }');
  await api.mutate('reservePoints', { programId, member, points: 15, minutes: 600, reason }, 'decision { id }');
  const { pool } = await api.mutate<{ pool: { id: string } }>(
    'createLoyaltyPool',
    { programId, member, name: `Pool of ${marker}`, reason },
    'pool { id }',
  );
  await api.mutate('leaveLoyaltyPool', { poolId: pool.id, member, reason }, 'pool { id }', 'ChangeLoyaltyPoolInput');
  const joint = await api.mutate<{ pool: { id: string } }>(
    'createLoyaltyPool',
    { programId, member: other, name: 'Flat 3' },
    'pool { id }',
  );
  await api.mutate(
    'joinLoyaltyPool',
    { poolId: joint.pool.id, member, reason },
    'pool { id }',
    'ChangeLoyaltyPoolInput',
  );
  // Of both of them.
  await api.mutate('reservePoints', { programId, member: other, points: 480, minutes: 600 }, 'decision { id }');
  await api.mutate('setTier', { programId, member, tier: 'gold', until: '2030-01-01T00:00:00Z', reason }, 'tier');
  await api.mutate('registerReferral', { programId, friend: member, referrer: other, reason }, 'referral { id }');
  const worth = { amount: { amount: '5.00', currency: 'CHF' } };
  const voucher = await api.mutate<{ voucher: { id: string } }>(
    'issueVoucher',
    { programId, member, worth, uses: 3, code: `CODE-${marker}`, reason },
    'voucher { id }',
  );
  await api.mutate('redeemVoucher', { code: `CODE-${marker}`, member, reference: `till ${marker}` }, 'use { id }');
  const definition = { value: { points: { wallet: 'points', points: 200 } }, budget: { uses: 10 } };
  const { offer } = await api.mutate<{ offer: { id: string } }>(
    'createOffer',
    { name: 'Two hundred', programId, definition },
    'offer { id }',
  );
  await api.mutate('setOfferStatus', { offerId: offer.id, status: 'LIVE' }, 'offer { id }');
  const { presentation } = await api.mutate<{ presentation: { id: string } }>(
    'presentOffer',
    { offerId: offer.id, customerId, channel: 'POS', store: 'S1', idempotencyKey: `till ${marker}` },
    'presentation { id }',
  );
  return { voucherId: voucher.voucher.id, presentationId: presentation.id };
}
