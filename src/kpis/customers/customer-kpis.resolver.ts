import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { Customer } from '../../identity/customer.type.ts';
import type { Context } from '../../kernel/context.ts';
import type { CustomerKpiReader } from './customer-kpis.service.ts';
import { CustomerKpis } from './customer-kpis.type.ts';

/** What KPIs add to a customer. */
@Resolver(() => Customer)
export class CustomerKpisResolver {
  readonly #reader: CustomerKpiReader;

  constructor(reader: CustomerKpiReader) {
    this.#reader = reader;
  }

  @FieldResolver(() => CustomerKpis, {
    nullable: true,
    description:
      'Their key figures, up to date with every touchpoint that has been acknowledged. Null for a customer who was merged ' +
      'into another at this moment. Needs the scope `metrics:read` too.',
  })
  async kpis(@Root() customer: Customer, @Ctx() ctx: Context): Promise<CustomerKpis | null> {
    const loaded = await this.#reader.kpisOf(ctx, customer.uuid);
    return loaded && new CustomerKpis(loaded);
  }
}
