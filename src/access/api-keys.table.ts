import { sql } from 'drizzle-orm';
import { bigint, boolean, date, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type { Boundary } from '../kernel/boundary.ts';
import { bytes, instant } from '../kernel/column-types.ts';

/** API keys. The secret is never stored: only its SHA-256. */
export const apiKeys = pgTable('api_keys', {
  id: uuid('id').primaryKey(),
  name: text('name').notNull(),
  secretHash: bytes('secret_hash').notNull(),
  scopes: text('scopes').array().notNull(),
  /** Made by the first start, with every scope. */
  owner: boolean('owner').notNull().default(false),
  createdAt: instant('created_at').notNull(),
  expiresAt: instant('expires_at'),
  revokedAt: instant('revoked_at'),
  lastUsedAt: instant('last_used_at'),
  /** What it sends is checked and not stored. */
  test: boolean('test').notNull().default(false),
  /** The secret before the last rotation works until then. */
  previousSecretHash: bytes('previous_secret_hash'),
  previousSecretUntil: instant('previous_secret_until'),
  /** CIDR, such as `203.0.113.0/24`; none: from anywhere. */
  allowedNetworks: text('allowed_networks').array().notNull().default(sql`'{}'`),
  requestsPerMinute: integer('requests_per_minute'),
  requestsPerDay: integer('requests_per_day'),
  /** What the key is kept to; null: to nothing but its scopes. */
  boundary: jsonb('boundary').$type<Boundary>(),
  /** It may send and read nothing. */
  writeOnly: boolean('write_only').notNull().default(false),
  /** Of web pages that may use the key, such as `https://shop.example`; none: of no other server's pages. */
  allowedOrigins: text('allowed_origins').array().notNull().default(sql`'{}'`),
  /** What its operations may cost in a minute; null: what the server gives every key. */
  costPerMinute: integer('cost_per_minute'),
  /** It runs only the operations of the first-party frontends. */
  trustedDocumentsOnly: boolean('trusted_documents_only').notNull().default(false),
  /** Websockets and event streams that it may have open on one node; null: what the server allows every key. */
  maxConnections: integer('max_connections'),
  maxSubscriptions: integer('max_subscriptions'),
});

export type ApiKeyRow = typeof apiKeys.$inferSelect;

/** What was done with each key, by days in UTC: counted by the nodes, added up here. */
export const apiKeyDays = pgTable(
  'api_key_days',
  {
    keyId: uuid('key_id').notNull(),
    day: date('day').notNull(),
    requests: bigint('requests', { mode: 'bigint' }).notNull(),
    touchpoints: bigint('touchpoints', { mode: 'bigint' }).notNull(),
    errors: bigint('errors', { mode: 'bigint' }).notNull(),
    cost: bigint('cost', { mode: 'bigint' }).notNull().default(sql`0`),
  },
  (table) => [primaryKey({ columns: [table.keyId, table.day] })],
);

/** What keys with a limit by the minute have used, in the latest minute in which there was anything. */
export const apiKeyMinutes = pgTable('api_key_minutes', {
  keyId: uuid('key_id').primaryKey(),
  minute: instant('minute').notNull(),
  requests: bigint('requests', { mode: 'bigint' }).notNull(),
  cost: bigint('cost', { mode: 'bigint' }).notNull().default(sql`0`),
});
