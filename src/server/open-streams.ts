import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';

/** How much a key may have open at once on one node. */
export interface StreamLimits {
  readonly connections: number;
  readonly subscriptions: number;
}

type Resource = keyof StreamLimits;

/** Ends something that is open. */
type Ender = (why: DomainError) => void;

interface Place {
  readonly viewer: Viewer;
  readonly end: Ender;
}

/**
 * What keys have open on this node. Each node counts for itself: what a limit protects is its memory, and a count of all
 * nodes would have to be told about every node that dies.
 */
export class OpenStreams {
  readonly #limitsOf: (viewer: Viewer) => StreamLimits;
  /** By key, in the order in which they were opened. */
  readonly #open: Readonly<Record<Resource, Map<string, Set<Place>>>> = {
    connections: new Map(),
    subscriptions: new Map(),
  };

  constructor(limitsOf: (viewer: Viewer) => StreamLimits) {
    this.#limitsOf = limitsOf;
  }

  /** A websocket or an event stream. Answers how to give its place back. Throws `RATE_LIMITED` for one too many. */
  connect(viewer: Viewer, end: Ender): () => void {
    return this.#take('connections', viewer, end);
  }

  /** The same for a subscription, over either. */
  subscribe(viewer: Viewer, end: Ender): () => void {
    return this.#take('subscriptions', viewer, end);
  }

  /** How many there are, of all keys. */
  count(resource: Resource): number {
    let count = 0;
    for (const open of this.#open[resource].values()) count += open.size;
    return count;
  }

  /** Ends the newest of those who have more open than they may by now. */
  review(): void {
    for (const resource of ['connections', 'subscriptions'] as const) {
      for (const open of this.#open[resource].values()) {
        const [oldest] = open;
        const limit = this.#limitsOf(oldest!.viewer)[resource];
        if (open.size <= limit) continue;
        for (const { end } of [...open].slice(limit)) end(tooMany(resource, limit));
      }
    }
  }

  #take(resource: Resource, viewer: Viewer, end: Ender): () => void {
    const limit = this.#limitsOf(viewer)[resource];
    const { keyId } = viewer;
    const all = this.#open[resource];
    const open = all.get(keyId) ?? new Set<Place>();
    if (open.size >= limit) throw tooMany(resource, limit);
    const place: Place = { viewer, end };
    all.set(keyId, open.add(place));
    return () => {
      open.delete(place);
      if (open.size === 0 && all.get(keyId) === open) all.delete(keyId);
    };
  }
}

function tooMany(resource: Resource, limit: number): DomainError {
  const message = `This API key may have ${limit} ${resource} open at once on one server, and has. Close one, or share one between several readers.`;
  return new DomainError('RATE_LIMITED', message, { resource: resource.toUpperCase(), limit });
}
