import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../kernel/context.ts';
import { isoDay } from '../kernel/iso-day.ts';
import { CalendarDate } from '../kernel/scalars.ts';
import { ApiKey } from './api-key.type.ts';
import { usageOfKey } from './key-usage.service.ts';
import { ApiKeyUsage } from './key-usage.type.ts';

@Resolver(() => ApiKey)
export class ApiKeyUsageResolver {
  @FieldResolver(() => [ApiKeyUsage], {
    description:
      'What was done with it by days in UTC, quiet ones included, at most 400. Complete but for the last ten seconds.',
  })
  async usage(
    @Root() key: ApiKey,
    @Ctx() ctx: Context,
    @Arg('from', () => CalendarDate, { description: 'The first day.' }) from: Date,
    @Arg('to', () => CalendarDate, { description: 'The day after the last one.' }) to: Date,
  ): Promise<ApiKeyUsage[]> {
    const days = await usageOfKey(ctx, { keyId: key.uuid, from: isoDay(from), to: isoDay(to) });
    return days.map((day) => new ApiKeyUsage(day));
  }
}
