import { afterAll, beforeAll, expect, test } from 'vitest';
import { fromPublicId } from '../../../src/kernel/ids.ts';
import { verifyConsents } from '../../../src/privacy/consents/consent-verifier.service.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { touchpoint } from '../../support/ingest.ts';
import { readConfirmation } from './confirmation.ts';
import { about, type ConsentsFixture, openConsents } from './fixture.ts';

let database: TestDatabase;
let node: ConsentsFixture;

beforeAll(async () => {
  database = await openTestDatabase();
  node = await openConsents(database.pool);
});

afterAll(async () => {
  expect((await verifyConsents(database.pool)).differences).toEqual([]);
  await database.close();
});

async function feedOf(customerId: string) {
  const rows = await database.pool<{ detail: object }[]>`
    select detail from changes where topic = 'consent.changed' and customer_id = ${customerId} order by tx, seq`;
  return rows.map(({ detail }) => detail);
}

test('what touchpoints say counts when they are acknowledged', async () => {
  const id = await node.says('anna', about('granted', { channel: 'email' }));
  expect(await node.kept(id)).toEqual(['newsletter EMAIL GRANTED']);
  await node.says('anna', about('withdrawn', { at: '2026-10-02T10:00:00Z' }));
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN', 'newsletter EMAIL WITHDRAWN']);
  expect(await feedOf(id)).toEqual([
    { purpose: 'newsletter', channel: 'EMAIL', from: null, to: 'GRANTED' },
    { purpose: 'newsletter', from: null, to: 'WITHDRAWN' },
    { purpose: 'newsletter', channel: 'EMAIL', from: 'GRANTED', to: 'WITHDRAWN' },
  ]);
});

test('a late touchpoint about earlier days changes nothing that counts', async () => {
  const id = await node.says('berta', about('withdrawn', { at: '2026-10-02T10:00:00Z' }));
  const before = await feedOf(id);
  await node.says('berta', about('granted', { at: '2026-10-01T10:00:00Z' }));
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN']);
  expect(await feedOf(id)).toEqual(before);
});

test('purposes that nobody has defined come in to be looked at, once', async () => {
  await node.says('carl', about('granted', { purpose: 'new purpose' }));
  await node.says('carla', about('granted', { purpose: 'new purpose' }));
  const rows = await database.pool`
    select label, offered, reviewed_at from consent_purposes where name = 'new purpose'`;
  expect([...rows]).toEqual([{ label: 'new purpose', offered: false, reviewed_at: null }]);
});

test.each<[string, Parameters<typeof about>, string[], RegExp | null]>([
  [
    'a consent without a purpose is none',
    ['granted', { purpose: 7 }],
    [],
    /properties\.purpose must be .*, got another number/,
  ],
  ['nor one for a channel that there is not', ['granted', { channel: 'pigeon' }], [], /properties\.channel must be/],
  ['nor one whose end can not be read', ['granted', { expiresAt: 'soon' }], [], /properties\.expiresAt must be/],
  [
    'nor one that had ended before',
    ['granted', { expiresAt: '2020-01-01T00:00:00Z' }],
    [],
    /later than the touchpoint/,
  ],
  ['nor one on a day that there is not', ['granted', { expiresAt: '2027-02-30T00:00:00Z' }], [], /expiresAt must be/],
  ['nor on grounds that there are not', ['granted', { legalBasis: 'BECAUSE' }], [], /properties\.legalBasis must be/],
  ['nor with proof that is none', ['granted', { evidence: 'yes' }], [], /properties\.evidence must be an object/],
  [
    'a withdrawal counts over all channels, if its own can not be read',
    ['withdrawn', { channel: 'pigeon' }],
    ['newsletter  WITHDRAWN'],
    /properties\.channel must be/,
  ],
  ['a refusal without a purpose says nothing', ['denied', { purpose: '' }], [], /properties\.purpose must be/],
  ['an end of a refusal means nothing', ['denied', { expiresAt: 'never' }], ['newsletter  DENIED'], null],
])('%s', async (name, given, kept, warning) => {
  const identifiers = [{ kind: 'userId', value: name }];
  const [result] = await node.ingest.submit(node.ctx, [touchpoint({ key: name, identifiers, ...about(...given) })]);
  expect(result!.status).toBe('STORED');
  expect(await node.kept(fromPublicId('cus', result!.customerId!))).toEqual(kept);
  expect(result!.warnings.map(({ code }) => code)).toEqual(warning ? ['PROPERTY_UNUSABLE'] : []);
  if (warning) expect(result!.warnings[0]!.message).toMatch(warning);
});

