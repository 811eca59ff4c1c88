import { index, integer, jsonb, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { instant } from '../../kernel/column-types.ts';

/** Every fit of the CLV models, those that did not converge included. Never changed. */
export const kpiModels = pgTable(
  'kpi_models',
  {
    id: uuid('id').primaryKey(),
    version: integer('version').notNull(),
    /** `BG_NBD` (with Gamma-Gamma for each currency) or `PARETO_NBD`. */
    kind: text('kind').notNull(),
    /** From when on it is used; null: it did not converge, and never was. */
    effectiveFrom: instant('effective_from'),
    fittedAt: instant('fitted_at').notNull(),
    /** The last day of the purchases that it was fitted on. */
    cutOff: instant('cut_off').notNull(),
    status: text('status').notNull(),
    /** Parameters (time in days), log-likelihoods, counts, survival of the second order: see `kpi-model.ts`. */
    detail: jsonb('detail').notNull(),
  },
  (table) => [index('kpi_models_effective').on(table.effectiveFrom, table.id)],
);
