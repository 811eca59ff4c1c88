import { requireScope } from '../access/scopes.ts';
import type { Condition } from '../conditions/condition.ts';
import { compileForAll, compileForEach } from '../conditions/condition-statement.queries.ts';
import { printCondition } from '../conditions/condition-text.ts';
import { evaluate } from '../conditions/evaluation.queries.ts';
import type { Context } from '../kernel/context.ts';
import type { Tx } from '../kernel/database.ts';
import { fingerprintUuid } from '../kernel/ids.ts';
import { lookUpByIndex } from '../kernel/plans.queries.ts';
import { type GivenDefinition, getDefinition } from './given-definition.ts';
import { type Estimate, estimateShare } from './sampling.ts';
import { evaluateAll, type FoundState } from './segment-builds.queries.ts';
import type { CostClass } from './segment-cost.ts';
import { prepareDefinition } from './segment-definition.service.ts';
import type { SegmentEvaluator } from './segment-evaluator.service.ts';
import {
  countCustomersUpTo,
  countInSegments,
  estimateCustomers,
  limitStatements,
  orTooSlow,
  sampleCustomers,
} from './segment-preview.queries.ts';

export interface PreviewInput extends GivenDefinition {
  /** UUID of the segment that it is to define, if there is one already. */
  readonly segmentId?: string | null;
}

/** How many of those in the preview are in another segment. */
export interface Overlap {
  readonly segmentId: string;
  readonly customers: number;
  /** Of those in the preview. */
  readonly share: number;
}

/** What a definition would select, if it were a segment at this instant. */
export interface Preview {
  readonly text: string;
  readonly cost: number;
  readonly costClass: CostClass;
  /** All customers. */
  readonly total: number;
  readonly totalIsEstimate: boolean;
  /** Customers who were looked at. */
  readonly sample: number;
  readonly exact: boolean;
  readonly estimate: Estimate;
  /** Some of them. */
  readonly customerIds: readonly string[];
  /** The largest first; segments that have nobody in common are left out. */
  readonly overlaps: readonly Overlap[];
}

export interface PreviewLimits {
  /** Up to so many customers everybody is looked at. */
  readonly exactUpTo: number;
  readonly sample: number;
  /** Of the sample, customers of one statement. */
  readonly atOnce: number;
  readonly countUpTo: number;
  readonly statementSeconds: number;
}

const defaults: PreviewLimits = {
  exactUpTo: 20_000,
  sample: 10_000,
  atOnce: 1_000,
  countUpTo: 1_000_000,
  statementSeconds: 10,
};
/** After so long a sample is as large as it is. */
const patienceMs = 5_000;
const shownCustomers = 10;

/** Finds out whom a definition would select, without creating anything. */
export class SegmentPreviewer {
  readonly #evaluator: Pick<SegmentEvaluator, 'language' | 'compilers' | 'timeZone'>;
  readonly #limits: PreviewLimits;

  constructor(
    evaluator: Pick<SegmentEvaluator, 'language' | 'compilers' | 'timeZone'>,
    limits: Partial<PreviewLimits> = {},
  ) {
    this.#evaluator = evaluator;
    this.#limits = { ...defaults, ...limits };
  }

  /** Everything is of one moment. Throws as `createSegment` does, and `STATEMENT_TOO_SLOW`. */
  async preview(ctx: Context, input: PreviewInput): Promise<Preview> {
    requireScope(ctx, 'segments:read');
    const { condition, field } = getDefinition(input, '');
    const segmentId = input.segmentId ?? null;
    const given = { segmentId, definition: condition, field };
    const { definition, expanded, cost, costClass } = await prepareDefinition(
      ctx,
      ctx.pool,
      this.#evaluator.language,
      given,
    );
    const said = { text: printCondition(definition), cost, costClass };
    return ctx.pool
      .begin('isolation level repeatable read read only', async (tx) => {
        await limitStatements(tx, this.#limits.statementSeconds);
        return { ...said, ...(await this.#look(tx, ctx, { expanded, segmentId })) };
      })
      .catch((error: unknown) => {
        throw orTooSlow(error, 'This preview');
      });
  }

  async #look(tx: Tx, ctx: Context, { expanded, segmentId }: { expanded: Condition; segmentId: string | null }) {
    const counted = await this.#countCustomers(tx);
    // Ids of our own have the time in front: their hash is as random as they are.
    const start = fingerprintUuid(ctx.ids.uuid());
    const now = ctx.clock.now();
    const { matching, sample } =
      counted.total <= this.#limits.exactUpTo
        ? { matching: await this.#findAll(tx, expanded, now), sample: counted.total }
        : await this.#findAmongSample(tx, expanded, { start, now });
    const estimate = estimateShare({ matching: matching.length, sample, total: counted.total });
    return {
      ...counted,
      sample,
      exact: sample >= counted.total,
      estimate,
      customerIds: turnTo(matching, start).slice(0, shownCustomers),
      overlaps: await findOverlaps(tx, { matching, except: segmentId }),
    };
  }

  async #countCustomers(tx: Tx): Promise<Pick<Preview, 'total' | 'totalIsEstimate'>> {
    const { countUpTo } = this.#limits;
    const counted = await countCustomersUpTo(tx, countUpTo);
    if (counted <= countUpTo) return { total: counted, totalIsEstimate: false };
    return { total: Math.max(counted, Math.round(await estimateCustomers(tx))), totalIsEstimate: true };
  }

  async #findAll(tx: Tx, condition: Condition, now: Date): Promise<string[]> {
    const statement = compileForAll(condition, this.#evaluator.compilers);
    const moment = { now, timeZone: this.#evaluator.timeZone };
    const matching: string[] = [];
    const each = ({ id, verdict }: FoundState) => {
      if (verdict) matching.push(id);
    };
    await evaluateAll(tx, statement, { moment, each });
    return matching;
  }

  async #findAmongSample(tx: Tx, condition: Condition, { start, now }: { start: string; now: Date }) {
    const { sample, atOnce } = this.#limits;
    const statement = compileForEach([condition], this.#evaluator.compilers);
    const moment = { now, timeZone: this.#evaluator.timeZone };
    await lookUpByIndex(tx);
    const drawn = await sampleCustomers(tx, { start, limit: sample });
    const until = performance.now() + patienceMs;
    const matching: string[] = [];
    let looked = 0;
    // A part of the sample from its beginning on is a smaller sample, and as good.
    while (looked < drawn.length && (looked === 0 || performance.now() < until)) {
      const ids = drawn.slice(looked, looked + atOnce);
      const found = await evaluate(tx, statement, { ids, moment, once: true });
      for (const judged of found) if (judged.verdict(0)) matching.push(judged.id);
      looked += ids.length;
    }
    return { matching, sample: looked };
  }
}

async function findOverlaps(
  tx: Tx,
  { matching, except }: { matching: readonly string[]; except: string | null },
): Promise<Overlap[]> {
  if (matching.length === 0) return [];
  const counts = await countInSegments(tx, matching);
  return counts
    .filter(({ segmentId }) => segmentId !== except)
    .map(({ segmentId, customers }) => ({ segmentId, customers, share: customers / matching.length }));
}

/** In order, from an id on: so that it is not the same few that are shown of whatever definition. */
function turnTo(ids: readonly string[], start: string): string[] {
  const sorted = [...ids].sort();
  const first = sorted.findIndex((id) => id >= start);
  return first <= 0 ? sorted : [...sorted.slice(first), ...sorted.slice(0, first)];
}