test('a key for tests is told the same', async () => {
  const viewer = { ...node.ctx.viewer, test: true };
  const [result] = await node.ingest.submit({ ...node.ctx, viewer }, [touchpoint(about('granted', { purpose: 7 }))]);
  expect([result!.status, result!.warnings.map(({ code }) => code)]).toEqual(['VALID', ['PROPERTY_UNUSABLE']]);
});

test('when customers turn out to be one, the most restrictive counts, until somebody decides', async () => {
  const [one, other] = [await node.says('dora', about('granted')), await node.says('dorothea', about('denied'))];
  await node.merge(one, other);
  const [survivor, absorbed] = one < other ? [one, other] : [other, one];
  const owner = (await node.kept(survivor)).length > 0 ? survivor : absorbed;
  expect(await node.kept(owner)).toEqual(['newsletter  DENIED!']);
  await node.set(absorbed, { status: 'GRANTED' });
  expect(await node.kept(owner)).toEqual(['newsletter  GRANTED']);
  const gone = owner === one ? other : one;
  expect(await node.kept(gone)).toEqual([]);
});

test('after an unmerge it is as if they had never been merged, but for what was decided meanwhile', async () => {
  const [one, other] = [await node.says('emil', about('granted')), await node.says('emilia', about('denied'))];
  const before = await Promise.all([node.kept(one), node.kept(other)]);
  const part = await node.merge(one, other);
  await part();
  expect(await Promise.all([node.kept(one), node.kept(other)])).toEqual(before);
  const again = await node.merge(one, other);
  await node.set(one, { status: 'WITHDRAWN', purpose: 'ads' });
  await again();
  expect(await node.kept(one)).toEqual(['ads  WITHDRAWN', 'newsletter  GRANTED']);
  expect(await node.kept(other)).toEqual(['ads  WITHDRAWN', 'newsletter  DENIED']);
});

test('a merge by an identifier that comes in folds consents, too', async () => {
  const id = await node.says('frida', { ...about('granted'), identifiers: [] });
  const other = await node.says('friedrich', { ...about('withdrawn'), identifiers: [] });
  const email = { kind: 'email', value: 'frida@example.com' };
  await node.says('frida', { identifiers: [email] });
  const owner = await node.says('friedrich', { identifiers: [email] });
  expect([id, other]).toContain(owner);
  expect(await node.kept(owner)).toEqual(['newsletter  WITHDRAWN!']);
  expect(await node.kept(owner === id ? other : id)).toEqual([]);
});

test('what somebody decides counts before a sender whose clock is ahead', async () => {
  const id = await node.says('gustav', about('granted', { at: '2026-11-02T11:00:00Z' }));
  await node.set(id, { status: 'WITHDRAWN' });
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN']);
});

test('what was said earlier and is entered today counts from that day', async () => {
  const id = await node.says('hanna', about('granted', { at: '2026-10-05T10:00:00Z' }));
  await node.set(id, { status: 'WITHDRAWN', statedAt: new Date('2026-10-04T10:00:00Z') });
  expect(await node.kept(id)).toEqual(['newsletter  GRANTED']);
});

test('two decisions of one instant count in their order', async () => {
  const id = await node.says('ida', {});
  await node.set(id, { status: 'GRANTED', idempotencyKey: 'ida 1' });
  await node.set(id, { status: 'WITHDRAWN', idempotencyKey: 'ida 2' });
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN']);
  await node.set(id, { status: 'GRANTED', idempotencyKey: 'ida 3' });
  expect(await node.kept(id)).toEqual(['newsletter  GRANTED']);
});

test('a repeat of a decision says nothing a second time', async () => {
  const id = await node.says('jakob', {});
  const input = { customerId: id, purpose: 'newsletter', status: 'GRANTED', idempotencyKey: 'jakob' } as const;
  const first = await node.consents.setConsent(node.ctx, input);
  await node.set(id, { status: 'WITHDRAWN' });
  const repeat = await node.consents.setConsent(node.ctx, input);
  expect(repeat).toEqual(first);
  expect(await node.kept(id)).toEqual(['newsletter  WITHDRAWN']);
  const other = node.consents.setConsent(node.ctx, { ...input, status: 'DENIED' });
  await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
});

