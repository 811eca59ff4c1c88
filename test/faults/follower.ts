import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { FaultNode } from './fault-node.ts';

const query = `subscription($after: Cursor) { changes(after: $after) { cursor topic subjectId } }`;

/** Follows the change feed of whichever node answers, and goes on behind the last cursor whenever a stream ends. */
export class Follower {
  /** `transaction/sequence` of every line, as they came. */
  readonly positions: string[] = [];
  /** How often it had to connect again. */
  reconnections = 0;
  readonly #nodes: readonly FaultNode[];
  readonly #ownerKey: string;
  readonly #running: Promise<void>;
  #cursor: string | undefined;
  #client: Client | undefined;
  #isStopping = false;

  /** From this cursor on. */
  constructor(nodes: readonly FaultNode[], ownerKey: string, cursor: string) {
    this.#nodes = nodes;
    this.#ownerKey = ownerKey;
    this.#cursor = cursor;
    this.#running = this.#follow();
  }

  /** The last line that has come. */
  get position(): string | undefined {
    return this.positions.at(-1);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#client?.dispose();
    await this.#running;
  }

  async #follow(): Promise<void> {
    for (let turn = 0; !this.#isStopping; turn += 1) {
      await this.#read(this.#nodes[turn % this.#nodes.length]!).catch(() => {});
      if (this.#isStopping) return;
      this.reconnections += 1;
      await wait(50);
    }
  }

  async #read(node: FaultNode): Promise<void> {
    this.#client = createClient({
      url: `${node.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.#ownerKey}` },
      retryAttempts: 0,
      connectionAckWaitTimeout: 5_000,
      // A node that is frozen, or whose machine is gone, says nothing: so we ask.
      keepAlive: 1_000,
    });
    const silence = this.#watchSilence(this.#client);
    try {
      for await (const { data, errors } of this.#client.iterate<Line>({ query, variables: { after: this.#cursor } })) {
        if (errors) throw new Error(JSON.stringify(errors));
        this.#cursor = data!.changes.cursor;
        this.positions.push(positionOf(this.#cursor));
      }
    } finally {
      silence();
      void this.#client.dispose();
    }
  }

  /** Ends a connection that does not answer our pings. */
  #watchSilence(client: Client): () => void {
    let socket: WebSocket | undefined;
    let answeredAt = performance.now();
    client.on('opened', (opened) => {
      socket = opened as WebSocket;
    });
    client.on('message', () => {
      answeredAt = performance.now();
    });
    const timer = setInterval(() => {
      if (performance.now() - answeredAt > 5_000) socket?.terminate();
    }, 500);
    return () => clearInterval(timer);
  }
}

interface Line {
  readonly changes: { readonly cursor: string; readonly topic: string; readonly subjectId: string };
}

/** `12345/0`: the suite may look into what is opaque to clients. */
export function positionOf(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString().split('/').slice(2).join('/');
}
