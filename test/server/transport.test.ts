import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

test('an operation with a key is answered', async () => {
  const { status, data, errors } = await server.graphql('{ viewer { name scopes } }');
  expect({ status, errors }).toEqual({ status: 200, errors: [] });
  expect(data).toEqual({ viewer: { name: 'owner', scopes: ['ADMIN'] } });
});
