import type { Definition } from './definition.ts';

const dimensions = { LOSS_CAUSE: 'b.cause' };

/** Each stretch of being lost: from the move into it to the move out of it, if there was one. */
const lost = `
  select customer_id, occurred, stage, cause, lead(stage) over life as left_for, lead(occurred) over life as left_at
  from moves window life as (partition by customer_id order by place)`;

const begun = { dimensions, rows: () => `select * from (${lost}) where stage = 'LOST'` };

export const stages: Readonly<Record<string, Definition>> = {
  LOSSES: { ...begun, sum: 'count(*)' },
  WIN_BACKS: {
    dimensions,
    rows: () => `select * replace (left_at as occurred) from (${lost}) where stage = 'LOST' and left_for = 'WON_BACK'`,
    sum: 'count(*)',
  },
  WIN_BACK_RATE: { ...begun, ratio: [`count(*) filter (where left_for = 'WON_BACK')`, 'count(*)'] },
};
