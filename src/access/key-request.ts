import type { Boundary } from '../kernel/boundary.ts';
import { badInput } from '../kernel/errors.ts';
import { readNetwork } from '../kernel/networks.ts';
import { checkBoundary, checkOrigins, checkTogether } from './boundary-request.ts';
import { isScope, type Scope, scopes } from './scopes.ts';

/** What can be changed of a key: what it is called, for how long, from where and how much. Never what it allows. */
export interface KeySettings {
  readonly name: string;
  readonly expiresAt?: Date | null;
  /** CIDR; none: from anywhere. */
  readonly allowedNetworks?: readonly string[] | null;
  readonly requestsPerMinute?: number | null;
  readonly requestsPerDay?: number | null;
  /** What it is kept to; none: to nothing but its scopes. */
  readonly boundary?: Boundary | null;
  /** Of web pages that may use it, such as `https://shop.example`. */
  readonly allowedOrigins?: readonly string[] | null;
  /** What its operations may cost in a minute; left out: what the server gives every key. */
  readonly costPerMinute?: number | null;
  /** It runs only the operations of the first-party frontends. */
  readonly trustedDocumentsOnly?: boolean | null;
  /** Websockets and event streams that it may have open on one server; left out: what the server allows every key. */
  readonly maxConnections?: number | null;
  /** The same for subscriptions. */
  readonly maxSubscriptions?: number | null;
}

/** What is asked for, before anything has been checked. The same from the API and from the command line. */
export interface KeyRequest extends KeySettings {
  readonly scopes: readonly string[];
  /** A key for tests: what it sends is checked and not stored. */
  readonly test?: boolean | null;
  /** A key that sends and reads nothing. */
  readonly writeOnly?: boolean | null;
}

export interface KeyLimits {
  readonly allowedNetworks: readonly string[];
  readonly requestsPerMinute: number | null;
  readonly requestsPerDay: number | null;
  readonly boundary: Boundary | null;
  readonly allowedOrigins: readonly string[];
  readonly costPerMinute: number | null;
  readonly trustedDocumentsOnly: boolean;
  readonly maxConnections: number | null;
  readonly maxSubscriptions: number | null;
}

export interface CheckedSettings extends KeyLimits {
  readonly name: string;
  readonly expiresAt: Date | null;
}

export interface CheckedKeyRequest extends CheckedSettings {
  /** Each once, in the order of the catalogue. */
  readonly scopes: readonly Scope[];
  readonly test: boolean;
  readonly writeOnly: boolean;
}

const longestName = 100;
/** Far more than anybody looks after by hand. */
const mostNetworks = 100;
/** What the column holds, and more than a node answers. */
const mostRequests = 2_000_000_000;

/** A test must be able to leave no trace: these only read, or are checked and not stored. */
const testScopes = scopes.filter((scope) => scope === 'ingest' || scope.endsWith(':read'));

export function checkKeyRequest(request: KeyRequest, now: Date): CheckedKeyRequest {
  const test = request.test ?? false;
  const settings = checkKeySettings(request, now);
  const wanted = checkScopes(request.scopes, test);
  return { ...settings, scopes: wanted, test, writeOnly: checkTogether(request.writeOnly ?? false, wanted, settings) };
}

export function checkKeySettings(settings: KeySettings, now: Date): CheckedSettings {
  return {
    name: checkName(settings.name),
    expiresAt: checkExpiry(settings.expiresAt ?? null, now),
    allowedNetworks: checkNetworks(settings.allowedNetworks ?? []),
    requestsPerMinute: checkAmount(settings.requestsPerMinute ?? null, 'input.requestsPerMinute'),
    requestsPerDay: checkAmount(settings.requestsPerDay ?? null, 'input.requestsPerDay'),
    boundary: checkBoundary(settings.boundary ?? null),
    allowedOrigins: checkOrigins(settings.allowedOrigins ?? []),
    costPerMinute: checkAmount(settings.costPerMinute ?? null, 'input.costPerMinute', 'points of cost'),
    trustedDocumentsOnly: settings.trustedDocumentsOnly ?? false,
    maxConnections: checkAmount(settings.maxConnections ?? null, 'input.maxConnections', 'connections'),
    maxSubscriptions: checkAmount(settings.maxSubscriptions ?? null, 'input.maxSubscriptions', 'subscriptions'),
  };
}

function checkName(given: string): string {
  const name = given.trim();
  // Control characters would let a name rewrite the terminal that lists it.
  if (name !== '' && name.length <= longestName && !/\p{Cc}/u.test(name)) return name;
  throw badInput(
    `Expected a name of 1 to ${longestName} characters, without line breaks, got ${name.length}.`,
    'input.name',
  );
}

function checkScopes(given: readonly string[], test: boolean): Scope[] {
  const unknown = given.filter((scope) => !isScope(scope));
  if (unknown.length > 0) {
    const named = unknown.map((scope) => JSON.stringify(scope.slice(0, 80))).join(', ');
    throw badInput(`There is no scope ${named}; there are ${scopes.join(', ')}.`, 'input.scopes');
  }
  if (given.length === 0)
    throw badInput('Expected at least one scope: a key without any could do nothing.', 'input.scopes');
  const wanted = scopes.filter((scope) => given.includes(scope));
  const tooMuch = test ? wanted.filter((scope) => !testScopes.includes(scope)) : [];
  if (tooMuch.length === 0) return wanted;
  throw badInput(
    `A key for tests may have ${testScopes.join(', ')}, which leave no trace; got ${tooMuch.join(', ')}.`,
    'input.scopes',
  );
}

function checkNetworks(given: readonly string[]): string[] {
  if (given.length > mostNetworks)
    throw badInput(`Expected at most ${mostNetworks} networks, got ${given.length}.`, 'input.allowedNetworks');
  const networks = given.map((text, index) => {
    const network = readNetwork(text);
    if (network !== undefined) return network;
    const got = JSON.stringify(text.slice(0, 80));
    throw badInput(
      `Expected an address or a network such as 203.0.113.0/24 or 2001:db8::/32, got ${got}.`,
      `input.allowedNetworks[${index}]`,
    );
  });
  return [...new Set(networks)];
}

function checkAmount(given: number | null, field: string, what = 'requests'): number | null {
  if (given === null || (Number.isInteger(given) && given >= 1 && given <= mostRequests)) return given;
  throw badInput(`Expected a whole number of ${what} from 1 to ${mostRequests}, got ${given}.`, field);
}

function checkExpiry(expiresAt: Date | null, now: Date): Date | null {
  if (expiresAt === null || expiresAt > now) return expiresAt;
  throw badInput(
    `Expected an expiry in the future, got ${expiresAt.toISOString()}; it is ${now.toISOString()}.`,
    'input.expiresAt',
  );
}
