import pino from 'pino';
import { verifyAudit } from '../../src/access/audit-proof.service.ts';
import { operatorContext } from '../../src/access/operator.ts';
import { CurrentRules } from '../../src/identity/current-rules.service.ts';
import { CataloguedTraits } from '../../src/identity/personal-traits.service.ts';
import { ChangeFeed } from '../../src/kernel/change-feed.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { Context } from '../../src/kernel/context.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { randomIds, toPublicId } from '../../src/kernel/ids.ts';
import { verifyAllCustomerKpis } from '../../src/kpis/customers/customer-kpis-verifier.service.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { ledgerChecks } from '../../src/loyalty/reports/ledger-difference.ts';
import { verifyLedger } from '../../src/loyalty/reports/ledger-verifier.service.ts';
import { verifySegments } from '../../src/segments/segment-verifier.service.ts';
import { createEngines } from '../../src/server/engines.ts';
import { rebuildIdentity } from '../../src/server/identity-rebuild.ts';
import { type Check, complain } from './history.ts';
import { pointsOfARedemption } from './load.ts';

/** Of the servers of the suite: the default. */
export const timeZone = 'UTC';

const ledgerBalances: Check = {
  name: 'the ledger sums to zero, and is what touchpoints and decisions make of it',
  async look({ pool }) {
    const { totals } = await verifyLedger({ pool, clock: systemClock }, { timeZone });
    const wrong = [...totals].filter(([, count]) => count > 0);
    return wrong.map(([kind, count]) => `it does not hold that ${ledgerChecks[kind]}: ${count} differences`);
  },
};

const redeemedOnce: Check = {
  name: 'acknowledged redemptions are in the ledger exactly once',
  async look({ pool, redeemed }) {
    const rows = await pool<{ id: string; taken: number }[]>`
      select d.id, (select coalesce(sum(points), 0)::int from loyalty_consumptions c where c.decision_id = d.id) as taken
      from loyalty_decisions d where d.kind = 'REDEMPTION' and d.status = 'DONE' and d.points = ${pointsOfARedemption}`;
    const taken = new Map(rows.map((row) => [toPublicId('ldc', row.id), row.taken]));
    const acknowledged = new Set(redeemed.values());
    const missing = [...redeemed].filter(([, id]) => taken.get(id) !== pointsOfARedemption).map(([key]) => key);
    const others = [...taken.keys()].filter((id) => !acknowledged.has(id));
    return [
      ...complain('redemptions are not as acknowledged', missing),
      ...complain('redemptions took points that nobody was told of', others),
      ...(acknowledged.size < redeemed.size ? ['two redemptions were acknowledged as one'] : []),
    ];
  },
};

const segmentsTrue: Check = {
  name: 'members of segments are whom their definitions select',
  async look({ pool }) {
    const { evaluator } = createEngines({ timeZone }, { ids: randomIds, rules: new CurrentRules() });
    const { segments, differences } = await verifySegments({ pool, clock: systemClock }, evaluator);
    const told = differences.map(
      ({ name, missing, extra }) => `${name}: ${missing.length} missing, ${extra.length} extra`,
    );
    const unserved = await pool<{ id: string }[]>`
      select segment_id as id from segment_versions where phase in ('EVALUATING', 'APPLYING', 'WAITING')
      union select segment_id from segment_builds`;
    return [
      ...(segments === 0 ? ['there are no segments to compare'] : []),
      ...complain('segments differ', told),
      ...complain(
        'segments have a build that does not end',
        unserved.map(({ id }) => id),
      ),
      ...complain('segments have a log that says otherwise', await findMislogged(pool)),
    ];
  },
};

/** Members have entered once more than they have left, others as often. Not by the latest entry: clocks may have jumped. */
async function findMislogged(pool: Pool): Promise<string[]> {
  const rows = await pool<{ id: string }[]>`
    select coalesce(l.segment_id, s.segment_id) as id from (
      select segment_id, customer_id, sum(case when entered then 1 else -1 end) as inside from segment_log
      group by segment_id, customer_id) l
    full join (select segment_id, customer_id from segment_states where member) s using (segment_id, customer_id)
    where coalesce(l.inside, 0) <> (s.customer_id is not null)::int`;
  return rows.map(({ id }) => id);
}

const identityTrue: Check = {
  name: 'who is who follows from the facts',
  async look({ pool }) {
    const found: unknown[] = [];
    const observer = { advanced() {}, found: (differences: readonly unknown[]) => void found.push(...differences) };
    await rebuildIdentity(await openContext(pool), observer, { verify: true, timeZone });
    return complain(
      'differences',
      found.map((difference) => JSON.stringify(difference)),
    );
  },
};

const kpisTrue: Check = {
  name: 'KPIs follow from the touchpoints',
  async look({ pool }) {
    const rules = new CurrentRules();
    await rules.reload(pool);
    const { kpis } = createEngines({ timeZone }, { ids: randomIds, rules });
    const facts = await verifyFacts(pool);
    const { differences } = await verifyAllCustomerKpis(pool, kpis);
    return complain(
      'differences',
      [...facts, ...differences].map((difference) => JSON.stringify(difference)),
    );
  },
};

const auditIntact: Check = {
  name: 'the audit log is whole',
  async look({ pool }) {
    const { problems } = await verifyAudit(await openContext(pool), {});
    return complain(
      'problems',
      problems.map((problem) => JSON.stringify(problem)),
    );
  },
};

async function openContext(pool: Pool): Promise<Context> {
  const log = pino({ level: 'silent' });
  const surroundings = { pool, clock: systemClock, ids: randomIds, log };
  const personalTraits = await CataloguedTraits.open(surroundings);
  return operatorContext({ ...surroundings, feed: new ChangeFeed({ pool, log }), personalTraits });
}

export const derivedChecks: readonly Check[] = [
  ledgerBalances,
  redeemedOnce,
  segmentsTrue,
  identityTrue,
  kpisTrue,
  auditIntact,
];
