import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface LiveEvent {
  readonly cursor: string;
  /** When the server began the transaction that made the change. */
  readonly at: string;
  readonly touchpoint?: { readonly messageId: string };
  readonly customer?: { readonly id: string; readonly touchpointCount: number } | null;
  readonly customerId?: string;
  readonly entered?: boolean;
}

export interface LiveSubscriber {
  readonly socket: WebSocket;
  /** What to subscribe to, and the root field of it. */
  readonly subscription: Subscription;
}

export interface Subscription {
  readonly field: 'touchpointRecorded' | 'customerChanged' | 'segmentMembershipChanged';
  readonly variables: Record<string, unknown>;
}

export type Receive = (event: LiveEvent, subscription: Subscription, receivedAt: number, bytes: number) => void;

const queries = {
  touchpointRecorded: `subscription ($filter: TouchpointFilter, $after: Cursor) {
    touchpointRecorded(filter: $filter, after: $after) { cursor at touchpoint { id messageId type occurredAt } }
  }`,
  customerChanged: `subscription ($id: ID!, $after: Cursor) {
    customerChanged(id: $id, after: $after) { cursor at reasons customer { id touchpointCount lastSeenAt } }
  }`,
  segmentMembershipChanged: `subscription ($segmentId: ID, $after: Cursor) {
    segmentMembershipChanged(segmentId: $segmentId, after: $after) { cursor at customerId entered cause }
  }`,
};

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: Record<string, LiveEvent>; readonly errors?: unknown };
}

/** Milliseconds since 1970, finer than `Date.now()`: to be compared between processes of one machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

/** One websocket with one subscription, as lean as can be: the benchmark is to measure the server. */
export async function openSubscriber(
  server: { readonly url: string; readonly key: string },
  subscription: Subscription,
  receive: Receive,
): Promise<LiveSubscriber> {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  const acknowledged = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${server.key}` } }));
  await acknowledged;
  const { field, variables } = subscription;
  socket.on('message', (data) => {
    const receivedAt = preciseNow();
    const text = String(data);
    const { type, payload } = JSON.parse(text) as Message;
    const event = payload?.data?.[field];
    if (type === 'ping') socket.send('{"type":"pong"}');
    else if (type === 'next' && event) receive(event, subscription, receivedAt, text.length);
    else throw new Error(`A subscriber got ${text}`);
  });
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: queries[field], variables } }));
  return { socket, subscription };
}
