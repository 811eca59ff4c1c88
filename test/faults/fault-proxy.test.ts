import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

let echo: Server;
let proxy: FaultProxy;
const sockets = new Set<Socket>();

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await FaultProxy.open((echo.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.shut();
  for (const socket of sockets) socket.destroy();
  echo.close();
});

async function reach(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.add(socket);
  await once(socket, 'connect');
  return socket;
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let got = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const take = (chunk: Buffer) => {
    chunks.push(chunk);
    got += chunk.length;
    if (got >= length) resolve();
  };
  socket.on('data', take);
  await promise;
  socket.off('data', take);
  return Buffer.concat(chunks);
}

async function roundTrip(socket: Socket, text: string): Promise<number> {
  const started = performance.now();
  const answer = read(socket, Buffer.byteLength(text));
  socket.write(text);
  expect((await answer).toString()).toBe(text);
  return performance.now() - started;
}

test('in fair weather everything passes as it was, however large, and an end is passed on after it', async () => {
  const socket = await reach();
  const sent = Buffer.alloc(3_000_000, 'abcdefghijklm');
  const answer = read(socket, sent.length);
  const ended = once(socket, 'end');
  socket.end(sent);
  expect((await answer).equals(sent)).toBe(true);
  await ended;
  await expect.poll(() => proxy.connections).toBe(0);
});

test('a cut breaks what is open with an error, and lets new connections through', async () => {
  const socket = await reach();
  await roundTrip(socket, 'hello');
  const error = once(socket, 'error');
  proxy.cut();
  expect((await error)[0]).toMatchObject({ code: 'ECONNRESET' });
  await roundTrip(await reach(), 'again');
});

test('shut, it refuses; reopened, it is at the same port', async () => {
  const { port } = proxy;
  await proxy.shut();
  await expect(reach()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.reopen();
  expect(proxy.port).toBe(port);
  await roundTrip(await reach(), 'hello');
});

test('a delay counts once in each direction, and does not change the order', async () => {
  const socket = await reach();
  proxy.setWeather({ delayMs: 60 });
  expect(await roundTrip(socket, 'one')).toBeGreaterThanOrEqual(119);
  const answer = read(socket, 300);
  for (let index = 0; index < 100; index += 1) socket.write(String(index).padStart(3, '0'));
  expect((await answer).toString()).toBe(
    Array.from({ length: 100 }, (_, index) => String(index).padStart(3, '0')).join(''),
  );
});

test('a throttled line takes its time, and fills the buffers of who sends too much', async () => {
  const socket = await reach();
  proxy.setWeather({ bytesPerSecond: 100_000 });
  expect(await roundTrip(socket, 'x'.repeat(20_000))).toBeGreaterThanOrEqual(200);
  socket.write(Buffer.alloc(50_000_000));
  await wait(100);
  expect(socket.writableLength).toBeGreaterThan(0);
});

test('a black hole tells nobody, takes new connections, and gives back what it held when it closes', async () => {
  const socket = await reach();
  await roundTrip(socket, 'before');
  const told: string[] = [];
  for (const event of ['data', 'error', 'end', 'close']) socket.on(event, () => told.push(event));
  proxy.setWeather({ blackHole: true });
  socket.write('held');
  const fresh = await reach();
  fresh.write('new');
  await wait(150);
  expect(told).toEqual([]);
  const answers = Promise.all([read(socket, 4), read(fresh, 3)]);
  proxy.setWeather({});
  expect((await answers).map(String)).toEqual(['held', 'new']);
});

test('stranded connections carry nothing more, without a word; new ones do', async () => {
  const socket = await reach();
  await roundTrip(socket, 'before');
  const told: string[] = [];
  for (const event of ['data', 'error', 'end', 'close']) socket.on(event, () => told.push(event));
  proxy.strand();
  socket.write('lost');
  await roundTrip(await reach(), 'hello');
  await wait(50);
  expect(told).toEqual([]);
});
