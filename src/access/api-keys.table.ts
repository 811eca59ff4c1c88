import { sql } from 'drizzle-orm';
import { bigint, boolean, date, integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
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
  },
  (table) => [primaryKey({ columns: [table.keyId, table.day] })],
);

/** Requests of keys with a limit by the minute, in the latest minute in which there were any. */
export const apiKeyMinutes = pgTable('api_key_minutes', {
  keyId: uuid('key_id').primaryKey(),
  minute: instant('minute').notNull(),
  requests: bigint('requests', { mode: 'bigint' }).notNull(),
});
