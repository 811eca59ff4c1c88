import type { Pool } from '../../../src/kernel/database.ts';
import type { Duck } from './duck.ts';

/** A table of the other database: columns with their types, and the SELECT that reads them from PostgreSQL. */
interface Exported {
  readonly columns: Readonly<Record<string, string>>;
  readonly select: string;
}

/**
 * Raw facts only: what was said, and which record is whose now. Nothing of what KPIs keep. Of the modules below and beside
 * (identity, loyalty, segments, scores) their answers are taken as they are: they have oracles of their own.
 */
const exported: Readonly<Record<string, Exported>> = {
  touchpoints: {
    columns: {
      ...{
        id: 'uuid',
        record_id: 'uuid',
        occurred: 'timestamptz',
        source: 'varchar',
        type: 'varchar',
        channel: 'varchar',
      },
      ...{ direction: 'varchar', value_minor: 'bigint', currency: 'varchar', campaign: 'varchar' },
      ...{ properties: 'json', lines: 'json' },
    },
    select: `
      select id, record_id, occurred_at as occurred, source, type, channel, direction, value_minor::text, currency, campaign,
             properties::text, lines::text
      from touchpoints`,
  },
  records: {
    columns: { id: 'uuid', customer_id: 'uuid' },
    select: 'select id, customer_id from records',
  },
  customers: {
    columns: { id: 'uuid', identified: 'boolean', country: 'varchar' },
    select: `select id, identified::text, traits ->> 'country' as country from customers`,
  },
  postings: {
    columns: {
      ...{ record_id: 'uuid', program_id: 'uuid', lot_id: 'uuid', entry_id: 'uuid', wallet: 'varchar' },
      ...{ occurred: 'timestamptz', points: 'bigint', from_bucket: 'varchar', to_bucket: 'varchar', kind: 'varchar' },
    },
    select: `
      select record_id, program_id, lot_id, entry_id, wallet, at as occurred, points::text, from_bucket, to_bucket, kind
      from loyalty_postings`,
  },
  lots: {
    columns: { record_id: 'uuid', id: 'uuid', source: 'varchar', earned_at: 'timestamptz', expires_at: 'timestamptz' },
    select: 'select record_id, id, source, earned_at, expires_at from loyalty_lots',
  },
  programs: { columns: { id: 'uuid', name: 'varchar' }, select: 'select id, name from loyalty_programs' },
  memberships: {
    columns: { record_id: 'uuid', program_id: 'uuid', status: 'varchar', enrolled_at: 'timestamptz' },
    select: 'select record_id, program_id, status, enrolled_at from loyalty_memberships',
  },
  tiers: {
    columns: { customer_id: 'uuid', program_id: 'uuid', tier: 'varchar' },
    select: 'select customer_id, program_id, tier from loyalty_members',
  },
  segments: { columns: { id: 'uuid', name: 'varchar' }, select: 'select id, name from segments' },
  segment_members: {
    columns: { segment_id: 'uuid', customer_id: 'uuid' },
    select: 'select segment_id, customer_id from segment_states where member',
  },
  stages: {
    columns: { customer_id: 'uuid', stage: 'varchar', risk_band: 'varchar' },
    select: 'select customer_id, stage, risk_band from customer_lifecycles',
  },
  moves: {
    columns: { customer_id: 'uuid', occurred: 'timestamptz', stage: 'varchar', cause: 'varchar', place: 'int' },
    select: `
      select customer_id, at as occurred, to_stage as stage, cause, ordinal as place from lifecycle_transitions`,
  },
  scores: {
    columns: {
      ...{ customer_id: 'uuid', currency: 'varchar', rfm_segment: 'varchar', abc_class: 'varchar' },
      ...{ churn_risk: 'double', clv_minor: 'bigint' },
    },
    select: `
      select customer_id, currency, rfm_segment, abc_class, churn_risk::text, clv_minor::text from customer_scores`,
  },
};

export async function exportFacts(pool: Pool, duck: Duck): Promise<void> {
  for (const [table, { columns, select }] of Object.entries(exported)) {
    const [row] = await pool.unsafe<{ json: string }[]>(
      `select coalesce(json_agg(row_to_json(one)), '[]')::text as json from (${select}) as one`,
    );
    await duck.fill(table, columns, row!.json);
  }
}
