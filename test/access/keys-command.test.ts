import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseApiKey } from '../../src/access/api-key.ts';
import { Authenticator } from '../../src/access/authenticator.service.ts';
import { describeKey, readExpiry, readScopes } from '../../src/cli/keys.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { runRundum } from '../support/processes.ts';
import { refusalOf, testPlatform } from './fixture.ts';

const now = new Date('2026-03-01T12:00:00Z');

describe('--expires', () => {
  test.each([
    ['90d', '2026-05-30T12:00:00.000Z'],
    ['12h', '2026-03-02T00:00:00.000Z'],
    ['4w', '2026-03-29T12:00:00.000Z'],
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31T01:00+02:00', '2027-01-30T23:00:00.000Z'],
  ])('%s is %s', (text, at) => {
    expect(readExpiry(text)(now).toISOString()).toBe(at);
  });

  test.each([
    '',
    '90',
    'd',
    '-1d',
    '1.5d',
    '90 d',
    '2027-02-31',
    '2027-13-01',
    '2027-01-31T18:00',
    '2027-01-31T25:00Z',
    'tomorrow',
  ])('%j is refused, with what would be right', (text) => {
    expect(() => readExpiry(text)).toThrow(/^Give a time span such as 90d/);
  });
});

test('--scopes takes commas and blanks', () => {
  expect(readScopes('ingest,customers:read')).toEqual(['ingest', 'customers:read']);
  expect(readScopes(' ingest, customers:read ,')).toEqual(['ingest', 'customers:read']);
  expect(readScopes('')).toEqual([]);
});

describe('a line of the list', () => {
  const row = {
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    name: 'till',
    secretHash: Buffer.alloc(32),
    scopes: ['ingest', 'customers:read'],
    owner: false,
    createdAt: new Date('2026-01-01T08:30:00Z'),
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    test: false,
    previousSecretHash: null,
    previousSecretUntil: null,
    allowedNetworks: [],
    requestsPerMinute: null,
    requestsPerDay: null,
    boundary: null,
    writeOnly: false,
    allowedOrigins: [],
    costPerMinute: null,
    trustedDocumentsOnly: false,
    maxConnections: null,
    maxSubscriptions: null,
  };

  test.each([
    [{}, 'never used  never expires'],
    [
      { lastUsedAt: now, expiresAt: new Date('2026-03-01T12:00:01Z') },
      'used 2026-03-01 12:00 UTC  expires 2026-03-01 12:00 UTC',
    ],
    [{ expiresAt: now }, 'never used  expired 2026-03-01 12:00 UTC'],
    [{ expiresAt: now, revokedAt: new Date('2026-02-01T00:00:00Z') }, 'never used  revoked 2026-02-01 00:00 UTC'],
  ])('with %j ends in “%s”', (part, end) => {
    expect(describeKey({ ...row, ...part }, now)).toBe(
      `"till"  ingest,customers:read  made 2026-01-01 08:30 UTC  ${end}`,
    );
  });

  test('tells of its limits', () => {
    const limits = { test: true, allowedNetworks: ['10.0.0.0/8'], requestsPerMinute: 60, requestsPerDay: 1_000 };
    expect(describeKey({ ...row, ...limits }, now)).toContain(
      'customers:read  for tests  from 10.0.0.0/8  60 a minute  1000 a day  made',
    );
    expect(describeKey({ ...row, costPerMinute: 5_000, trustedDocumentsOnly: true }, now)).toContain(
      'customers:read  5000 points a minute  trusted documents only  made',
    );
  });
});

