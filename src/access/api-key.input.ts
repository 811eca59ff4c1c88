import { Field, ID, InputType, Int } from 'type-graphql';
import { DateTime } from '../kernel/scalars.ts';
import { KeyBoundaryInput } from './boundary.input.ts';
import type { KeyRequest } from './key-request.ts';
import { Scope } from './scope.type.ts';
import type { Scope as ScopeText } from './scopes.ts';

@InputType({ description: 'The API key to make.' })
export class CreateApiKeyInput implements Omit<KeyRequest, 'boundary'> {
  @Field(() => String, { description: 'What it is for, such as "till, Basel": 1 to 100 characters.' })
  readonly name!: string;

  @Field(() => [Scope], { description: 'What it is to allow: at least one. Fewer is safer.' })
  readonly scopes!: ScopeText[];

  @Field(() => DateTime, { nullable: true, description: 'When it is to stop working, in the future; left out: never.' })
  readonly expiresAt?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'From where it is let in: at most 100 networks such as `203.0.113.0/24`, `2001:db8::/32` or a single address; none or ' +
      'left out: from anywhere.',
  })
  readonly allowedNetworks?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Requests that it may make in a minute; left out: any number.' })
  readonly requestsPerMinute?: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests that it may make on a day (UTC); left out: any number.' })
  readonly requestsPerDay?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'A key for tests, `rundum_test_…`: what it ingests is checked and answered with `VALID`, and not stored. It may have ' +
      '`INGEST` and scopes that only read.',
  })
  readonly test?: boolean | null;

  @Field(() => KeyBoundaryInput, {
    nullable: true,
    description: 'What it is to be kept to; left out: to nothing but its scopes.',
  })
  readonly boundary?: KeyBoundaryInput | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'A key for web pages: it can `INGEST`, its only scope, and read nothing, not even ids of what it sent.',
  })
  readonly writeOnly?: boolean | null;

  @Field(() => [String], {
    nullable: true,
    description: 'The origins of web pages that may use it (CORS), such as `https://shop.example`: at most 100.',
  })
  readonly allowedOrigins?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'What its operations may cost in a minute, in points; left out: what the server gives every key.',
  })
  readonly costPerMinute?: number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'It runs only trusted documents: the operations of your own frontends, which the server was given.',
  })
  readonly trustedDocumentsOnly?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Websockets and event streams that it may have open on one server; left out: what the server allows every key.',
  })
  readonly maxConnections?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Subscriptions that it may have open on one server; left out: what the server allows every key.',
  })
  readonly maxSubscriptions?: number | null;
}

@InputType({ description: 'What is to change of an API key. What is left out stays; null takes a limit away.' })
export class UpdateApiKeyInput {
  @Field(() => ID, { description: 'Its id, `key_…`. It must work, and not be the owner key.' })
  readonly id!: string;

  @Field(() => String, { nullable: true, description: 'Another name: 1 to 100 characters. Null counts as left out.' })
  readonly name?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When it is to stop working; null: never.' })
  readonly expiresAt?: Date | null;

  @Field(() => [String], {
    nullable: true,
    description: 'From which networks alone it is let in; null: from anywhere.',
  })
  readonly allowedNetworks?: string[] | null;

  @Field(() => Int, { nullable: true, description: 'Requests that it may make in a minute; null: any number.' })
  readonly requestsPerMinute?: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests that it may make on a day (UTC); null: any number.' })
  readonly requestsPerDay?: number | null;

  @Field(() => KeyBoundaryInput, {
    nullable: true,
    description:
      'What it is to be kept to instead. What is limited stays limited: a list can be replaced, and not be left out. What is open ' +
      'under the key ends, and comes back within the new boundary.',
  })
  readonly boundary?: KeyBoundaryInput | null;

  @Field(() => [String], { nullable: true, description: 'The origins of web pages that may use it; null: none.' })
  readonly allowedOrigins?: string[] | null;

  @Field(() => Int, {
    nullable: true,
    description: 'What its operations may cost in a minute, in points; null: what the server gives every key.',
  })
  readonly costPerMinute?: number | null;

  @Field(() => Boolean, { nullable: true, description: 'It runs only trusted documents; null: any.' })
  readonly trustedDocumentsOnly?: boolean | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Websockets and event streams that it may have open on one server; null: what the server allows every key. Those that ' +
      'are too many then end within a second, the newest first.',
  })
  readonly maxConnections?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Subscriptions that it may have open on one server; null: what the server allows every key.',
  })
  readonly maxSubscriptions?: number | null;
}

@InputType({ description: 'The API key to give another secret.' })
export class RotateApiKeyInput {
  @Field(() => ID, { description: 'Its id, `key_…`. It must work, and not be the owner key.' })
  readonly id!: string;

  @Field(() => Int, {
    nullable: true,
    description:
      'For how many seconds the secret until now goes on working: 0 to 2,592,000 (30 days); a day when left out. 0 ends it, ' +
      'and what is open under it, at once.',
  })
  readonly overlapSeconds?: number | null;
}

@InputType({ description: 'The API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Its id, `key_…`.' })
  readonly id!: string;
}
