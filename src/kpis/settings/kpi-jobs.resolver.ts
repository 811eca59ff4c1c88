import { Ctx, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { KpiJob } from './kpi-job.type.ts';
import { listJobs } from './kpi-jobs.service.ts';

@Resolver()
export class KpiJobsResolver {
  @Query(() => [KpiJob], {
    description: 'What runs by night, the next to run first. Needs the scope `metrics:read`.',
  })
  async kpiJobs(@Ctx() ctx: Context): Promise<KpiJob[]> {
    return (await listJobs(ctx)).map((row) => new KpiJob(row));
  }
}
