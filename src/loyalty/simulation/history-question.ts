import { typesOf } from '../earning/relevance.ts';
import type { Program } from '../program.ts';
import type { HistoryQuestion } from './member-history.queries.ts';

/** What of members' histories these programmes, which are one with different pasts, could look at. */
export function questionOf(programs: readonly Program[]): Pick<HistoryQuestion, 'types' | 'properties' | 'verdicts'> {
  const versions = programs.flatMap((program) => program.versions);
  const rules = versions.flatMap(({ definition }) => definition.rules);
  const types = typesOf({ versions });
  return {
    types: types && [...types].sort(),
    properties: rules.some(({ match }) => (match.where ?? []).length > 0) ? 'ALL' : 'ORDER_ID',
    verdicts: rules.some(({ eligibility, budget }) => eligibility !== null || budget !== null),
  };
}

/** Whether nobody can earn anything without having been enrolled. */
export function isForMembersOnly(programs: readonly Program[]): boolean {
  return programs.flatMap(({ versions }) => versions).every(({ definition }) => definition.enrolment === 'EXPLICIT');
}
