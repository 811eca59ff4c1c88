import type { Measure } from './measure.ts';

const answers = { facts: 'count(*)' };
const promoters = 'count(*) filter (where f.score >= 9)';
const detractors = 'count(*) filter (where f.score <= 6)';
const service = { owner: 'Service' } as const;
const survey = { owner: 'Customer experience', additive: false } as const;
const resolution = {
  ...service,
  base: 'RESOLUTIONS',
  kind: 'VALUE',
  format: 'HOURS',
  additive: false,
  moving: true,
} as const;
const aCase = '(coalesce(r.customer_id, f.record_id), f.number)';

const cases = (kind: string) => ({ facts: `count(distinct ${aCase}) filter (where f.kind = '${kind}')` });
/** The first hour by which only so many are left. Products of floating-point numbers miss it by a hair. */
const untilLeft = (part: string) => ({
  facts: `min(f.hours) filter (where f.resolved and f.survival <= ${part} + 1e-9)`,
});

const latest = 'Of a customer the latest answer counts; without a customer, each one.';

/** What customers say, and what becomes of their cases. */
export const voiceMeasures: readonly Measure[] = [
  {
    ...survey,
    key: 'NPS',
    title: 'Net promoter score',
    description: `Share of answers 9 and 10 less that of 0 to 6, in points from −100 to 100. ${latest}`,
    base: 'NPS',
    kind: 'RATIO',
    format: 'SCORE',
    times: 100,
    least: 30,
    numerator: { facts: `${promoters} - ${detractors}` },
    denominator: answers,
    n: answers,
    error: {
      facts: `100 * sqrt(greatest((${promoters} + ${detractors})::numeric / nullif(count(*), 0)
        - ((${promoters} - ${detractors})::numeric / nullif(count(*), 0)) ^ 2, 0) / nullif(count(*), 0))`,
    },
  },
  {
    ...survey,
    key: 'NPS_RESPONSES',
    title: 'NPS answers',
    description: `Answers to the question how likely one is to recommend us. ${latest}`,
    base: 'NPS',
    kind: 'SUM',
    format: 'COUNT',
    value: answers,
  },
  {
    ...survey,
    key: 'CSAT',
    title: 'Customer satisfaction',
    description: `Answers 4 and 5 of 5 ÷ answers. Variants are never mixed: name SURVEY_VARIANT. ${latest}`,
    base: 'CSAT',
    kind: 'RATIO',
    format: 'PERCENT',
    least: 30,
    numerator: { facts: 'count(*) filter (where f.score >= 4)' },
    denominator: answers,
    n: answers,
  },
  {
    ...survey,
    key: 'CES',
    title: 'Customer effort score',
    description: `Mean of the answers from 1 to 7. Variants are never mixed: name SURVEY_VARIANT. ${latest}`,
    base: 'CES',
    kind: 'RATIO',
    format: 'SCORE',
    least: 30,
    numerator: { facts: 'sum(f.score::numeric)' },
    denominator: answers,
    n: answers,
  },
  {
    ...service,
    key: 'CASES_OPENED',
    title: 'Cases opened',
    description: 'Cases that were opened, each once.',
    base: 'CASES',
    kind: 'SUM',
    format: 'COUNT',
    additive: false,
    value: cases('CASE_OPENED'),
  },
  {
    ...service,
    key: 'CASES_RESOLVED',
    title: 'Cases resolved',
    description: 'Cases that were resolved, each once however often it was reopened.',
    base: 'CASES',
    kind: 'SUM',
    format: 'COUNT',
    additive: false,
    value: cases('CASE_RESOLVED'),
  },
  {
    ...resolution,
    key: 'MEDIAN_RESOLUTION_HOURS',
    title: 'Median hours to resolution',
    description:
      'Hours after which half of the cases opened are resolved, without those in which we waited for the customer, or in which a case was resolved before it was reopened. Open cases count as not resolved so far (Kaplan–Meier); null: fewer than half are.',
    value: untilLeft('0.5'),
  },
  {
    ...resolution,
    key: 'P90_RESOLUTION_HOURS',
    title: '90 % hours to resolution',
    description: 'The same for nine of ten cases.',
    value: untilLeft('0.1'),
  },
];