test.each([
  ['input.customerId', { customerId: '018f0000-0000-7000-8000-000000000000' }, 'NOT_FOUND'],
  ['purpose', { purpose: ' ' }, 'BAD_USER_INPUT'],
  ['channel', { channel: 'PIGEON' as never }, 'BAD_USER_INPUT'],
  ['future', { statedAt: new Date('2026-11-01T12:00:01Z') }, 'BAD_USER_INPUT'],
  ['end of a refusal', { status: 'DENIED' as const, expiresAt: new Date('2027-01-01T00:00:00Z') }, 'BAD_USER_INPUT'],
  ['end in the past', { expiresAt: new Date('2026-11-01T12:00:00Z') }, 'BAD_USER_INPUT'],
  ['endless evidence', { evidence: { text: 'x'.repeat(16_000) } }, 'BAD_USER_INPUT'],
])('refuses %s that makes no sense', async (_, wrong, code) => {
  const customerId = await node.says('karl', {});
  const input = { customerId, purpose: 'newsletter', status: 'GRANTED' as const, ...wrong };
  await expect(node.consents.setConsent(node.ctx, input)).rejects.toMatchObject({ code });
});

test('needs its scope', async () => {
  const viewer = { ...node.ctx.viewer, scopes: new Set(['customers:read', 'pii:read', 'privacy:manage']) };
  const ctx = { ...node.ctx, viewer };
  const customerId = await node.says('lena', {});
  const set = node.consents.setConsent(ctx, { customerId, purpose: 'newsletter', status: 'GRANTED' });
  await expect(set).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(node.consents.confirmConsent(ctx, { token: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('a consent that was asked for is one when it is confirmed, for all records, once', async () => {
  const id = await node.says('maria', about('requested', { evidence: { form: 'v3' } }));
  expect(await node.kept(id)).toEqual(['newsletter  PENDING']);
  const other = await node.says('marie', {});
  await node.merge(id, other);
  const token = await readConfirmation(node, id);
  const confirmed = await node.consents.confirmConsent(node.ctx, { token, evidence: { ip: '192.0.2.1' } });
  expect(confirmed.statements).toHaveLength(2);
  expect(confirmed.statements[0]).toMatchObject({ status: 'GRANTED', origin: 'CONFIRMATION', source: 'crm' });
  expect(confirmed.statements[0]!.evidence).toMatchObject({
    ip: '192.0.2.1',
    confirms: expect.stringMatching(/^cns_/),
  });
  expect(await node.kept(confirmed.customerId)).toEqual(['newsletter  GRANTED']);
  await node.set(id, { status: 'WITHDRAWN' });
  expect(await node.consents.confirmConsent(node.ctx, { token })).toEqual(confirmed);
  expect(await node.kept(confirmed.customerId)).toEqual(['newsletter  WITHDRAWN']);
});

test('what was refused since, or is too old, can not be confirmed', async () => {
  const id = await node.says('nora', about('requested', { channel: 'EMAIL' }));
  const token = await readConfirmation(node, id);
  await node.set(id, { status: 'DENIED' });
  const confirm = () => node.consents.confirmConsent(node.ctx, { token });
  await expect(confirm()).rejects.toMatchObject({ code: 'CONSENT_REQUEST_ENDED' });
  const old = await node.says('otto', about('requested', { expiresAt: '2026-10-31T00:00:00Z' }));
  const tooLate = node.consents.confirmConsent(node.ctx, { token: await readConfirmation(node, old) });
  await expect(tooLate).rejects.toMatchObject({ code: 'CONSENT_REQUEST_ENDED' });
  expect(await node.kept(old)).toEqual(['newsletter  PENDING']);
});

test('a token that was not made here confirms nothing', async () => {
  const id = await node.says('paul', about('requested'));
  const token = await readConfirmation(node, id);
  const flipped = `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
  const { token: link } = await node.links.createLink(node.ctx, { customerId: id });
  for (const wrong of [flipped, token.slice(0, -1), `${token}A`, '', 'x', link]) {
    const confirm = node.consents.confirmConsent(node.ctx, { token: wrong });
    await expect(confirm, wrong).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
  expect(await node.kept(id)).toEqual(['newsletter  PENDING']);
});
