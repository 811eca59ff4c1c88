import type { Measure } from './measure.ts';

const losses = { facts: 'count(*)' };
const wonBack = { facts: 'count(*) filter (where f.is_won_back)' };

/** Who leaves, and who comes back: by the stages of the life cycle, as they are known now. */
export const lifecycleMeasures: readonly Measure[] = [
  {
    key: 'LOSSES',
    title: 'Customers lost',
    description: 'Times that a customer became LOST. Who is lost again after having been won back is counted again.',
    owner: 'CRM',
    base: 'LOSSES',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: losses,
  },
  {
    key: 'WIN_BACKS',
    title: 'Customers won back',
    description: 'Times that a lost customer became WON_BACK, whenever they were lost.',
    owner: 'CRM',
    base: 'WIN_BACKS',
    kind: 'SUM',
    format: 'COUNT',
    additive: true,
    value: losses,
  },
  {
    key: 'WIN_BACK_RATE',
    title: 'Win-back rate',
    description:
      'Losses that have ended in a win-back since, at any time ÷ losses, by when customers were lost. Whoever was lost lately has had less time to come back.',
    owner: 'CRM',
    base: 'LOSSES',
    kind: 'RATIO',
    format: 'PERCENT',
    additive: false,
    least: 30,
    numerator: wonBack,
    denominator: losses,
    n: losses,
  },
];
