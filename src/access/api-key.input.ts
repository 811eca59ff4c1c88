import { Field, ID, InputType } from 'type-graphql';
import { DateTime } from '../kernel/scalars.ts';
import type { KeyRequest } from './key-request.ts';
import { Scope } from './scope.type.ts';
import type { Scope as ScopeText } from './scopes.ts';

@InputType({ description: 'The API key to make.' })
export class CreateApiKeyInput implements KeyRequest {
  @Field(() => String, { description: 'What it is for, such as "till, Basel": 1 to 100 characters.' })
  readonly name!: string;

  @Field(() => [Scope], { description: 'What it is to allow: at least one. Fewer is safer.' })
  readonly scopes!: ScopeText[];

  @Field(() => DateTime, { nullable: true, description: 'When it is to stop working, in the future; left out: never.' })
  readonly expiresAt?: Date | null;
}

@InputType({ description: 'The API key to revoke.' })
export class RevokeApiKeyInput {
  @Field(() => ID, { description: 'Its id, `key_…`.' })
  readonly id!: string;
}
