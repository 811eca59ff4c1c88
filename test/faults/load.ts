import { setTimeout as wait } from 'node:timers/promises';
import type { TouchpointDraft } from '../../src/touchpoints/touchpoint.ts';
import { type FaultNode, Refusal } from './fault-node.ts';

const ingest = `mutation($events: [TouchpointInput!]!) {
  ingest(events: $events) { results { messageId status code message } }
}`;
const redeem = `mutation($input: RedeemPointsInput!) { redeemPoints(input: $input) { decision { id } } }`;

interface Result {
  readonly messageId: string;
  readonly status: string;
  readonly code: string | null;
}

/** What became of one event. */
export interface Sent {
  readonly draft: TouchpointDraft;
  /** Of every acknowledgement, in order. */
  readonly statuses: string[];
}

/** Codes after which the same call is to be sent again. */
const passing = new Set(['SERVICE_UNAVAILABLE', 'OVERLOADED', 'RATE_LIMITED']);
const pauseMs = 20;
const eventsOfACall = 20;
const people = 40;
export const pointsOfARedemption = 5;

export interface LoadOptions {
  /** Clients that send events without end. */
  readonly senders: number;
  /** Those that spend points. */
  readonly spenders: number;
  /** Names of messages begin with it. */
  readonly name: string;
}

/** Clients that send without end, each call again and again until it is acknowledged, to whichever node answers. */
export class Load {
  /** By message id. */
  readonly sent = new Map<string, Sent>();
  /** Key of the redemption → id of the decision that was acknowledged. */
  readonly redeemed = new Map<string, string>();
  /** Calls that were refused for a while. */
  refused = 0;
  /** Refusals that should not have been: what the senders could not cure by repeating. */
  readonly surprises: string[] = [];
  readonly #nodes: readonly FaultNode[];
  readonly #options: LoadOptions;
  readonly #acknowledged: { readonly sentAt: number; readonly at: number }[] = [];
  #watchers: { readonly at: number; readonly resolve: () => void }[] = [];
  readonly #loops: Promise<void>[];
  #events = 0;
  #redemptions = 0;
  #isStopping = false;

  constructor(nodes: readonly FaultNode[], options: LoadOptions) {
    this.#nodes = nodes;
    this.#options = options;
    const every = <T>(count: number, begin: (index: number) => T) =>
      Array.from({ length: count }, (_, at) => begin(at));
    this.#loops = [
      ...every(options.senders, (index) => this.#send(index)),
      ...every(options.spenders, (index) => this.#spend(index)),
    ];
  }

  /** Events that are acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged.length * eventsOfACall;
  }

  /** The longest time without an acknowledgement, in milliseconds. */
  get longestPause(): number {
    return Math.max(0, ...this.#acknowledged.slice(1).map(({ at }, index) => at - this.#acknowledged[index]!.at));
  }

  /** Resolves at the acknowledgement of so many more calls. */
  async acknowledgements(calls: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watchers.push({ at: this.#acknowledged.length + calls, resolve });
    await promise;
  }

  /** Waits for an acknowledgement of a call that was sent after this moment; answers when the first one came. */
  async answerTo(moment: number): Promise<number> {
    for (;;) {
      const first = this.#acknowledged.find(({ sentAt }) => sentAt >= moment);
      if (first) return first.at;
      await this.acknowledgements(1);
    }
  }

  /** Resolves when everything that was sent is acknowledged. */
  async finish(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#loops);
  }

  async #send(index: number): Promise<void> {
    while (!this.#isStopping) {
      const events = Array.from({ length: eventsOfACall }, () => this.#event());
      for (const draft of events) this.sent.set(draft.messageId, { draft, statuses: [] });
      const { sentAt, answer } = await this.#insist(index, (node) => node.ask<IngestAnswer>(ingest, { events }));
      for (const result of answer.ingest.results) this.#note(result);
      this.#acknowledged.push({ sentAt, at: performance.now() });
      for (const { at, resolve } of this.#watchers) if (at <= this.#acknowledged.length) resolve();
    }
  }

  #note({ messageId, status, code }: Result): void {
    this.sent.get(messageId)!.statuses.push(status);
    if (!['STORED', 'DUPLICATE'].includes(status)) this.surprises.push(`${messageId}: ${status} ${code}`);
  }

  async #spend(index: number): Promise<void> {
    for (let person = index; !this.#isStopping; person = (person + 1) % people) {
      this.#redemptions += 1;
      const idempotencyKey = `${this.#options.name}-redemption-${this.#redemptions}`;
      const member = { identifier: { kind: 'email', value: `p${person}@example.com` } };
      const { answer } = await this.#insist(index, (node) =>
        node
          .ask<RedeemAnswer>(redeem, { input: { idempotencyKey, member, points: String(pointsOfARedemption) } })
          .catch(whereNothingIsToTake),
      );
      if (answer) this.redeemed.set(idempotencyKey, answer.redeemPoints.decision.id);
      else await wait(pauseMs);
    }
  }

  /** Sends to one node after the other until one decides. */
  async #insist<T>(first: number, send: (node: FaultNode) => Promise<T>): Promise<{ sentAt: number; answer: T }> {
    for (let attempt = first; ; attempt += 1) {
      const sentAt = performance.now();
      try {
        return { sentAt, answer: await send(this.#nodes[attempt % this.#nodes.length]!) };
      } catch (error) {
        if (error instanceof Refusal && passing.has(error.code)) this.refused += 1;
        else if (error instanceof Refusal) this.surprises.push(`${error.code} ${error.message}`);
        await wait(pauseMs);
      }
    }
  }

  #event(): TouchpointDraft {
    this.#events += 1;
    const number = this.#events;
    return {
      messageId: `${this.#options.name}-${number}`,
      source: number % 2 ? 'web' : 'pos',
      identifiers: [
        { kind: 'email', value: `p${number % people}@example.com` },
        { kind: 'deviceId', value: `d${number % 60}` },
      ],
      type: 'order.completed',
      occurredAt: new Date().toISOString(),
      value: { amount: String(1 + (number % 97)), currency: 'EUR' },
      traits: { visits: number },
      properties: { note: 'x'.repeat(200) },
    };
  }
}

interface IngestAnswer {
  readonly ingest: { readonly results: readonly Result[] };
}

interface RedeemAnswer {
  readonly redeemPoints: { readonly decision: { readonly id: string } };
}

/** An answer, too: there is nobody by that name yet, or there are no points. */
function whereNothingIsToTake(error: unknown): undefined {
  const codes = ['INSUFFICIENT_POINTS', 'NOT_FOUND', 'NOT_A_MEMBER', 'PROGRAM_NOT_OPEN'];
  if (error instanceof Refusal && codes.includes(error.code)) return undefined;
  throw error;
}
