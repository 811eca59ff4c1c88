import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import { Customer } from '../../identity/customer.type.ts';
import type { Context } from '../../kernel/context.ts';
import { Cursor, DateTime } from '../../kernel/scalars.ts';
import { CustomerKpis } from '../customers/customer-kpis.type.ts';
import { ChurnRiskType } from './churn-risk.type.ts';
import {
  CustomerLifecycleType,
  LifecycleStages,
  LifecycleTransitionConnection,
  LifecycleTransitionType,
} from './lifecycle.type.ts';
import { lifecycleOf, lifecycleStagesOf, transitionsOf } from './lifecycle-reader.service.ts';

/** What the life cycle adds to a customer. */
@Resolver(() => Customer)
export class CustomerLifecycleResolver {
  @FieldResolver(() => CustomerLifecycleType, {
    nullable: true,
    description:
      'Where they are in their life cycle. Null for who has not been looked at since the platform was updated: soon. Needs the ' +
      'scope `metrics:read` too.',
  })
  async lifecycle(@Root() { row }: Customer, @Ctx() ctx: Context): Promise<CustomerLifecycleType | null> {
    const view = await lifecycleOf(ctx, row);
    return view && new CustomerLifecycleType(view);
  }
}

@Resolver(() => CustomerLifecycleType)
export class LifecycleResolver {
  @FieldResolver(() => LifecycleTransitionConnection, {
    description: 'How they got there, the latest first. Empty for who is anonymous.',
  })
  transitions(
    @Root() { view }: CustomerLifecycleType,
    @Arg('first', () => Int, { nullable: true, description: 'How many, 1 to 200. Default 50.' }) first?: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Those behind this cursor.' }) after?: string | null,
  ): LifecycleTransitionConnection {
    return transitionsOf(view, { first, after }, (transition) => new LifecycleTransitionType(transition));
  }

  @Query(() => LifecycleStages, {
    description: 'How many customers are in each stage of the life cycle. Needs the scope `metrics:read`.',
  })
  async lifecycleStages(
    @Ctx() ctx: Context,
    @Arg('asOf', () => DateTime, {
      nullable: true,
      description: 'At this time of the past, by what is known of it now. Now, when left out.',
    })
    asOf?: Date | null,
  ): Promise<LifecycleStages> {
    const counted = await lifecycleStagesOf(ctx, asOf);
    return new LifecycleStages(counted.asOf, counted.stages);
  }
}

/** What the churn risk adds to key figures. */
@Resolver(() => CustomerKpis)
export class CustomerChurnRiskResolver {
  @FieldResolver(() => ChurnRiskType, {
    nullable: true,
    description:
      'The risk that they never buy again. Null for who has bought nothing that was kept, without a model, and of one-time ' +
      'buyers as long as nobody has ever bought twice.',
  })
  churnRisk(@Root() { loaded }: CustomerKpis): ChurnRiskType | null {
    return loaded.view.churn && new ChurnRiskType(loaded.view.churn);
  }
}
