import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Tx } from '../../../kernel/database.ts';
import { badInput } from '../../../kernel/errors.ts';
import { tooMuch } from '../analysis-errors.ts';
import type { AnalysisSurroundings } from '../analysis-surroundings.ts';
import { type PeriodInput, periodOf } from '../period.ts';
import { checkSegments, readAnalysis } from '../reading.service.ts';
import { isTooSmall } from '../small-groups.ts';
import {
  type AttributionKey,
  type ConversionRow,
  countLostMoves,
  type PathQuestion,
  streamConversions,
} from './attribution.queries.ts';
import { Attribution, type AttributionModel, attributionModels, type Credit, type Earned } from './attribution.ts';
import { nothing, start } from './markov.ts';

export interface AttributionInput extends PeriodInput {
  /** Left out: all of them, side by side. */
  readonly models?: readonly AttributionModel[] | null;
  readonly by?: AttributionKey | null;
  /** 1 to 365. Default 30. */
  readonly lookbackDays?: number | null;
  /** Of TIME_DECAY. Above 0; default 7. */
  readonly halfLifeDays?: number | null;
  readonly touchTypes?: readonly string[] | null;
  readonly currency?: string | null;
  /** UUIDs. */
  readonly segmentIds?: readonly string[] | null;
}

/** One channel, with the credit that each model gives it. */
export interface AttributedKey {
  readonly name: string;
  /** With a touchpoint of it before an order. Null: too few to be told. */
  readonly customers: number | null;
  /** By model, in the order of the answer. Null: it would tell of too few. */
  readonly credits: readonly (Credit & { readonly model: AttributionModel })[] | null;
}

export interface AttributionAnswer {
  readonly from: Date;
  readonly to: Date;
  readonly asOf: Date;
  readonly by: AttributionKey;
  readonly lookbackDays: number;
  readonly halfLifeDays: number;
  readonly models: readonly AttributionModel[];
  /** What models share. */
  readonly attributed: Earned;
  readonly direct: Earned;
  readonly unidentified: Earned;
  /** Walks that came to nothing: known where MARKOV was asked for. */
  readonly lostPaths: number | null;
  readonly keys: readonly AttributedKey[];
  readonly suppressed: boolean;
}

const mostDays = 365;
/** The matrix of MARKOV is inverted: its cost grows with the third power. */
export const mostMarkovKeys = 400;
export const mostKeys = 2_000;

export class AttributionReports {
  readonly #surroundings: AnalysisSurroundings;

  constructor(surroundings: AnalysisSurroundings) {
    this.#surroundings = surroundings;
  }

  async attribution(ctx: Context, input: AttributionInput): Promise<AttributionAnswer> {
    requireScope(ctx, 'metrics:read');
    const { scope, timeZone } = this.#surroundings;
    const segmentIds = await checkSegments(ctx, scope, input.segmentIds);
    const { from, to } = periodOf(input, timeZone);
    const settings = settingsOf(input);
    const question = { from, to, scope, segmentIds, ...settings, currency: input.currency ?? null };
    const read = await readAnalysis(ctx, (tx) => readPaths(tx, question, settings));
    return { from, to, asOf: ctx.clock.now(), ...settings, ...answerOf(read, settings, hasScope(ctx, 'pii:read')) };
  }
}

interface Settings extends Pick<PathQuestion, 'by' | 'lookbackDays' | 'touchTypes'> {
  readonly models: readonly AttributionModel[];
  readonly halfLifeDays: number;
}

function settingsOf({ models, by, lookbackDays, halfLifeDays, touchTypes }: AttributionInput): Settings {
  const days = lookbackDays ?? 30;
  if (!(Number.isInteger(days) && days >= 1 && days <= mostDays))
    throw badInput(`Expected 1 to ${mostDays} days, got ${days}.`, 'lookbackDays');
  const halfLife = halfLifeDays ?? 7;
  if (!(halfLife > 0 && Number.isFinite(halfLife))) throw badInput('Expected more than 0 days.', 'halfLifeDays');
  if (touchTypes?.length === 0)
    throw badInput('Expected at least one type, or none at all for the usual ones.', 'touchTypes');
  return {
    by: by ?? 'CHANNEL',
    lookbackDays: days,
    halfLifeDays: halfLife,
    touchTypes: touchTypes ?? null,
    models:
      models && models.length > 0 ? attributionModels.filter((model) => models.includes(model)) : attributionModels,
  };
}

