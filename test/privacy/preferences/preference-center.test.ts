import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../../src/kernel/log.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { dataOf, ingest } from '../../touchpoints/subscription-fixture.ts';

let server: TestServer;
const logged: string[] = [];

beforeAll(async () => {
  const log = createLog('trace', { write: (line) => void logged.push(line) });
  server = await startTestServer({ config: { trustedProxies: '127.0.0.0/8, ::1' }, log });
  await mutate('defineConsentPurpose', 'DefineConsentPurposeInput', {
    ...{ name: 'newsletter', label: 'News & <offers>', description: 'Twice a month.', channels: ['EMAIL', 'SMS'] },
  });
  await mutate('defineConsentPurpose', 'DefineConsentPurposeInput', { name: 'profiling', label: 'Made for you' });
  await mutate('defineConsentPurpose', 'DefineConsentPurposeInput', { name: 'internal', label: 'x', offered: false });
  const kinds = [
    { name: 'language', label: 'Language', kind: 'ONE_OF', options: ['de', 'fr'] },
    { name: 'topics', label: 'Topics', kind: 'SOME_OF', options: ['bikes', 'shoes & "more"'] },
    { name: 'paper', label: 'Paper receipts', kind: 'YES_NO' },
    { name: 'nickname', label: 'Nickname', kind: 'TEXT' },
  ];
  for (const input of kinds) await mutate('definePreference', 'DefinePreferenceInput', input);
});
afterAll(() => server.close());

async function mutate<T = unknown>(name: string, type: string, input: object, fields = '__typename'): Promise<T> {
  const answer = await server.graphql(`mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} } }`, {
    input,
  });
  return dataOf<Record<string, T>>(answer)[name]!;
}

async function person(key: string, properties: object | null = null): Promise<string> {
  const type = properties ? 'consent.granted' : 'page.viewed';
  const [result] = await ingest(server, {
    ...{ key, source: 'crm', type, identifiers: [{ kind: 'userId', value: key }] },
    properties: properties as never,
  });
  return result!.customerId!;
}

async function linkOf(customerId: string, validDays?: number): Promise<string> {
  const { path } = await mutate<{ path: string }>(
    'createPreferenceLink',
    'CreatePreferenceLinkInput',
    { customerId, ...(validDays && { validDays }) },
    'token path expiresAt',
  );
  return path;
}

let addresses = 0;
/** Each call comes from an address of its own, so that none is too many. */
function call(path: string, options: RequestInit & { from?: string } = {}): Promise<Response> {
  addresses += 1;
  const from = options.from ?? `198.51.${Math.floor(addresses / 250)}.${addresses % 250}`;
  const headers = { accept: 'application/json', 'x-forwarded-for': from, ...options.headers };
  return fetch(`${server.url}${path}`, { redirect: 'manual', ...options, headers });
}

const page = { accept: 'text/html,application/xhtml+xml' };
const form = { ...page, 'content-type': 'application/x-www-form-urlencoded' };
const json = { 'content-type': 'application/json' };

interface Shown {
  purposes: { name: string; choices: { channel: string | null; status: string | null }[] }[];
  preferences: { name: string; value: unknown }[];
}

async function shownAt(path: string): Promise<Shown> {
  return (await call(path)).json() as Promise<Shown>;
}

function choicesOf({ purposes }: Shown): string[] {
  return purposes.flatMap(({ name, choices }) => choices.map(({ channel, status }) => `${name} ${channel} ${status}`));
}

async function consentsOf(id: string): Promise<string[]> {
  const query = 'query ($id: ID!) { customer(id: $id) { consents { purpose channel status } } }';
  const { customer } = dataOf<{ customer: { consents: Record<string, string>[] } }>(
    await server.graphql(query, { id }),
  );
  return customer.consents.map(({ purpose, channel, status }) => `${purpose} ${channel} ${status}`);
}

