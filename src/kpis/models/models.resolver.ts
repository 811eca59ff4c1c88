import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Context } from '../../kernel/context.ts';
import { CalendarDate, Cursor } from '../../kernel/scalars.ts';
import type { CalibrationService } from './calibration.service.ts';
import { ClvCalibration } from './calibration.type.ts';
import type { ModelKind } from './fit-models.ts';
import { KpiModelKindEnum } from './model.enum.ts';
import { FitKpiModelsInput } from './model.input.ts';
import { FitKpiModelsPayload, KpiModel, KpiModelConnection } from './model.type.ts';
import type { ModelFitter } from './model-fitter.service.ts';
import { findModel, listAllModels, modelInUse } from './model-reader.service.ts';

/** For `node(id)` with a `mdl_…`. */
export async function findKpiModelNode(ctx: Context, uuid: string): Promise<KpiModel | null> {
  const row = await findModel(ctx, uuid);
  return row && new KpiModel(row);
}

@Resolver()
export class KpiModelsResolver {
  readonly #fitter: ModelFitter;
  readonly #calibration: CalibrationService;

  constructor(fitter: ModelFitter, calibration: CalibrationService) {
    this.#fitter = fitter;
    this.#calibration = calibration;
  }

  @Query(() => KpiModel, {
    nullable: true,
    description:
      'The model that predictions are made with now; null until one has converged. Needs the scope `metrics:read`.',
  })
  async kpiModelInUse(@Ctx() ctx: Context): Promise<KpiModel | null> {
    const row = await modelInUse(ctx);
    return row && new KpiModel(row);
  }

  @Query(() => KpiModelConnection, {
    description:
      'All fits of models, the latest first, those that did not converge among them. Needs the scope `metrics:read`.',
  })
  kpiModels(
    @Ctx() ctx: Context,
    @Arg('kind', () => KpiModelKindEnum, { nullable: true, description: 'Only these; all when left out.' })
    kind: ModelKind | null,
    @Arg('first', () => Int, { nullable: true, description: '1 to 200; 50 when left out.' }) first: number | null,
    @Arg('after', () => Cursor, { nullable: true, description: 'Only what comes behind this cursor.' })
    after: string | null,
    @Arg('last', () => Int, { nullable: true, description: 'Page backwards instead: 1 to 200.' }) last: number | null,
    @Arg('before', () => Cursor, { nullable: true, description: 'Only what comes in front of this cursor.' })
    before: string | null,
  ): Promise<KpiModelConnection> {
    return listAllModels(ctx, { kind, first, after, last, before }, (row) => new KpiModel(row));
  }

  @Query(() => ClvCalibration, {
    description:
      'How well a model would have predicted: fitted on purchases up to `cutOff`, then held against those up to `until`. ' +
      'Reads all purchases, which takes seconds to minutes. Needs the scope `metrics:read`. Codes: `BAD_USER_INPUT`.',
  })
  async clvCalibration(
    @Ctx() ctx: Context,
    @Arg('cutOff', () => CalendarDate, { description: 'The last day that the model may know.' }) cutOff: string | Date,
    @Arg('until', () => CalendarDate, {
      nullable: true,
      description: 'The last day that it is held against; today when left out.',
    })
    until: string | Date | null,
    @Arg('bins', () => Int, {
      nullable: true,
      description:
        'By how many numbers of repeats to tell customers apart, 2 to 50; the last takes the rest. 8 when left out.',
    })
    bins: number | null,
    @Arg('kind', () => KpiModelKindEnum, { nullable: true, description: 'Which model; BG_NBD when left out.' })
    kind: ModelKind | null,
  ): Promise<ClvCalibration> {
    const asked = { cutOff: dayOf(cutOff)!, until: dayOf(until), bins, kind };
    return new ClvCalibration(await this.#calibration.calibrate(ctx, asked));
  }

  @Mutation(() => FitKpiModelsPayload, {
    description:
      'Fits models now, instead of waiting for the night: a million customers take some seconds. A BG_NBD that converges is ' +
      'used for all predictions from then on. Needs the scope `metrics:manage`. Codes: `BAD_USER_INPUT`.',
  })
  async fitKpiModels(
    @Ctx() ctx: Context,
    @Arg('input', () => FitKpiModelsInput, { description: 'Which, and on which purchases.' }) input: FitKpiModelsInput,
  ): Promise<FitKpiModelsPayload> {
    const { kinds, cutOff, activate, reason } = input;
    const fits = { cutOff: dayOf(cutOff), activate, reason };
    const rows = await this.#fitter.fitAll(ctx, kinds ?? ['BG_NBD'], fits);
    return new FitKpiModelsPayload(rows.map((row) => new KpiModel(row)));
  }
}

/** The scalar reads days as midnight in UTC. */
function dayOf(date: string | Date | null | undefined): string | null {
  if (date == null) return null;
  return typeof date === 'string' ? date : date.toISOString().slice(0, 10);
}
