import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DomainError } from '../../../src/kernel/errors.ts';
import { fromPublicId, toPublicId } from '../../../src/kernel/ids.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { openView, type ViewApi } from '../../support/view.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;
let view: ViewApi;

const manage = ['consent:manage', 'customers:read', 'pii:read'];

beforeAll(async () => {
  database = await openTestDatabase();
  // The API has the clock of the system.
  node = await openConsents(database.pool, { now: new Date().toISOString() });
  view = await openView(database.url);
});

afterAll(async () => {
  await view.close();
  await database.close();
});

async function person(key: string, ...drafts: ReturnType<typeof about>[]): Promise<string> {
  let id = '';
  for (const draft of drafts.length > 0 ? drafts : [{}]) id = await node.says(key, draft);
  return toPublicId('cus', id);
}

function fromPublic(id: string): string {
  return fromPublicId('cus', id);
}

async function refusal(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'none',
    (error: DomainError) => error.code,
  );
}

const consentsQuery = `query ($id: ID!) { customer(id: $id) { consents {
  purpose channel status legalBasis source conflict expiresAt definition { label reviewed }
  statements { status recordIds origin touchpointId evidence }
} } }`;

interface Shown {
  customer: { consents: { statements: { evidence: unknown; recordIds: string[] }[] }[] };
}

test('shows what counts, where it comes from and where records differ', async () => {
  const evidence = { form: 'v3', ip: '192.0.2.7' };
  const id = await person('anna', about('granted', { channel: 'EMAIL', evidence, legalBasis: 'CONTRACT' }));
  const other = await person('anja', about('denied', { channel: 'EMAIL' }));
  await node.merge(fromPublic(id), fromPublic(other));
  const { customer } = await view.ask<Shown>(consentsQuery, { id });
  expect(customer.consents).toEqual([
    {
      ...{ purpose: 'newsletter', channel: 'EMAIL', status: 'DENIED', legalBasis: 'CONSENT', source: 'crm' },
      ...{ conflict: true, expiresAt: null, definition: { label: 'newsletter', reviewed: false } },
      statements: expect.arrayContaining([
        expect.objectContaining({ status: 'GRANTED', origin: 'TOUCHPOINT', evidence }),
        expect.objectContaining({ status: 'DENIED', touchpointId: expect.stringMatching(/^tp_/), evidence: null }),
      ]),
    },
  ]);
});

test('proof is for those with pii:read; what counts is not', async () => {
  const id = await person('berta', about('granted', { evidence: { form: 'v3' } }));
  const { customer } = await view.ask<Shown>(consentsQuery, { id }, ['customers:read']);
  expect(customer.consents[0]).toMatchObject({ status: 'GRANTED', statements: [{ evidence: null }] });
});

const setConsent = `mutation ($input: SetConsentInput!) { setConsent(input: $input) {
  statement { id status channel recordIds origin actor reason evidence confirmationToken }
  customer { consents { purpose channel status } }
} }`;

interface Set {
  setConsent: {
    statement: { id: string; confirmationToken: string | null; recordIds: string[] };
    customer: { consents: object[] };
  };
}

test('a decision stands on all records, is in the audit log, and says who made it', async () => {
  const [id, other] = [await person('carl'), await person('carla')];
  await node.merge(fromPublic(id), fromPublic(other));
  const input = {
    ...{ customerId: other, purpose: 'newsletter', channel: 'SMS', status: 'GRANTED', source: 'store 12' },
    ...{ evidence: { clerk: 'yes' }, reason: 'said so at the till' },
  };
  const { setConsent: payload } = await view.ask<Set>(setConsent, { input }, manage);
  expect(payload.statement).toMatchObject({
    ...{ status: 'GRANTED', channel: 'SMS', origin: 'DECISION', actor: 'test', reason: 'said so at the till' },
    ...{ evidence: { clerk: 'yes' }, confirmationToken: null },
  });
  expect(payload.statement.recordIds).toHaveLength(2);
  expect(payload.customer.consents).toEqual([{ purpose: 'newsletter', channel: 'SMS', status: 'GRANTED' }]);
  const entries = await database.pool<{ text: string }[]>`
    select action || ' ' || detail::text as text from audit_entries where detail ->> 'statement' = ${payload.statement.id}`;
  expect(entries.map(({ text }) => text)).toEqual([expect.stringMatching(/^consent\.set /)]);
  expect(entries[0]!.text).not.toMatch(/clerk/);
});

test('a double opt-in, from the question to the answer', async () => {
  const id = await person('dora');
  const input = { customerId: id, purpose: 'newsletter', status: 'PENDING' };
  const { setConsent: asked } = await view.ask<Set>(setConsent, { input }, manage);
  expect(asked.customer.consents).toEqual([{ purpose: 'newsletter', channel: null, status: 'PENDING' }]);
  const token = asked.statement.confirmationToken;
  const confirm = `mutation ($input: ConfirmConsentInput!) { confirmConsent(input: $input) {
    statement { status origin } customer { consents { status } } } }`;
  const confirmed = await view.ask(confirm, { input: { token } }, manage);
  expect(confirmed).toEqual({
    confirmConsent: {
      statement: { status: 'GRANTED', origin: 'CONFIRMATION' },
      customer: { consents: [{ status: 'GRANTED' }] },
    },
  });
});