describe('as JSON', () => {
  test('shows what customers are asked, and what they have said', async () => {
    const path = await linkOf(await person('anna', { purpose: 'newsletter', channel: 'EMAIL' }));
    const shown = await shownAt(path);
    expect(choicesOf(shown)).toEqual(['newsletter EMAIL GRANTED', 'newsletter SMS null', 'profiling null null']);
    expect(shown.preferences.map(({ name, value }) => [name, value])).toEqual([
      ...[
        ['language', null],
        ['nickname', null],
        ['paper', null],
        ['topics', null],
      ],
    ]);
    expect(JSON.stringify(shown)).not.toMatch(/internal|cus_|anna/);
  });

  test('takes choices, all of them or none', async () => {
    const id = await person('berta', { purpose: 'newsletter' });
    const path = await linkOf(id);
    const wrong = {
      consents: [{ purpose: 'profiling', granted: true }],
      preferences: [{ name: 'language', value: 'klingon' }],
    };
    const refused = await call(path, { method: 'POST', headers: json, body: JSON.stringify(wrong) });
    expect([refused.status, await refused.json()]).toEqual([
      400,
      {
        errors: [
          { message: 'Expected one of de, fr.', extensions: { code: 'BAD_USER_INPUT', field: 'preferences[0].value' } },
        ],
      },
    ]);
    expect(await consentsOf(id)).toEqual(['newsletter null GRANTED']);
    const chosen = {
      consents: [
        { purpose: 'newsletter', channel: 'EMAIL', granted: false },
        { purpose: 'newsletter', channel: 'SMS', granted: false },
        { purpose: 'profiling', granted: true },
      ],
      preferences: [{ name: 'topics', value: ['bikes'] }],
    };
    const answer = await call(path, { method: 'POST', headers: json, body: JSON.stringify(chosen) });
    const shown = (await answer.json()) as Shown;
    expect(choicesOf(shown)).toEqual([
      'newsletter EMAIL WITHDRAWN',
      'newsletter SMS WITHDRAWN',
      'profiling null GRANTED',
    ]);
    expect(shown.preferences.find(({ name }) => name === 'topics')!.value).toEqual(['bikes']);
    const [entry] = await server.database.pool<{ actor: string }[]>`
      select actor from audit_entries where action = 'consent.set_by_customer' and subject = ${id} limit 1`;
    expect(entry!.actor).toBe('preference center');
  });

  test.each<[string, object | string]>([
    ['of a purpose that is not offered', { consents: [{ purpose: 'internal', granted: true }] }],
    ['over a channel that is not offered', { consents: [{ purpose: 'newsletter', granted: true }] }],
    ['of a preference that is not asked for', { preferences: [{ name: 'x', value: 1 }] }],
    ['with what nobody knows', { consents: [{ purpose: 'profiling', granted: true, evidence: {} }] }],
    ['that are none', { consents: 'all' }],
  ])('refuses choices %s', async (key, body) => {
    const path = await linkOf(await person(key));
    const answer = await call(path, { method: 'POST', headers: json, body: JSON.stringify(body) });
    expect([
      answer.status,
      ((await answer.json()) as { errors: { extensions: object }[] }).errors[0]!.extensions,
    ]).toMatchObject([400, { code: 'BAD_USER_INPUT' }]);
  });
});

describe('as a page', () => {
  test('works without script, keeps its address to itself, and shows nothing as markup that is none', async () => {
    const path = await linkOf(await person('carl', { purpose: 'newsletter', channel: 'EMAIL' }));
    const answer = await call(path, { headers: page });
    const html = await answer.text();
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(html).toContain('<legend>News &amp; &lt;offers&gt;</legend>');
    expect(html).toContain('value="shoes &amp; &quot;more&quot;"');
    expect(html).toMatch(/<html lang="en">/);
    expect(html).not.toMatch(/<script|<img|<link|https?:|javascript:| on\w+=/i);
    // Each box has a label around it, each group a legend.
    expect(html.match(/<fieldset>/g)!.length).toBe(html.match(/<legend>/g)!.length);
    expect(html.match(/<input type="(?:checkbox|radio)"/g)!.length).toBe(html.match(/<label><input/g)!.length);
    expect(html.match(/ checked/g)!.length).toBe(1 + 2);
  });

  const submit = (
    path: string,
    fields: readonly (readonly [string, string])[],
    headers: Record<string, string> = form,
  ) =>
    call(path, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])).toString(),
    });

  test('takes the form: an empty box takes back what was given, and says nothing of what was never asked', async () => {
    const id = await person('dora', { purpose: 'newsletter', channel: 'EMAIL' });
    const path = await linkOf(id);
    const shown = ['EMAIL newsletter', 'SMS newsletter', ' profiling'].map((name) => ['shown', name] as const);
    const answer = await submit(path, [
      ...shown,
      ['granted', ' profiling'],
      ['preference language', 'fr'],
      ['preference topics', ''],
      ['preference topics', 'bikes'],
      ['preference topics', 'shoes & "more"'],
      ['preference paper', 'No'],
      ['preference nickname', ''],
    ]);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('<p role="status">Your choices have been saved.</p>');
    expect(await consentsOf(id)).toEqual(['newsletter EMAIL WITHDRAWN', 'profiling null GRANTED']);
    const { preferences } = await shownAt(path);
    expect(preferences.map(({ name, value }) => [name, value])).toEqual([
      ...[
        ['language', 'fr'],
        ['nickname', null],
        ['paper', false],
        ['topics', ['bikes', 'shoes & "more"']],
      ],
    ]);
    await submit(path, [
      ['preference topics', ''],
      ['preference paper', ''],
    ]);
    const later = await shownAt(path);
    expect(later.preferences.filter(({ value }) => value !== null).map(({ name }) => name)).toEqual(['language']);
    expect(choicesOf(later)).toContain('profiling null GRANTED');
  });

  test('says what is wrong in words', async () => {
    const path = await linkOf(await person('emil'));
    const answer = await submit(path, [
      ['shown', 'PIGEON newsletter'],
      ['granted', 'PIGEON newsletter'],
    ]);
    expect([answer.status, (await answer.text()).includes('The purpose is not offered over this channel.')]).toEqual([
      400,
      true,
    ]);
  });

  test('one click in the e-mail program leaves the newsletter, over e-mail alone', async () => {
    const id = await person('frida', { purpose: 'newsletter' });
    await ingest(server, {
      ...{ key: 'frida', source: 'crm', type: 'consent.granted', properties: { purpose: 'profiling' } },
      identifiers: [{ kind: 'userId', value: 'frida' }],
    });
    const path = await linkOf(id);
    const click = [['List-Unsubscribe', 'One-Click']] as const;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await submit(`${path}?purpose=newsletter&channel=EMAIL`, click, headers);
    expect(answer.status).toBe(200);
    expect(await consentsOf(id)).toEqual([
      ...['newsletter null GRANTED', 'newsletter EMAIL WITHDRAWN', 'profiling null GRANTED'],
    ]);
    await submit(path, click, headers);
    expect(await consentsOf(id)).toEqual(
      expect.arrayContaining(['profiling EMAIL WITHDRAWN', 'profiling null GRANTED']),
    );
    const statements = async () => (await server.database.pool`select from consent_statements`).length;
    const before = await statements();
    await submit(path, click, headers);
    expect(await statements()).toBe(before);
  });
});

