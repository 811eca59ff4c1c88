import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createPool } from '../../src/kernel/connect.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

// Of a machine that there isn't: made for this test, valid for a hundred years.
const cert = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUEouF45blAMTguiXFV6Fk7JXbi2YwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIyMzQ1NFoYDzIxMjYxMTA0
MjIzNDU0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATmvdilX/Xi4tZcaKTR/0dLRlq39zYKldw8WNqF5yUXuPhlzmqM1uyx
inAxDAcFxoj7ZGy0frnmpG+oAEfGqN2Wo2kwZzAdBgNVHQ4EFgQU9+l4P890pzuE
+of1BP9a/EdJn/swHwYDVR0jBBgwFoAU9+l4P890pzuE+of1BP9a/EdJn/swDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgDCUv2iz3gKQVzbVyFVRDbeNZwtyQVumtcpADJUm9PkQCIQDB0JdBg1pN
0xKF+X/yGOIkqWTjqSWoiEPw3UF7VoOrSg==
-----END CERTIFICATE-----
`;
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyHNJH/18oBfTO7Nm
T3pnhiSOD0HbSyOj+rn5CWTNYQyhRANCAATmvdilX/Xi4tZcaKTR/0dLRlq39zYK
ldw8WNqF5yUXuPhlzmqM1uyxinAxDAcFxoj7ZGy0frnmpG+oAEfGqN2W
-----END PRIVATE KEY-----
`;

let database: TestDatabase;
const cleaning: (() => unknown)[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});
afterAll(() => database.close());

/** A way to the database that speaks TLS, as poolers do, or says that it doesn't. Tells what came over TLS. */
async function openTlsDoor({ speaksTls = true } = {}) {
  const { port: target } = new URL(database.url);
  const sockets = new Set<Socket>();
  const secured: string[] = [];
  const door = createServer(async (near) => {
    sockets.add(near.on('error', () => {}));
    const [asked] = (await once(near, 'data')) as [Buffer];
    const isRequest = asked.length === 8 && asked.readUInt32BE(4) === 80_877_103;
    if (isRequest) near.write(speaksTls ? 'S' : 'N');
    const inner = isRequest && speaksTls ? new TLSSocket(near, { isServer: true, key, cert }) : near;
    const far = connect(Number(target), '127.0.0.1');
    for (const socket of [inner, far]) sockets.add(socket.on('error', () => {}));
    if (inner !== near) inner.on('data', (bytes) => secured.push(bytes.toString('latin1')));
    if (!isRequest) far.write(asked);
    inner.pipe(far).pipe(inner);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  cleaning.push(() => {
    door.close();
    for (const socket of sockets) socket.destroy();
  });
  const url = new URL(database.url);
  url.port = String((door.address() as AddressInfo).port);
  return { url, secured, breakOff: () => [...sockets].forEach((socket) => void socket.destroy()) };
}

function openPool(url: URL, mode?: string) {
  if (mode) url.searchParams.set('sslmode', mode);
  const pool = createPool(url.href, { max: 2 });
  cleaning.push(() => pool.end({ timeout: 1 }));
  return pool;
}

test('sslmode=require speaks TLS, and what is lost in the middle is lost as without', async () => {
  const { url, secured, breakOff } = await openTlsDoor();
  const pool = openPool(url, 'require');
  expect(await pool`select 'told in private' as said`).toEqual([{ said: 'told in private' }]);
  expect(secured.join('')).toContain('told in private');
  const running = Promise.allSettled([pool`select pg_sleep(30)`, pool.begin((tx) => tx`select pg_sleep(30)`)]);
  await expect.poll(async () => (await sleeping()).length).toBe(2);
  breakOff();
  expect((await running).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await pool.begin((tx) => tx`select 1 as one`)).toEqual([{ one: 1 }]);
});

function sleeping() {
  return database.pool`
    select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep' and application_name = 'rundum'`;
}

test('sslmode=verify-full refuses a certificate that nobody vouches for', async () => {
  const { url } = await openTlsDoor();
  await expect(openPool(url, 'verify-full')`select 1`).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('a server without TLS is refused where it is required, and used where it is preferred', async () => {
  const { url } = await openTlsDoor({ speaksTls: false });
  await expect(openPool(url, 'require')`select 1`).rejects.toThrow('does not speak TLS');
  expect(await openPool(url, 'prefer')`select 1 as one`).toEqual([{ one: 1 }]);
  expect(await openPool(url, 'disable')`select 1 as one`).toEqual([{ one: 1 }]);
});

test('a failure to agree on TLS costs the pool no connection', async () => {
  const { url } = await openTlsDoor({ speaksTls: false });
  const pool = openPool(url, 'require');
  for (let time = 0; time < 5; time += 1) await expect(pool`select 1`).rejects.toThrow('does not speak TLS');
});

test('of several hosts, the next one is asked when one is away', async () => {
  const { url } = await openTlsDoor({ speaksTls: false });
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const several = url.href.replace(`127.0.0.1:${url.port}`, `127.0.0.1:${port},127.0.0.1:${url.port}`);
  const pool = createPool(several, { max: 1 });
  cleaning.push(() => pool.end({ timeout: 1 }));
  await expect(pool`select 1`).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await pool`select 1 as one`).toEqual([{ one: 1 }]);
});
