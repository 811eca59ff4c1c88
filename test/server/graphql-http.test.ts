import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** What every caller sends: its key, and what tells it from a web page that was tricked into calling. */
const asCaller: typeof fetch = (url, init) => {
  const headers = new Headers(init?.headers);
  headers.set('authorization', `Bearer ${server.ownerKey}`);
  headers.set('apollo-require-preflight', '1');
  return fetch(url, { ...init, headers });
};

/** The suite of the specification's authors for GraphQL over HTTP: all that a server MUST, SHOULD and MAY. */
const audits = serverAudits({ url: () => `${server.url}/graphql`, fetchFn: asCaller });

describe('GraphQL over HTTP, audited', () => {
  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (_id, _name, audit) => {
    const result = await audit.fn();
    expect({ status: result.status, reason: 'reason' in result ? result.reason : undefined }).toEqual({
      status: 'ok',
      reason: undefined,
    });
  });

  test('the suite is the whole one', () => {
    expect(audits.filter(({ name }) => name.startsWith('MUST')).length).toBe(13);
    expect(audits.filter(({ name }) => name.startsWith('SHOULD')).length).toBe(23);
  });
});
