import { type WebSocket, WebSocketServer } from 'ws';

/**
 * The physical limit beside the live benchmark: a bare websocket server that sends so many messages a second, of a given
 * size, to its clients in turn. Each starts with the time at which it was handed to the socket. Nothing else happens.
 *
 * Arguments: messages a second, bytes of a message, seconds. Begins when a client says `start`.
 */
const [rate = 0, size = 0, seconds = 0] = process.argv.slice(2).map(Number);
const burstMs = 10;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const clients: WebSocket[] = [];

server.on('connection', (socket) => {
  clients.push(socket);
  socket.once('message', () => void send());
});
server.on('listening', () => {
  const address = server.address() as { port: number };
  console.log(JSON.stringify({ url: `ws://127.0.0.1:${address.port}` }));
});

async function send(): Promise<void> {
  const started = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const elapsed = performance.now() - started;
    const due = Math.min(elapsed / 1_000, seconds) * rate;
    for (; sent < due; sent += 1) {
      const text = String(performance.timeOrigin + performance.now()).padEnd(24);
      clients[sent % clients.length]!.send(text.padEnd(size, 'x'));
    }
    if (elapsed < seconds * 1_000) return;
    clearInterval(timer);
    for (const client of clients) client.send('end');
  }, burstMs);
}
