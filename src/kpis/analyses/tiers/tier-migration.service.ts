import { hasScope, requireScope } from '../../../access/scopes.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ProgramBook } from '../../../loyalty/programs/program-book.service.ts';
import { getPublished } from '../../../loyalty/reports/reading.service.ts';
import type { TierReports } from '../../../loyalty/reports/tier-reports.service.ts';
import { termsAt } from '../../../loyalty/terms.ts';
import { type TierMatrix, tierMatrix } from './tier-matrix.ts';

export interface TierMigrationAnswer extends TierMatrix {
  readonly programId: string;
  readonly from: Date;
  readonly to: Date;
}

/** From which tiers to which members went, as a matrix of probabilities: loyalty's own count, told for charts. */
export class TierMigrations {
  readonly #reports: TierReports;
  readonly #book: ProgramBook;

  constructor(reports: TierReports, book: ProgramBook) {
    this.#reports = reports;
    this.#book = book;
  }

  /** Also needs `loyalty:read`, as the count does that it tells of. */
  async migration(
    ctx: Context,
    { programId, from, to }: { programId: string; from: Date; to?: Date | null },
  ): Promise<TierMigrationAnswer> {
    requireScope(ctx, 'metrics:read');
    const { moves, ...period } = await this.#reports.migration(ctx, { programId, from, to });
    const program = await getPublished(ctx, this.#book, programId);
    const order = termsAt(program, period.to)?.definition.tierScheme?.tiers.map(({ key }) => key) ?? [];
    return { programId, ...period, ...tierMatrix(moves, order, hasScope(ctx, 'pii:read')) };
  }
}
