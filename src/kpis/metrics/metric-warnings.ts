import { unmixedOf } from './metric-catalog.ts';
import type { MetricPlan } from './metric-plan.ts';
import type { MetricQuestion } from './metric-question.ts';
import type { StatementRow } from './metric-statement.ts';
import type { MetricWarning } from './metric-table.ts';

export function isMixed(row: StatementRow, key: 'CURRENCY' | 'SURVEY_VARIANT'): boolean {
  return key === 'CURRENCY' ? row.currency_low !== row.currency_high : row.variant_low !== row.variant_high;
}

/** Those that have no total, as it would be one of several currencies. */
export function mixedMeasures({ measures }: MetricQuestion, row: StatementRow) {
  return measures.filter((measure) => {
    const key = unmixedOf(measure);
    return key !== null && isMixed(row, key);
  });
}

export function warningsOf(
  { question, plan }: { readonly question: MetricQuestion; readonly plan: MetricPlan },
  { page, totals, scoredAt }: { page: readonly StatementRow[]; totals: StatementRow | null; scoredAt: Date | null },
): MetricWarning[] {
  const warnings: MetricWarning[] = [];
  const names = (measures: MetricQuestion['measures']) => measures.map(({ key }) => key.toLowerCase());
  const hidden = page.filter((row) => row.hidden).length + (totals?.hidden ? 1 : 0);
  if (hidden > 0) {
    const message = `Numbers about fewer than five are left out, and those that would give them away: in ${hidden} rows. With the scope pii:read all are there.`;
    warnings.push({ code: 'SUPPRESSED', message, columns: [] });
  }
  const few = new Set([...page, ...(totals ? [totals] : [])].flatMap((row) => row.few ?? []));
  if (few.size > 0) {
    const columns = names([...few].sort((a, b) => a - b).map((place) => question.measures[place]!));
    warnings.push({
      code: 'FEW_OBSERVATIONS',
      message: 'Some values are of too few observations to say much.',
      columns,
    });
  }
  const mixed = totals ? mixedMeasures(question, totals) : [];
  if (mixed.length > 0) {
    const message = 'Amounts of several currencies, or answers to different questions, have no total.';
    warnings.push({ code: 'MIXED_TOTAL', message, columns: names(mixed) });
  }
  if (plan.scored && scoredAt === null)
    warnings.push({ code: 'SCORES_MISSING', message: 'Customers have not been scored yet.', columns: [] });
  return warnings;
}