test('a token to confirm is for those alone who may manage consents', async () => {
  const id = await person('emil', about('requested'));
  const query = 'query ($id: ID!) { customer(id: $id) { consents { statements { confirmationToken } } } }';
  const tokens = async (scopes: string[]) => JSON.stringify(await view.ask(query, { id }, scopes));
  expect(await tokens(['customers:read', 'pii:read'])).toContain('"confirmationToken":null');
  expect(await tokens(manage)).toMatch(/"confirmationToken":"[\w-]{64}"/);
});

test('history has every statement once, the latest first, and pages', async () => {
  const days = ['01', '02', '03', '04'];
  const said = days.map((day) => about(day === '02' ? 'denied' : 'granted', { at: `2026-01-${day}T00:00:00Z` }));
  const id = await person('frida', ...said, about('granted', { purpose: 'ads', channel: 'SMS' }));
  const other = await person('fritz');
  await node.merge(fromPublic(id), fromPublic(other));
  await view.ask(setConsent, { input: { customerId: id, purpose: 'newsletter', status: 'WITHDRAWN' } }, manage);
  const query = `query ($id: ID!, $purpose: String, $channel: Channel, $first: Int, $after: Cursor) { customer(id: $id) {
    consentHistory(purpose: $purpose, channel: $channel, first: $first, after: $after) {
      nodes { status recordIds } pageInfo { hasNextPage endCursor } } } }`;
  type Page = {
    nodes: { status: string; recordIds: string[] }[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  };
  const page = async (variables: object) => {
    const { customer } = await view.ask<{ customer: { consentHistory: Page } }>(query, { id, ...variables });
    return customer.consentHistory;
  };
  const all = await page({ purpose: 'newsletter' });
  expect(all.nodes.map(({ status }) => status)).toEqual(['WITHDRAWN', 'GRANTED', 'GRANTED', 'DENIED', 'GRANTED']);
  expect(all.nodes.map(({ recordIds }) => recordIds.length)).toEqual([2, 1, 1, 1, 1]);
  expect((await page({ channel: 'SMS' })).nodes).toHaveLength(1);
  const walked: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { nodes, pageInfo }: Page = await page({ purpose: 'newsletter', first: 2, after });
    walked.push(...nodes.map(({ status }) => status));
    [more, after] = [pageInfo.hasNextPage, pageInfo.endCursor];
  }
  expect(walked).toEqual(all.nodes.map(({ status }) => status));
});

test('a hundred customers take as many statements as one', async () => {
  const query = `query ($first: Int) { customers(first: $first) { nodes {
    consents { status definition { label } statements { status } } consentHistory(first: 3) { nodes { status } }
    preferences { name } } } }`;
  await view.ask(query, { first: 1 });
  view.countStatements();
  await view.ask(query, { first: 1 });
  const one = view.countStatements();
  await view.ask(query, { first: 100 });
  expect(view.countStatements()).toBe(one);
});

test('purposes are defined, and listed by whether somebody has looked at them', async () => {
  await person('gustav', about('granted', { purpose: 'unseen' }));
  const define = `mutation ($input: DefineConsentPurposeInput!) { defineConsentPurpose(input: $input) {
    purpose { name label description channels offered reviewed } } }`;
  const input = { name: 'post', label: ' Letters ', channels: ['LETTER', 'EMAIL', 'LETTER'] };
  expect(await view.ask(define, { input }, manage)).toEqual({
    defineConsentPurpose: {
      purpose: {
        ...input,
        label: 'Letters',
        description: '',
        channels: ['EMAIL', 'LETTER'],
        offered: true,
        reviewed: true,
      },
    },
  });
  const list = async (reviewed: boolean | null, first = 200, after: string | null = null) => {
    const query = `query ($reviewed: Boolean, $first: Int, $after: Cursor) {
      consentPurposes(reviewed: $reviewed, first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }`;
    type Page = { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    const { consentPurposes } = await view.ask<{ consentPurposes: Page }>(query, { reviewed, first, after });
    return { names: consentPurposes.nodes.map(({ name }) => name), ...consentPurposes.pageInfo };
  };
  const [all, defined, others] = [await list(null), await list(true), await list(false)];
  expect(defined.names).toEqual(['post']);
  expect(others.names).toContain('unseen');
  expect(all.names).toEqual([...defined.names, ...others.names].sort());
  const one = await list(null, 1);
  expect(one).toMatchObject({ names: all.names.slice(0, 1), hasNextPage: true });
  expect((await list(null, 200, one.endCursor)).names).toEqual(all.names.slice(1));
  expect(await refusal(view.ask(define, { input }, ['customers:read']))).toBe('FORBIDDEN');
  expect(await refusal(view.ask(define, { input: { ...input, label: ' ' } }, manage))).toBe('BAD_USER_INPUT');
});

test('whoever may manage consents and not read customers can set them all the same', async () => {
  const id = await person('hanna');
  const mutation = 'mutation ($input: SetConsentInput!) { setConsent(input: $input) { statement { status } } }';
  const input = { customerId: id, purpose: 'newsletter', status: 'GRANTED' };
  expect(await view.ask(mutation, { input }, ['consent:manage'])).toEqual({
    setConsent: { statement: { status: 'GRANTED' } },
  });
});