/** Each run is a process of its own, which takes a second or more to start. */
describe('the command, as an operator runs it', { timeout: 60_000 }, () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const keys = (...args: string[]) => runRundum(['keys', ...args], { DATABASE_URL: database.url });

  test('makes a key that can be piped on, lists it without its secret, and revokes it', async () => {
    const made = await keys('create', '--name', 'till, Basel', '--scopes', 'customers:read,ingest', '--expires', '90d');
    const text = made.stdout.trim();
    const secret = parseApiKey(text)?.secret ?? 'no key';
    const node = new Authenticator(testPlatform(database.pool, systemClock));
    expect(await node.authenticate(`Bearer ${text}`)).toMatchObject({ name: 'till, Basel' });
    expect(made.stderr).toMatch(/^key_\w{26} "till, Basel" has ingest, customers:read and expires /);

    const listed = await keys('list');
    expect(listed.stdout).toMatch(/^key_\w{26} {2}"till, Basel" {2}ingest,customers:read {2}made .* UTC\n$/);
    expect(listed.stdout).not.toContain(secret);

    const [id = ''] = listed.stdout.split(' ');
    const rotated = await keys('rotate', id, '--overlap', '0h');
    expect(rotated.stderr).toMatch(/^key_\w{26} "till, Basel" has another secret; the former ends /);
    await node.refresh();
    expect(await refusalOf(node.authenticate(`Bearer ${text}`))).toMatchObject({ details: { reason: 'ROTATED' } });
    expect(await node.authenticate(`Bearer ${rotated.stdout.trim()}`)).toMatchObject({ name: 'till, Basel' });

    expect((await keys('revoke', id)).stdout).toMatch(/^key_\w{26} "till, Basel" revoked .* UTC\.\n$/);
    await node.refresh();
    expect(await refusalOf(node.authenticate(`Bearer ${rotated.stdout.trim()}`))).toMatchObject({
      details: { reason: 'REVOKED' },
    });
  });

  test('keeps a key to a boundary, and changes it', async () => {
    const limits = [
      '--sources',
      'pos,web',
      '--consents',
      'marketing:email,analytics',
      '--deny-fields',
      'Customer.traits',
    ];
    const made = await keys('create', '--name', 'agency', '--scopes', 'customers:read', ...limits);
    const node = new Authenticator(testPlatform(database.pool, systemClock));
    const key = made.stdout.trim();
    const boundary = {
      sources: ['pos', 'web'],
      consents: [{ purpose: 'marketing', channel: 'EMAIL' }, { purpose: 'analytics' }],
      fields: { deny: ['Customer.traits'] },
    };
    expect(await node.authenticate(`Bearer ${key}`)).toMatchObject({ boundary });

    const [id = ''] = made.stderr.split(' ');
    const changed = await keys('update', id, '--sources', 'app', '--origins', 'https://shop.example');
    expect(changed.stdout).toContain('kept to consents, fields, sources  in pages of https://shop.example');
    await node.refresh();
    expect(await node.authenticate(`Bearer ${key}`)).toMatchObject({ boundary: { ...boundary, sources: ['app'] } });

    const refused = await keys(
      'create',
      '--name',
      'x',
      '--scopes',
      'customers:read',
      '--deny-fields',
      'Customer.nothing',
    );
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain('Customer.nothing');
    const sending = await keys('create', '--name', 'page', '--scopes', 'ingest', '--write-only', '--types', 'page.*');
    expect(await node.authenticate(`Bearer ${sending.stdout.trim()}`)).toMatchObject({
      writeOnly: true,
      boundary: { touchpointTypes: ['page.*'] },
    });
  });

  test('generates a key for the operator without a database', async () => {
    const { stdout } = await keys('generate');
    expect(parseApiKey(stdout.trim())).toBeDefined();
    expect((await database.pool`select 1 from api_keys where id = ${parseApiKey(stdout.trim())!.id}`).length).toBe(0);
  });

  test.each([
    [['create', '--name', 'x', '--scopes', 'root'], /^There is no scope "root"; there are ingest, /],
    [['revoke', 'nonsense'], /^Expected an id such as key_/],
  ])('%j says in a sentence what is wrong, with exit code 1', async (args, sentence) => {
    const { stdout, stderr, code } = await keys(...args);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('bug');
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
  });
});
