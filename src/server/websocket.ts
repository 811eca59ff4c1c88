import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { requestIdFrom } from './context.ts';
import { OperationIds } from './websocket-ids.ts';
import { type Connection, maximumOpen, protocolOptions, type WebsocketOptions } from './websocket-protocol.ts';

/** Far above any operation. Ingest of many large events is for HTTP, where the key comes before the body. */
const maximumMessage = 4 * 1024 * 1024;
/** What may wait to be sent to a peer that goes on asking without reading. */
const maximumBuffered = 16 * 1024 * 1024;

export interface WebsocketServer {
  /** Says 1001 "going away" to everybody, so that clients connect anew, to another node. */
  close(): Promise<void>;
}

/** GraphQL over websockets (graphql-transport-ws) at `/graphql`, on the port of the HTTP server. */
export function serveWebsockets(http: HttpServer, options: WebsocketOptions): WebsocketServer {
  const sockets = new WebSocketServer({ server: http, path: '/graphql', maxPayload: maximumMessage, handleProtocols });
  // It repeats the errors of the HTTP server, such as a port that is taken: whoever opens the port deals with them.
  sockets.on('error', () => {});
  const protocol = makeServer<Record<string, unknown>, Connection>(protocolOptions(options));
  const { metrics, platform } = options.wiring;
  const { timings } = options;

  sockets.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const requestId = requestIdFrom(request.headers, platform.ids);
    const close = (code: number, reason: string) => closeSocket(socket, { code, reason, grace: timings.grace });
    const connection: Connection = {
      requestId,
      address: () => options.addressOf(request),
      page: { origin: request.headers.origin, host: request.headers.host },
      close,
      viewer: undefined,
      closed: false,
      held: [],
      operations: undefined,
      begun: undefined,
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (text) => sendText(socket, text),
        close: (code = 1000, reason = '') => close(code, reason),
        onMessage: (handle) => {
          const ids = new OperationIds({
            handle,
            begun: () => takeBegun(connection),
            isActive: (id) => id in (connection.operations ?? {}),
          });
          connection.held.push(() => ids.close());
          socket.on('message', (data) => {
            if (socket.bufferedAmount > maximumBuffered || ids.waiting > maximumOpen) return socket.terminate();
            ids.take(String(data)).catch((err: unknown) => {
              platform.log.error({ err, requestId }, 'a websocket message could not be handled');
              close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      connection,
    );
    metrics.websocketConnections.inc();
    const stopPinging = keepAlive(socket, timings.ping);
    // What ws refuses itself (no UTF-8, too long, no frame at all) is the peer's doing, and closed with the right code.
    socket.on('error', (err) => platform.log.debug({ err, requestId }, 'websocket error'));
    socket.once('close', (code, reason) => {
      metrics.websocketConnections.dec();
      stopPinging();
      closed(code, String(reason)).catch((err: unknown) =>
        platform.log.error({ err, requestId }, 'a websocket could not be wound up'),
      );
    });
  });

  return { close: () => closeAll(sockets, timings.grace) };
}

/** The operation that the last message has begun. */
function takeBegun(connection: Connection): string | undefined {
  const id = connection.begun;
  connection.begun = undefined;
  return id;
}

/** Resolves when the text is on its way, so that a slow reader slows down its own streams and nothing else. */
function sendText(socket: WebSocket, text: string): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  return new Promise((resolve) => {
    // An error here means that the connection is gone; its `close` event ends the streams.
    socket.send(text, () => resolve());
  });
}

/** A stalled reader would never answer our close: after a moment the connection is cut. */
function closeSocket(
  socket: WebSocket,
  { code, reason, grace }: { code: number; reason: string; grace: number },
): void {
  socket.close(code, shorten(reason));
  const cut = setTimeout(() => socket.terminate(), grace);
  socket.once('close', () => clearTimeout(cut));
}

/** RFC 6455 allows 123 bytes. */
function shorten(reason: string): string {
  return Buffer.byteLength(reason) <= 123 ? reason : `${[...reason].slice(0, 40).join('')}…`;
}

/** Finds peers that are gone without a word, and keeps proxies from closing a quiet connection. */
function keepAlive(socket: WebSocket, everyMs: number): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}

function closeAll(sockets: WebSocketServer, grace: number): Promise<void> {
  for (const socket of sockets.clients) closeSocket(socket, { code: 1001, reason: 'Going away', grace });
  return new Promise((resolve) => {
    sockets.close(() => resolve());
  });
}
