import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Customer } from '../identity/customer.type.ts';
import type { Context } from '../kernel/context.ts';
import { CalendarDate } from '../kernel/scalars.ts';
import { activityOfCustomer } from './customer-activity.service.ts';
import { ActivityDay } from './customer-activity.type.ts';

@Resolver(() => Customer)
export class CustomerActivityResolver {
  readonly #timeZone: string;

  /** The organisation's time zone (IANA): days are its days unless asked otherwise. */
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  @FieldResolver(() => [ActivityDay], {
    description: 'Activity by calendar day, every day of the period, quiet ones included. At most 400 days.',
  })
  activity(
    @Root() customer: Customer,
    @Ctx() ctx: Context,
    @Arg('from', () => CalendarDate, { description: 'The first day.' }) from: Date,
    @Arg('to', () => CalendarDate, { description: 'The day after the last one.' }) to: Date,
    @Arg('timeZone', () => String, {
      nullable: true,
      description: "IANA time zone whose days are meant, such as `Europe/Zurich`. The organisation's when left out.",
    })
    timeZone: string | null,
  ): Promise<ActivityDay[]> {
    return activityOfCustomer(ctx, customer.uuid, {
      from: dayOf(from),
      to: dayOf(to),
      timeZone: timeZone ?? this.#timeZone,
    });
  }
}

/** The scalar gives the midnight at which the day begins in UTC. */
function dayOf(midnight: Date): string {
  return midnight.toISOString().slice(0, 10);
}
