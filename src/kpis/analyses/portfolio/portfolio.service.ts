import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import { badInput } from '../../../kernel/errors.ts';
import type { KpiBook } from '../../settings/kpi-book.service.ts';
import type { AnalysisSurroundings } from '../analysis-surroundings.ts';
import { checkSegments, readAnalysis } from '../reading.service.ts';
import { PastPortfolio } from './past-portfolio.ts';
import { countPortfolio, findScoredAt, streamPast } from './portfolio.queries.ts';
import { type Portfolio, portfolioOf } from './portfolio.ts';

export interface PortfolioInput {
  /** Left out: now, by the scores that customers have. */
  readonly asOf?: Date | null;
  /** UUIDs. */
  readonly segmentIds?: readonly string[] | null;
}

export interface PortfolioAnswer extends Portfolio {
  readonly asOf: Date;
  /** When classes and segments were made: of the past, by which run's bins. Null: by none. */
  readonly scoredAt: Date | null;
}

/** Who the customers are, by what they are worth, how they buy and where they are in their life cycle. */
export class PortfolioReports {
  readonly #surroundings: AnalysisSurroundings;
  readonly #book: KpiBook;

  constructor(surroundings: AnalysisSurroundings, book: KpiBook) {
    this.#surroundings = surroundings;
    this.#book = book;
  }

  async portfolio(ctx: Context, { asOf, segmentIds: given }: PortfolioInput): Promise<PortfolioAnswer> {
    requireScope(ctx, 'metrics:read');
    const { scope } = this.#surroundings;
    const segmentIds = await checkSegments(ctx, scope, given);
    const now = ctx.clock.now();
    if (asOf && asOf > now) throw badInput('Expected an instant up to now.', 'asOf');
    const sees = hasScope(ctx, 'pii:read');
    const question = { scope, segmentIds };
    return readAnalysis(ctx, async (tx) => {
      if (!asOf) {
        const groups = await countPortfolio(tx, question);
        const { last } = await findScoredAt(tx);
        return { asOf: now, scoredAt: last, ...portfolioOf(groups, sees) };
      }
      const past = new PastPortfolio(asOf, await this.#book.current(tx));
      await streamPast(tx, { ...question, at: asOf }, (customer) => past.add(customer));
      return { asOf, scoredAt: past.scoredAt, ...portfolioOf(past.groups(), sees) };
    });
  }
}
