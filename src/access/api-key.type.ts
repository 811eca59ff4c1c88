import { Field, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import { Node } from '../kernel/node.type.ts';
import { connectionType } from '../kernel/paging.type.ts';
import { DateTime } from '../kernel/scalars.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { KeyBoundary, toKeyBoundary } from './boundary.type.ts';
import { Scope } from './scope.type.ts';
import { isScope, type Scope as ScopeText } from './scopes.ts';

@ObjectType({
  implements: Node,
  simpleResolvers: true,
  description: 'An API key, without its secret, which nobody can read again. Visible with the scope `ADMIN`.',
})
export class ApiKey implements Node {
  readonly id: string;
  readonly uuid: string;

  @Field(() => String, { description: 'What it is for, in the words of who made it.' })
  readonly name: string;

  @Field(() => [Scope], { description: 'What it allows.' })
  readonly scopes: ScopeText[];

  @Field(() => Boolean, {
    description: 'The key that the server gave itself at its first start, or was given by its operator.',
  })
  readonly owner: boolean;

  @Field(() => DateTime, { description: 'When it was made.' })
  readonly createdAt: Date;

  @Field(() => DateTime, { nullable: true, description: 'From this moment on it is refused; null: never.' })
  readonly expiresAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it was revoked, for good; null: it was not.' })
  readonly revokedAt: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Its last use, to the minute; null: never used.' })
  readonly lastUsedAt: Date | null;

  @Field(() => Boolean, { description: 'It is for tests: what it sends is checked and answered, and not stored.' })
  readonly test: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description: 'Until then the secret before the last rotation works, too, or did; null: it was never rotated.',
  })
  readonly previousSecretUntil: Date | null;

  @Field(() => [String], { description: 'The networks (CIDR) from which it is let in; none: from anywhere.' })
  readonly allowedNetworks: string[];

  @Field(() => Int, { nullable: true, description: 'Requests that it may make in a minute; null: any number.' })
  readonly requestsPerMinute: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests that it may make on a day (UTC); null: any number.' })
  readonly requestsPerDay: number | null;

  @Field(() => KeyBoundary, {
    nullable: true,
    description: 'What it is kept to; null: to nothing but its scopes.',
  })
  readonly boundary: KeyBoundary | null;

  @Field(() => Boolean, {
    description: 'It sends and reads nothing, not even the ids of what it sent: for web pages.',
  })
  readonly writeOnly: boolean;

  @Field(() => [String], {
    description:
      'The origins of web pages that may use it, such as `https://shop.example`; none: only pages of this server.',
  })
  readonly allowedOrigins: string[];

  @Field(() => Int, {
    nullable: true,
    description: 'What its operations may cost in a minute, in points; null: what the server gives every key.',
  })
  readonly costPerMinute: number | null;

  @Field(() => Boolean, { description: 'It runs only trusted documents, the operations of your own frontends.' })
  readonly trustedDocumentsOnly: boolean;

  @Field(() => Int, {
    nullable: true,
    description:
      'Websockets and event streams that it may have open on one server; null: what the server allows every key.',
  })
  readonly maxConnections: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Subscriptions that it may have open on one server; null: what the server allows every key.',
  })
  readonly maxSubscriptions: number | null;

  constructor(row: ApiKeyRow) {
    this.id = toPublicId('key', row.id);
    this.uuid = row.id;
    this.name = row.name;
    // A newer release may have stored scopes that this one has no name for.
    this.scopes = row.scopes.filter(isScope);
    this.owner = row.owner;
    this.createdAt = row.createdAt;
    this.expiresAt = row.expiresAt;
    this.revokedAt = row.revokedAt;
    this.lastUsedAt = row.lastUsedAt;
    this.test = row.test;
    this.previousSecretUntil = row.previousSecretUntil;
    this.allowedNetworks = row.allowedNetworks;
    this.requestsPerMinute = row.requestsPerMinute;
    this.requestsPerDay = row.requestsPerDay;
    this.boundary = toKeyBoundary(row.boundary);
    this.writeOnly = row.writeOnly;
    this.allowedOrigins = row.allowedOrigins;
    this.costPerMinute = row.costPerMinute;
    this.trustedDocumentsOnly = row.trustedDocumentsOnly;
    this.maxConnections = row.maxConnections;
    this.maxSubscriptions = row.maxSubscriptions;
  }
}

@ObjectType({ description: 'A page of API keys.' })
export class ApiKeyConnection extends connectionType(ApiKey, 'ApiKey') {}

@ObjectType({ simpleResolvers: true, description: 'A new API key.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key as it will be listed.' })
  readonly apiKey: ApiKey;

  @Field(() => String, {
    description:
      'The whole key, to be sent as `authorization: Bearer rundum_live_…`. Shown this once and stored nowhere: keep it safe now.',
  })
  readonly secret: string;

  constructor(row: ApiKeyRow, secret: string) {
    this.apiKey = new ApiKey(row);
    this.secret = secret;
  }
}

@ObjectType({ simpleResolvers: true, description: 'An API key with another secret.' })
export class RotateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key, with the time until which its former secret works.' })
  readonly apiKey: ApiKey;

  @Field(() => String, { description: 'The whole key with its new secret. Shown this once and stored nowhere.' })
  readonly secret: string;

  constructor(row: ApiKeyRow, secret: string) {
    this.apiKey = new ApiKey(row);
    this.secret = secret;
  }
}

@ObjectType({ simpleResolvers: true, description: 'A changed API key.' })
export class UpdateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key as it is now.' })
  readonly apiKey: ApiKey;

  constructor(row: ApiKeyRow) {
    this.apiKey = new ApiKey(row);
  }
}

@ObjectType({ simpleResolvers: true, description: 'A revoked API key.' })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key, with the time at which it was revoked.' })
  readonly apiKey: ApiKey;

  constructor(row: ApiKeyRow) {
    this.apiKey = new ApiKey(row);
  }
}
