import { type Check, complain, type History } from './history.ts';

/** Every line behind the place where the follower began, in the order of commits. */
async function findLines({ pool, from }: History): Promise<string[]> {
  const [tx = '0', seq = '-1'] = from.split('/');
  const rows = await pool<{ position: string }[]>`
    select tx::text || '/' || seq as position from changes
    where (tx, seq) > (${tx}::text::xid8, ${seq}::text::bigint) order by tx, seq`;
  return rows.map(({ position }) => position);
}

const followedAll: Check = {
  name: 'the change feed is complete and in order for who follows it',
  async look(history) {
    const lines = await findLines(history);
    const seen = new Set(history.followed);
    const known = new Set(lines);
    const repeated = history.followed.filter((position, index) => history.followed.indexOf(position) !== index);
    const inOrder = lines.filter((position) => seen.has(position));
    const came = history.followed.filter((position) => known.has(position));
    const displaced = came.filter((position, index) => position !== inOrder[index]);
    return [
      ...complain(
        'lines of the feed did not come',
        lines.filter((position) => !seen.has(position)),
      ),
      ...complain(
        'lines came that are not in the feed',
        history.followed.filter((position) => !known.has(position)),
      ),
      ...complain('lines came more than once', repeated),
      ...(repeated.length === 0 ? complain('lines came out of order', displaced) : []),
    ];
  },
};

const toldOnce: Check = {
  name: 'the change feed tells of every touchpoint once',
  async look({ pool }) {
    const rows = await pool<{ id: string; lines: number }[]>`
      select t.id, count(c.tx)::int as lines from touchpoints t
      left join changes c on c.subject_id = t.id and c.topic = 'touchpoint.recorded'
      group by t.id having count(c.tx) <> 1`;
    return complain(
      'touchpoints are told of not once',
      rows.map(({ id, lines }) => `${id} (${lines} times)`),
    );
  },
};

export const feedChecks: readonly Check[] = [followedAll, toldOnce];