describe('a link', () => {
  test('that is wrong, revoked, over or of nobody is answered in the same way', async () => {
    const id = await person('gustav');
    const [revoked, over, good] = [await linkOf(id), await linkOf(id, 1), await linkOf(id)];
    const token = revoked.slice('/preferences/'.length);
    await mutate('revokePreferenceLinks', 'RevokePreferenceLinksInput', { token }, 'revoked');
    await server.database.pool`
      update preference_links set expires_at = now() - interval '1 second' where expires_at < now() + interval '2 days'`;
    const flipped = `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`;
    const answers: string[] = [];
    for (const path of [revoked, over, flipped, '/preferences/x', `/preferences/${'A'.repeat(90)}`]) {
      for (const method of ['GET', 'POST']) {
        const body = method === 'POST' ? { body: JSON.stringify({ consents: 'all' }), headers: json } : {};
        const answer = await call(path, { method, ...body });
        answers.push(`${answer.status} ${await answer.text()} ${answer.headers.get('content-security-policy')}`);
      }
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 /);
    expect((await call(good)).status).toBe(200);
  });

  test('can be taken back with all others of a customer, also those from before a merge', async () => {
    const [id, other] = [await person('hanna'), await person('hannah')];
    const links = [await linkOf(id), await linkOf(other)];
    await mutate('mergeCustomers', 'MergeCustomersInput', { customerIds: [id, other], reason: 'the same' });
    expect((await call(links[0]!)).status).toBe(200);
    const revoke = () =>
      mutate('revokePreferenceLinks', 'RevokePreferenceLinksInput', { customerId: other }, 'revoked');
    expect(await revoke()).toEqual({ revoked: 2 });
    expect(await Promise.all(links.map(async (link) => (await call(link)).status))).toEqual([404, 404]);
    expect(await revoke()).toEqual({ revoked: 0 });
  });

  test('is in no log and no table', async () => {
    const path = await linkOf(await person('ida'));
    const token = path.slice('/preferences/'.length);
    await call(path);
    await call(path, { method: 'POST', headers: json, body: '{ "consents": "all" }' });
    await call(`${path}?purpose=x`, { method: 'POST', headers: form, body: 'List-Unsubscribe=One-Click' });
    const rows = await server.database.pool<{ text: string }[]>`
      select l::text as text from preference_links l union all select a::text from audit_entries a`;
    const texts = [...rows.map(({ text }) => text), ...logged];
    expect(texts.filter((text) => text.includes('/preferences/:token')).length).toBeGreaterThan(2);
    expect(texts.filter((text) => text.includes(token))).toEqual([]);
  });

  test('opens nothing of the API', async () => {
    const path = await linkOf(await person('jakob'));
    const token = path.slice('/preferences/'.length);
    const { status } = await server.graphql('{ customers { nodes { id } } }', {}, { key: token });
    expect(status).toBe(401);
  });

  test.each([0, 731, 1.5])('is not made for %s days', async (validDays) => {
    const customerId = await person('karl');
    const query = 'mutation ($input: CreatePreferenceLinkInput!) { createPreferenceLink(input: $input) { token } }';
    const { errors } = await server.graphql(query, { input: { customerId, validDays } });
    expect(errors[0]!.extensions.code).toBe('BAD_USER_INPUT');
  });
});

test('whoever tries too often from one address has to wait, and others do not', async () => {
  const path = await linkOf(await person('lena'));
  const from = '203.0.113.9';
  const statuses: number[] = [];
  for (let tries = 0; tries < 61; tries += 1) statuses.push((await call('/preferences/x', { from })).status);
  expect(statuses.filter((status) => status === 404)).toHaveLength(60);
  const busy = await call(path, { from });
  expect([busy.status, Number(busy.headers.get('retry-after')) > 0]).toEqual([429, true]);
  expect((await call(path)).status).toBe(200);
});

test('a form is read nowhere else', async () => {
  const answer = await call('/graphql', {
    method: 'POST',
    headers: { ...form, authorization: `Bearer ${server.ownerKey}` },
    body: 'query=%7Bviewer%7Bname%7D%7D',
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
});
