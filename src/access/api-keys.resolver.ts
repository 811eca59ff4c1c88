import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, Info, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { fromPublicId } from '../kernel/ids.ts';
import { Cursor } from '../kernel/scalars.ts';
import { CreateApiKeyInput, RevokeApiKeyInput, RotateApiKeyInput, UpdateApiKeyInput } from './api-key.input.ts';
import {
  ApiKey,
  ApiKeyConnection,
  CreateApiKeyPayload,
  RevokeApiKeyPayload,
  RotateApiKeyPayload,
  UpdateApiKeyPayload,
} from './api-key.type.ts';
import type { Authenticator } from './authenticator.service.ts';
import { readBoundary } from './boundary.input.ts';
import { createKey, findKey, listKeys, revokeKey, rotateKey, updateKey } from './keys.service.ts';

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
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<CreateApiKeyPayload> {
    const boundary = readBoundary(input.boundary, schema);
    const { row, text } = await createKey(ctx, { ...input, boundary });
    return new CreateApiKeyPayload(row, text);
  }

  @Mutation(() => UpdateApiKeyPayload, {
    description:
      'Changes the name, the expiry, the networks, the limits or the boundary of an API key, never its scopes; within a second every server ' +
      'goes by it. `NOT_FOUND` if there is no such key. Needs the scope `ADMIN`.',
  })
  async updateApiKey(
    @Arg('input', () => UpdateApiKeyInput, { description: 'Which key, and what of it.' }) input: UpdateApiKeyInput,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<UpdateApiKeyPayload> {
    const { id, name, ...settings } = input;
    const boundary = readBoundary(settings.boundary, schema);
    const row = await updateKey(ctx, {
      ...settings,
      boundary,
      name: name ?? undefined,
      id: fromPublicId('key', id, 'input.id'),
    });
    await this.#authenticator.refresh();
    return new UpdateApiKeyPayload(row);
  }

  @Mutation(() => RotateApiKeyPayload, {
    description:
      'Gives an API key another secret and shows it, this once. Both work until the overlap is over; then the former ends by ' +
      'itself on every server, with the connections under it. Rotating again ends the former at once. Needs the scope `ADMIN`.',
  })
  async rotateApiKey(
    @Arg('input', () => RotateApiKeyInput, { description: 'Which key, and for how long both work.' })
    input: RotateApiKeyInput,
    @Ctx() ctx: Context,
  ): Promise<RotateApiKeyPayload> {
    const id = fromPublicId('key', input.id, 'input.id');
    const { row, text } = await rotateKey(ctx, { id, overlapSeconds: input.overlapSeconds });
    await this.#authenticator.refresh();
    return new RotateApiKeyPayload(row, text);
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
