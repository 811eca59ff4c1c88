import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { getOwnKey } from './keys.service.ts';
import { ViewerType } from './viewer.type.ts';

@Resolver()
export class ViewerResolver {
  @Query(() => ViewerType, { description: 'Who am I? Needs a valid key, but no scope.' })
  async viewer(@Ctx() ctx: Context): Promise<ViewerType> {
    return new ViewerType(await getOwnKey(ctx));
  }
}
