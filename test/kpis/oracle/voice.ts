import { type Ask, type Dimensions, keysOf } from './ask.ts';
import type { Definition } from './definition.ts';
import { text } from './duck.ts';
import { present } from './world-arbitrary.ts';

const answered: Dimensions = { CHANNEL: 'b.channel', SOURCE: 'b.source', SURVEY_VARIANT: 'b.variant' };

/** The latest answer of each customer in the group; of nobody knows whom, every one. */
const latest = (scoped: string, ask: Ask) => `
  select * from (${scoped})
  qualify row_number() over (partition by ${[...keysOf(ask), 'coalesce(customer_id, id)'].join(', ')}
                             order by occurred desc, id desc) = 1`;

const survey = (kind: string) => ({
  dimensions: answered,
  rows: () => `select * from answers where kind = ${text(kind)}`,
  within: latest,
});

/**
 * Cases from their steps: at work after it was opened, reopened or resumed, until the next step, or until now; resolved, if that
 * is the last that was heard of it. A case without a number is one for itself.
 */
const cases = `
  with steps as (
    select *, coalesce(case_id, id::varchar) as number,
           row_number() over each_case = count(*) over (partition by owner, coalesce(case_id, id::varchar)) as is_last,
           case when what in ('opened', 'resumed', 'reopened')
                then greatest(epoch_ms(coalesce(lead(occurred) over each_case, timestamptz ${text(present.toISOString())}))
                              - epoch_ms(occurred), 0) else 0 end as worked_ms
    from case_events
    window each_case as (partition by owner, coalesce(case_id, id::varchar) order by occurred, id)
  )
  select customer_id, number, min(occurred) filter (where what = 'opened') as occurred,
         first(channel order by occurred, id) filter (where what = 'opened') as channel,
         first(source order by occurred, id) filter (where what = 'opened') as source,
         sum(worked_ms) as worked_ms, bool_or(is_last and what = 'resolved') as resolved
  from steps group by customer_id, owner, number`;

/** Kaplan and Meier by hand: at each length at which a case was resolved, the part of those who had come so far. */
const surviving = (scoped: string, ask: Ask) => {
  const keys = keysOf(ask);
  const same = (one: string, other: string) =>
    ['true', ...keys.map((key) => `${one}.${key} is not distinct from ${other}.${key}`)].join(' and ');
  return `
    with mine as (${scoped}), lengths as (
      select distinct ${[...keys, 'worked_ms'].join(', ')} from mine where resolved
    ), rates as (
      select l.*, (select count(*) from mine m where ${same('m', 'l')} and m.worked_ms >= l.worked_ms) as at_risk,
             (select count(*) from mine m where ${same('m', 'l')} and m.resolved and m.worked_ms = l.worked_ms) as ended
      from lengths l
    )
    select r.*, (select product(1 - p.ended / p.at_risk) from rates p where ${same('p', 'r')} and p.worked_ms <= r.worked_ms)
             as survival
    from rates r`;
};

/** The least length by which so many are resolved; a rounding error beside. */
const quantile = (part: number) => ({
  dimensions: { CHANNEL: 'b.channel', SOURCE: 'b.source' },
  rows: () => `select * from (${cases}) where occurred is not null`,
  within: surviving,
  value: `min(worked_ms) filter (where survival <= ${1 - part} + 1e-9) / 3600000`,
});

const caseSteps = (what: string) => ({
  dimensions: { CHANNEL: 'b.channel', SOURCE: 'b.source' },
  rows: () => `select *, coalesce(case_id, id::varchar) as number from case_events where what = ${text(what)}`,
  sum: 'count(distinct (owner, number))',
});

const promoters = 'count(*) filter (where score >= 9)';
const detractors = 'count(*) filter (where score <= 6)';

export const voice: Readonly<Record<string, Definition>> = {
  NPS: {
    ...survey('NPS'),
    ratio: [`${promoters} - ${detractors}`, 'count(*)'],
    times: 100,
    error: `100 * sqrt(greatest(0, (${promoters} + ${detractors}) / count(*)
                                   - pow((${promoters} - ${detractors}) / count(*), 2)) / nullif(count(*), 0))`,
  },
  NPS_RESPONSES: { ...survey('NPS'), sum: 'count(*)' },
  CSAT: { ...survey('CSAT'), ratio: ['count(*) filter (where score >= 4)', 'count(*)'] },
  CES: { ...survey('CES'), ratio: ['sum(score)', 'count(*)'] },
  CASES_OPENED: caseSteps('opened'),
  CASES_RESOLVED: caseSteps('resolved'),
  MEDIAN_RESOLUTION_HOURS: quantile(0.5),
  P90_RESOLUTION_HOURS: quantile(0.9),
};
