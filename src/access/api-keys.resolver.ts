import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { CreateApiKeyInput, RevokeApiKeyInput } from './api-key.input.ts';
import { ApiKey, ApiKeyConnection, CreateApiKeyPayload, RevokeApiKeyPayload } from './api-key.type.ts';
import type { Authenticator } from './authenticator.service.ts';
import { createKey, findKey, listKeys, revokeKey } from './keys.service.ts';

/** For `node(id)` with a `key_…`. */
export async function findApiKeyNode(ctx: Context, id: string): Promise<ApiKey | null> {
  const row = await findKey(ctx, id);
  return row ? new ApiKey(row) : null;
}

@Resolver()
export class ApiKeysResolver {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator;
  }

  @Query(() => ApiKeyConnection, {
    description: 'All API keys ever made, newest first, revoked and expired ones included. Needs the scope `ADMIN`.',
  })
  async apiKeys(
    @Arg('first', () => Int, { nullable: true, description: 'How many: 1 to 200, 50 if left out.' }) first:
      | number
      | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Go on behind this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ): Promise<ApiKeyConnection> {
    return listKeys(ctx, { first, after }, (row) => new ApiKey(row));
  }

  @Mutation(() => CreateApiKeyPayload, {
    description: 'Makes an API key and shows its secret, this once. Needs the scope `ADMIN`.',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What the key is to be.' }) input: CreateApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<CreateApiKeyPayload> {
    const { row, text } = await createKey(ctx, input);
    return new CreateApiKeyPayload(row, text);
  }

  @Mutation(() => RevokeApiKeyPayload, {
    description:
      'Revokes an API key for good: within a second no server accepts it any more and its open connections end. ' +
      'Revoking it again changes nothing. `NOT_FOUND` if there is no such key. Needs the scope `ADMIN`.',
  })
  async revokeApiKey(
    @Arg('input', () => RevokeApiKeyInput, { description: 'Which key.' }) input: RevokeApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<RevokeApiKeyPayload> {
    const row = await revokeKey(ctx, fromPublicId('key', input.id, 'input.id'));
    await this.#authenticator.refresh();
    return new RevokeApiKeyPayload(row);
  }
}
