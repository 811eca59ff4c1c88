import { expect } from 'vitest';
import { defaultRules, type IdentityRules } from '../../src/identity/rules.ts';
import type { Pool } from '../../src/kernel/database.ts';
import { verifyAllCustomerKpis } from '../../src/kpis/customers/customer-kpis-verifier.service.ts';
import { verifyFacts } from '../../src/kpis/facts/facts-verifier.service.ts';
import { verifyLedger } from '../../src/loyalty/reports/ledger-verifier.service.ts';
import { verifyConsents } from '../../src/privacy/consents/consent-verifier.service.ts';
import { verifySegments } from '../../src/segments/segment-verifier.service.ts';
import { expectRebuildable } from '../support/rebuild.ts';
import { readWorld } from '../support/world.ts';
import type { SubjectNode } from './subject-fixture.ts';

/** What stays when a world is emptied: what people have set. */
const settings =
  /^(settings|loyalty_(programs|program_versions|phases|lever_values|book|offer_book)|segments|segment_versions|segment_book|kpi_.*|trait_definitions)$/;

/** Empties everything that touchpoints, decisions and requests lead to, ledger and audit log included. */
export async function emptyEverything(pool: Pool): Promise<void> {
  const tables = await pool<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`;
  const emptied = tables.map(({ name }) => name).filter((name) => !settings.test(name));
  await pool.begin(async (tx) => {
    // The ledger and the audit log refuse it, whoever asks.
    await tx`set local session_replication_role = replica`;
    await tx.unsafe(emptied.map((name) => `delete from "${name}";`).join(''));
  });
}

/** Everything that follows from touchpoints, but for what happened on the way: ledger rows, logs, times of writing. */
export async function readEverything(pool: Pool) {
  return {
    ...(await readWorld(pool)),
    owners: await pool`select id, owned from records order by id`,
    cut: await pool`select id, cut_at is not null as cut, blocked from identifiers order by id`,
    refused: await pool`
      select record_id, evidence_id, kind, other_record_id, refusal, limited_by from refused_links order by 1, 2, 3`,
    purchases: await pool`select to_jsonb(p) as row from purchases p order by id`,
    signals: await pool`select to_jsonb(s) as row from signals s order by id, kind`,
    cells: await pool`
      select hour, type, channel, source, campaign, currency, sum(touchpoints)::int as touchpoints, sum(orders)::int as orders,
             sum(value_minor)::text as value, sum(costed_minor)::text as costed, sum(cost_minor)::text as cost,
             sum(items)::float8 as items
      from (select * from metric_cells union all
            select hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor,
                   items from metric_cell_changes) as parts
      group by 1, 2, 3, 4, 5, 6 having sum(touchpoints) <> 0 order by 1, 2, 3, 4, 5, 6`,
    kpis: await pool`select to_jsonb(k) - 'updated_at' as row from customer_kpis k order by customer_id`,
    lifecycles: await pool`select to_jsonb(l) - 'updated_at' as row from customer_lifecycles l order by customer_id`,
    stages: await pool`select to_jsonb(t) as row from lifecycle_transitions t order by customer_id, ordinal`,
    lots: await pool`
      select record_id, id, wallet, source, source_id, granted::text, pending::text, available::text, expired::text
      from loyalty_lots where granted <> 0 order by record_id, id`,
    members: await pool`
      select customer_id, program_id, tier, tier_since, state from loyalty_members order by customer_id, program_id`,
    memberships: await pool`select record_id, program_id, how, enrolled_at from loyalty_memberships order by 1, 2`,
    budgets: await pool`select program_id, rule, granted::text from loyalty_budgets where granted <> 0 order by 1, 2`,
    segments: await pool`
      select segment_id, customer_id from segment_states where member order by segment_id, customer_id`,
  };
}

/** Whatever can be verified is what follows from what is stored. */
export async function expectEverythingTrue(node: SubjectNode, rules: IdentityRules = defaultRules): Promise<void> {
  const { pool, ctx, engines } = node;
  await expectRebuildable(pool, rules);
  expect(await verifyFacts(pool)).toEqual([]);
  expect((await verifyLedger(ctx, { timeZone: engines.evaluator.timeZone })).differences).toEqual([]);
  expect((await verifyAllCustomerKpis(pool, engines.kpis)).differences).toEqual([]);
  expect((await verifySegments(ctx, engines.evaluator)).differences).toEqual([]);
  expect((await verifyConsents(pool)).differences).toEqual([]);
}
