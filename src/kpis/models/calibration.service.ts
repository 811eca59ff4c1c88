import { requireScope } from '../../access/scopes.ts';
import type { Context } from '../../kernel/context.ts';
import { badInput } from '../../kernel/errors.ts';
import type { Calibration } from '../clv/holdout.ts';
import { readCutOff, textOfDay } from './cut-off.ts';
import type { ModelKind } from './fit-models.ts';
import { detailOf, type ModelDetail } from './model-detail.ts';
import type { ModelFitterParts } from './model-fitter.service.ts';
import type { HeldOutTable } from './model-work.ts';
import { readHeldOut } from './purchase-statistics.queries.ts';

export interface AskCalibration {
  /** The last day of what the model is fitted on. */
  readonly cutOff: string;
  /** The last day of what it is held against; today when left out. */
  readonly until?: string | null;
  /** How many bins of repeats at most; the last takes all who have more. 8 when left out. */
  readonly bins?: number | null;
  readonly kind?: ModelKind | null;
}

export interface CalibrationReport {
  readonly kind: ModelKind;
  readonly cutOff: string;
  readonly until: string;
  /** Length of the second part. */
  readonly days: number;
  readonly fit: ModelDetail;
  /** Null: the model did not converge on the first part. */
  readonly calibration: Calibration | null;
}

const mostBins = 50;
const usualBins = 8;

/** Holds models against what customers did: fitted on a first part of the time, as if the second were not known yet. */
export class CalibrationService {
  readonly #parts: ModelFitterParts;

  constructor(parts: ModelFitterParts) {
    this.#parts = parts;
  }

  async calibrate(ctx: Context, { cutOff, until, bins, kind }: AskCalibration): Promise<CalibrationReport> {
    requireScope(ctx, 'metrics:read');
    const { threads, timeZone } = this.#parts;
    const now = ctx.clock.now();
    const first = readCutOff(cutOff, { now, timeZone, field: 'cutOff' });
    const second = readCutOff(until, { now, timeZone, field: 'until' });
    const days = second.day - first.day;
    if (days < 1) throw badInput('Expected a day after `cutOff`.', 'until');
    const lastBin = checkBins(bins) - 1;
    const heldOut = await readHeldOut(ctx.pool, { day: first.day, until: second.day, timeZone });
    const ask = { kind: kind ?? 'BG_NBD', heldOut, days, lastBin } as const;
    const { fitted, calibration } = await threads.ask('calibrate', ask, buffersOf(heldOut));
    return {
      ...{ kind: ask.kind, cutOff: textOfDay(first.day), until: textOfDay(second.day), days, calibration },
      fit: detailOf(fitted, textOfDay(first.day)),
    };
  }
}

function checkBins(bins: number | null | undefined): number {
  const asked = bins ?? usualBins;
  if (Number.isSafeInteger(asked) && asked >= 2 && asked <= mostBins) return asked;
  throw badInput(`Expected 2 to ${mostBins} bins, got ${asked}.`, 'bins');
}

function buffersOf(heldOut: HeldOutTable): ArrayBuffer[] {
  return Object.values<Int32Array>({ ...heldOut }).map(({ buffer }) => buffer as ArrayBuffer);
}
