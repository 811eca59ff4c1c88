import type { Boundaries, Boundary } from './boundary.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { Clock } from './clock.ts';
import type { Pool } from './database.ts';
import type { Ids } from './ids.ts';
import type { Loaders } from './loaders.ts';
import type { Logger } from './log.ts';

/** What one process has, for as long as it lives. */
export interface Platform {
  readonly pool: Pool;
  /** This node's reader of the change feed. Wake it after a commit that appended changes. */
  readonly feed: ChangeFeed;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly personalTraits: PersonalTraits;
  /** Left out where no key with a boundary comes: commands, jobs. */
  readonly boundaries?: Boundaries;
}

/** Which traits of a person only `pii:read` may see. Kept by the identity module. */
export interface PersonalTraits {
  has(name: string): boolean;
}

/** Who is asking. Made by the access module from an API key. */
export interface Viewer {
  /** UUID of the API key. */
  readonly keyId: string;
  readonly name: string;
  readonly scopes: ReadonlySet<string>;
  /** The key is for tests: what it sends is checked and not stored. */
  readonly test?: boolean;
  /** What the key is kept to; left out: to nothing but its scopes. */
  readonly boundary?: Boundary;
  /** The key may send, and is told nothing but whether what it sent is well-formed: for browsers. */
  readonly writeOnly?: boolean;
  /** The key runs only the operations of frontends of the organisation's own. */
  readonly trustedDocumentsOnly?: boolean;
  /** Of web pages of other servers that may use the key. */
  readonly allowedOrigins?: readonly string[];
}

/** What one operation has: the platform, the caller and the caller's loaders. Services take it first. */
export interface Context extends Platform {
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly loaders: Loaders;
  /** The caller wants to be told what the operation costs. */
  readonly costAsked?: boolean;
}
