import type { Viewer } from '../kernel/context.ts';
import { DomainError } from '../kernel/errors.ts';

/**
 * What a key can be allowed to do. A key can do exactly what its scopes say: none implies another (`segments:manage`
 * does not include `segments:read`), except `admin`, which implies all.
 *
 * GraphQL names can't hold a colon, so the API's enum `Scope` spells them in capitals with an underscore
 * ({@link scopeEnumName}); the command line, the database and messages use these spellings.
 */
export const scopeDescriptions = {
  ingest: 'Send touchpoints, traits and identifiers.',
  'customers:read':
    'Read customers, their records and touchpoints, and follow their changes. Personal values are masked.',
  'pii:read': 'See personal values (names, e-mail addresses, phone numbers, …) unmasked, and filter and order by them.',
  'segments:read': 'Read segments, their members and why someone is one.',
  'segments:manage': 'Create, change and archive segments.',
  'loyalty:read': 'Read loyalty programmes, memberships, balances and tiers.',
  'loyalty:operate': 'Enrol members, adjust points and redeem rewards: what a till or a service desk does.',
  'loyalty:manage': 'Create and change loyalty programmes and their rules.',
  'metrics:read': 'Query metrics and the metric catalogue, and read the KPIs of customers.',
  'metrics:manage': 'Change the settings of KPIs, fit models, score customers and save metric queries.',
  'identity:read': 'See why records are one customer, candidates for a match, households and accounts.',
  'identity:manage': 'Link, unlink, merge and unmerge; change the identity rules, households and accounts.',
  'consent:manage': 'Set consents and preferences of customers, and make links to the preference centre.',
  'privacy:manage':
    'Answer requests of data subjects: export, erase and restrict their data; set how long data is kept.',
  admin: 'Everything, API keys included.',
} as const;

export type Scope = keyof typeof scopeDescriptions;

export const scopes = Object.keys(scopeDescriptions) as readonly Scope[];

export function isScope(text: string): text is Scope {
  return Object.hasOwn(scopeDescriptions, text);
}

/** `customers:read` → `CUSTOMERS_READ`, its name in the GraphQL enum. */
export function scopeEnumName(scope: Scope): string {
  return scope.toUpperCase().replace(':', '_');
}

/** Whether the caller may do this. For answers that differ by scope, such as masking; to refuse, `requireScope`. */
export function hasScope(ctx: { readonly viewer: Viewer }, scope: Scope): boolean {
  return ctx.viewer.scopes.has(scope) || ctx.viewer.scopes.has('admin');
}

/** Throws `FORBIDDEN` unless the caller has the scope. The first line of every service. */
export function requireScope(ctx: { readonly viewer: Viewer }, scope: Scope): void {
  if (hasScope(ctx, scope)) return;
  const { name, scopes: held } = ctx.viewer;
  throw new DomainError(
    'FORBIDDEN',
    `This needs the scope ${scope}; the key ${JSON.stringify(name)} has ${[...held].sort().join(', ') || 'none'}.`,
    { requiredScope: scope },
  );
}