interface ReadPaths {
  readonly attribution: Attribution;
  readonly names: readonly string[];
  /** Customers with a conversion, by the number of the name. */
  readonly customers: readonly number[];
  readonly unidentified: Earned;
  readonly lostPaths: number | null;
}

async function readPaths(tx: Tx, question: PathQuestion, settings: Settings): Promise<ReadPaths> {
  const reader = new PathReader(settings);
  await streamConversions(tx, question, (row) => reader.add(row));
  if (!settings.models.includes('MARKOV')) return reader.read(null);
  let lostPaths = 0;
  for (const { from, to, times } of await countLostMoves(tx, question)) {
    if (from === null) lostPaths += times;
    const [one, other] = [from === null ? start : reader.numberOf(from), to === null ? nothing : reader.numberOf(to)];
    reader.attribution.chain.add(one, { to: other, times });
  }
  return reader.read(lostPaths);
}

/** Gives names numbers, and counts whose conversions they are of: these come customer by customer. */
class PathReader {
  readonly attribution: Attribution;
  readonly #most: number;
  readonly #numbers = new Map<string, number>();
  readonly #customers: number[] = [];
  readonly #lastCustomer: string[] = [];
  readonly #unidentified = { conversions: 0, revenue: new Map<string, bigint>() };

  constructor(settings: Settings) {
    this.attribution = new Attribution(settings);
    this.#most = settings.models.includes('MARKOV') ? mostMarkovKeys : mostKeys;
  }

  add({ customerId, currency, valueMinor, keys, ages }: ConversionRow): void {
    if (customerId === null) {
      const { revenue } = this.#unidentified;
      this.#unidentified.conversions += 1;
      revenue.set(currency, (revenue.get(currency) ?? 0n) + valueMinor);
      return;
    }
    const numbers = (keys ?? []).map((name) => this.numberOf(name));
    for (const number of numbers) {
      if (this.#lastCustomer[number] === customerId) continue;
      this.#lastCustomer[number] = customerId;
      this.#customers[number]! += 1;
    }
    this.attribution.add({ keys: numbers, ages: ages ?? [], currency, valueMinor });
  }

  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    if (number >= this.#most)
      throw tooMuch(`Expected at most ${this.#most} channels, campaigns or sources; MARKOV takes ${mostMarkovKeys}.`, {
        field: 'by',
        limit: this.#most,
      });
    this.#numbers.set(name, number);
    this.#customers.push(0);
    return number;
  }

  read(lostPaths: number | null): ReadPaths {
    const unidentified = this.#unidentified;
    const names = [...this.#numbers.keys()];
    return { attribution: this.attribution, names, customers: this.#customers, unidentified, lostPaths };
  }
}

function answerOf(
  { attribution, names, customers, unidentified, lostPaths }: ReadPaths,
  { models }: Settings,
  sees: boolean,
): Pick<AttributionAnswer, 'attributed' | 'direct' | 'unidentified' | 'lostPaths' | 'keys' | 'suppressed'> {
  const sheets = attribution.credits(names.map((_, number) => number));
  const keys = names.map((name, number) => {
    const hidden = isTooSmall(customers[number]!, sees);
    const credits = models.map((model, index) => ({ model, ...sheets[index]!.credits[number]! }));
    return { name, customers: hidden ? null : customers[number]!, credits: hidden ? null : credits };
  });
  keys.sort((a, b) => order(b.credits?.[0]?.conversions, a.credits?.[0]?.conversions) || (a.name < b.name ? -1 : 1));
  const { attributed, direct } = attribution;
  return {
    attributed,
    direct,
    unidentified,
    lostPaths,
    keys,
    suppressed: keys.some(({ credits }) => credits === null),
  };
}

function order(one = -1n, other = -1n): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
