import { Field, ID, Int, ObjectType } from 'type-graphql';
import { toPublicId } from '../kernel/ids.ts';
import { DateTime } from '../kernel/scalars.ts';
import type { ApiKeyRow } from './api-keys.table.ts';
import { KeyBoundary, toKeyBoundary } from './boundary.type.ts';
import { Scope } from './scope.type.ts';
import { isScope, type Scope as ScopeText } from './scopes.ts';

@ObjectType('Viewer', { simpleResolvers: true, description: 'Who you are to this API: the key that you sent.' })
export class ViewerType {
  @Field(() => ID, { description: 'Id of your API key, `key_…`. Not secret.' })
  readonly keyId: string;

  @Field(() => String, { description: 'The name your key was given, such as "till, Basel".' })
  readonly name: string;

  @Field(() => [Scope], {
    description: 'What you may do. Use it to hide what would be refused with `FORBIDDEN`; `ADMIN` includes all others.',
  })
  readonly scopes: ScopeText[];

  @Field(() => DateTime, {
    nullable: true,
    description:
      'From this moment on your key is refused with `UNAUTHENTICATED` and open connections end; null: never.',
  })
  readonly expiresAt: Date | null;

  @Field(() => Boolean, { description: 'Your key is for tests: what you ingest is checked and not stored.' })
  readonly test: boolean;

  @Field(() => Int, { nullable: true, description: 'Requests that you may make in a minute; null: any number.' })
  readonly requestsPerMinute: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests that you may make on a day (UTC); null: any number.' })
  readonly requestsPerDay: number | null;

  @Field(() => KeyBoundary, {
    nullable: true,
    description: 'What you are kept to: what lies outside does not exist for you. Null: to nothing but your scopes.',
  })
  readonly boundary: KeyBoundary | null;

  @Field(() => Boolean, {
    description: 'Your key sends and reads nothing.',
  })
  readonly writeOnly: boolean;

  @Field(() => [String], {
    description: 'The origins of web pages that may use your key; none: only pages of this server.',
  })
  readonly allowedOrigins: string[];

  @Field(() => Boolean, { description: 'You may run only trusted documents: operations that the server was given.' })
  readonly trustedDocumentsOnly: boolean;

  constructor(key: ApiKeyRow) {
    this.keyId = toPublicId('key', key.id);
    this.name = key.name;
    this.scopes = key.scopes.filter(isScope);
    this.expiresAt = key.expiresAt;
    this.test = key.test;
    this.requestsPerMinute = key.requestsPerMinute;
    this.requestsPerDay = key.requestsPerDay;
    this.trustedDocumentsOnly = key.trustedDocumentsOnly;
    this.boundary = toKeyBoundary(key.boundary);
    this.writeOnly = key.writeOnly;
    this.allowedOrigins = key.allowedOrigins;
  }
}
