import { hash, randomBytes } from 'node:crypto';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { DomainError } from '../kernel/errors.ts';
import { type ApiKeyText, hashSecret } from './api-key.ts';
import { readBearer } from './bearer.ts';
import type { AddressSource, Entrance } from './entrance.ts';
import { tooManyGuesses } from './errors.ts';

/** Places are counted in so many drawers: enough that two seldom share one, and whoever has many addresses fills no memory. */
const drawers = 65_536;
/** Keys that have been good from where they come. */
const mostAcquainted = 10_000;

/**
 * Slows down whoever tries out keys: after so many that do not exist, nobody is looked at any more who comes from there, until
 * a minute after the first of them is over. But keys that have been good from there before go on working: else one
 * guesser behind a company's common address would lock out all the others.
 *
 * Only what could be a guess counts. A key that was revoked, or comes from the wrong network, has a secret that nobody guessed.
 *
 * For each node by itself: it protects the database from look-ups and the log from noise, and 190 random bits the keys.
 */
export class GuessLimiter {
  readonly #limiter: RateLimiterMemory | undefined;
  readonly #acquainted = new Set<string>();
  readonly #turns = new Turns();
  readonly #salt = randomBytes(16).toString('hex');

  /** `null`: any number of guesses. */
  constructor(perMinute: number | null) {
    if (perMinute !== null) this.#limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  }

  /** Lets somebody in by `enter`, or throws `RATE_LIMITED` instead of trying. */
  async watch(
    address: AddressSource | undefined,
    authorization: unknown,
    enter: (given: ApiKeyText) => Promise<Entrance>,
  ): Promise<Entrance> {
    const from = this.#limiter && address?.();
    const attempt = async () => enter(readBearer(authorization));
    if (!this.#limiter || from === undefined || this.#isAcquainted(from, authorization)) return attempt();
    // Strangers from one place one after the other: a thousand guesses at once are a thousand, and a thousand connections
    // with a good key are let in as soon as the first is.
    const drawer = this.#drawerOf(from);
    return this.#turns.take(drawer, async () => {
      if (this.#isAcquainted(from, authorization)) return attempt();
      return this.#lookAt({ from, drawer, attempt });
    });
  }

  async #lookAt({ from, drawer, attempt }: Stranger): Promise<Entrance> {
    const limiter = this.#limiter!;
    const known = await limiter.get(drawer);
    if (known && known.remainingPoints === 0) throw tooManyGuesses(known.msBeforeNext);
    try {
      const entrance = await attempt();
      this.#meet(nameOf(from, entrance.key.row.id, entrance.secretHash));
      return entrance;
    } catch (error) {
      if (isGuess(error)) await limiter.penalty(drawer);
      throw error;
    }
  }

  /** With this very secret: else whoever knows an id could go on guessing that. */
  #isAcquainted(from: string, authorization: unknown): boolean {
    try {
      const { id, secret } = readBearer(authorization);
      return this.#acquainted.has(nameOf(from, id, hashSecret(secret)));
    } catch {
      return false;
    }
  }

  #meet(name: string): void {
    if (this.#acquainted.has(name)) return;
    this.#acquainted.add(name);
    if (this.#acquainted.size <= mostAcquainted) return;
    for (const oldest of this.#acquainted) {
      this.#acquainted.delete(oldest);
      return;
    }
  }

  /** Salted, so that nobody can choose whose drawer to fill. */
  #drawerOf(address: string): number {
    return hash('sha256', this.#salt + placeOf(address), 'buffer').readUInt32BE() % drawers;
  }
}

interface Stranger {
  readonly from: string;
  readonly drawer: number;
  attempt(): Promise<Entrance>;
}

/** Lets what has the same name run one after the other. */
class Turns {
  readonly #last = new Map<number, Promise<unknown>>();

  take<T>(name: number, run: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(run);
    const settled = mine.then(
      () => {},
      () => {},
    );
    this.#last.set(name, settled);
    void settled.then(() => {
      if (this.#last.get(name) === settled) this.#last.delete(name);
    });
    return mine;
  }
}

function nameOf(from: string, keyId: string, secretHash: Uint8Array): string {
  return `${from} ${keyId} ${Buffer.from(secretHash).toString('base64')}`;
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
export function placeOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}

function isGuess(error: unknown): boolean {
  if (!(error instanceof DomainError)) return false;
  return error.details.reason === 'UNKNOWN' || error.details.reason === 'MALFORMED';
}
