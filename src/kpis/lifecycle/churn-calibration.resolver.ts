import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { DateTime } from '../../kernel/scalars.ts';
import type { ChurnCalibrationService } from './churn-calibration.service.ts';
import { ChurnCalibrationType } from './churn-calibration.type.ts';

@Resolver(() => ChurnCalibrationType)
export class ChurnCalibrationResolver {
  readonly #service: ChurnCalibrationService;

  constructor(service: ChurnCalibrationService) {
    this.#service = service;
  }

  @Query(() => ChurnCalibrationType, {
    description:
      'How well churn risks come true: Brier score and a table by tenths. Reads the whole history of a sample of customers: for a ' +
      'report now and then. Needs the scope `metrics:read`. Code: `BAD_USER_INPUT`.',
  })
  async churnCalibration(
    @Ctx() ctx: Context,
    @Arg('cutOff', () => DateTime, { description: 'When the risks are told, from what was known by then.' })
    cutOff: Date,
    @Arg('until', () => DateTime, {
      nullable: true,
      description: 'Until when it is looked whether they bought again. Now, when left out.',
    })
    until?: Date | null,
    @Arg('sample', () => Int, {
      nullable: true,
      description: 'At most so many customers, always the same ones: 100 to 100,000. Default 20,000.',
    })
    sample?: number | null,
  ): Promise<ChurnCalibrationType> {
    return new ChurnCalibrationType(await this.#service.calibrate(ctx, { cutOff, until, sample }));
  }
}
