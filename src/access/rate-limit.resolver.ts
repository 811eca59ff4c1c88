import { Ctx, FieldResolver, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import type { Authenticator } from './authenticator.service.ts';
import { RateLimitType } from './rate-limit.type.ts';
import { ViewerType } from './viewer.type.ts';

@Resolver(() => ViewerType)
export class RateLimitResolver {
  readonly #authenticator: Pick<Authenticator, 'limitsOf'>;

  constructor(authenticator: Pick<Authenticator, 'limitsOf'>) {
    this.#authenticator = authenticator;
  }

  @FieldResolver(() => [RateLimitType], {
    description: 'What limits your key, and what is left of it. None: nothing does.',
  })
  limits(@Ctx() ctx: Context): RateLimitType[] {
    return this.#authenticator.limitsOf(ctx.viewer).map((limit) => new RateLimitType(limit));
  }
}
