CREATE TABLE "customer_kpis" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"currency" text NOT NULL,
	"orders" integer NOT NULL,
	"net_orders" integer NOT NULL,
	"returns" integer NOT NULL,
	"gross_minor" bigint NOT NULL,
	"returned_minor" bigint NOT NULL,
	"costed_minor" bigint NOT NULL,
	"cost_minor" bigint NOT NULL,
	"items" double precision NOT NULL,
	"first_order_at" timestamp (3) with time zone,
	"last_order_at" timestamp (3) with time zone,
	"purchase_days" integer NOT NULL,
	"first_purchase_day" integer,
	"second_purchase_day" integer,
	"last_purchase_day" integer,
	"mean_repeat_minor" double precision,
	"gap_median" double precision,
	"gap_q80" double precision,
	"gap_q95" double precision,
	"updated_at" timestamp (3) with time zone NOT NULL
) WITH (fillfactor = 75);
--> statement-breakpoint
CREATE TABLE "customer_scores" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"scored_at" timestamp (3) with time zone NOT NULL,
	"scale_id" uuid NOT NULL,
	"currency" text NOT NULL,
	"recency" smallint NOT NULL,
	"frequency" smallint NOT NULL,
	"monetary" smallint NOT NULL,
	"rfm_segment" text NOT NULL,
	"abc_class" text NOT NULL,
	"model_id" uuid,
	"probability_alive" double precision,
	"churn_risk" double precision,
	"expected_orders" double precision,
	"clv_minor" bigint
) WITH (fillfactor = 75);
--> statement-breakpoint
CREATE TABLE "kpi_scales" (
	"id" uuid NOT NULL,
	"currency" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"settings_version" integer NOT NULL,
	"customers" integer NOT NULL,
	"recency_cuts" double precision[] NOT NULL,
	"frequency_cuts" double precision[] NOT NULL,
	"monetary_cuts" double precision[] NOT NULL,
	CONSTRAINT "kpi_scales_id_currency_pk" PRIMARY KEY("id","currency")
);
--> statement-breakpoint
CREATE TABLE "saved_metric_queries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"version" integer NOT NULL,
	"query" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "metric_cell_changes" (
	"id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"channel" text NOT NULL,
	"source" text NOT NULL,
	"campaign" text NOT NULL,
	"currency" text NOT NULL,
	"touchpoints" bigint NOT NULL,
	"orders" bigint NOT NULL,
	"value_minor" bigint NOT NULL,
	"costed_minor" bigint NOT NULL,
	"cost_minor" bigint NOT NULL,
	"items" numeric(24, 6) NOT NULL,
	CONSTRAINT "metric_cell_changes_id_ordinal_pk" PRIMARY KEY("id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "metric_cells" (
	"hour" timestamp (3) with time zone NOT NULL,
	"type" text NOT NULL,
	"channel" text NOT NULL,
	"source" text NOT NULL,
	"campaign" text NOT NULL,
	"currency" text NOT NULL,
	"touchpoints" bigint NOT NULL,
	"orders" bigint NOT NULL,
	"value_minor" bigint NOT NULL,
	"costed_minor" bigint NOT NULL,
	"cost_minor" bigint NOT NULL,
	"items" numeric(24, 6) NOT NULL,
	CONSTRAINT "metric_cells_type_hour_channel_source_campaign_currency_pk" PRIMARY KEY("type","hour","channel","source","campaign","currency")
);
--> statement-breakpoint
CREATE TABLE "purchases" (
	"record_id" uuid NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"order_id" text,
	"opens_order" boolean NOT NULL,
	"source" text NOT NULL,
	"channel" text NOT NULL,
	"campaign" text,
	"store" text,
	"currency" text NOT NULL,
	"value_minor" bigint NOT NULL,
	"cost_minor" bigint,
	"items" numeric(20, 6) NOT NULL,
	CONSTRAINT "purchases_record_id_occurred_at_id_pk" PRIMARY KEY("record_id","occurred_at","id")
);
--> statement-breakpoint
CREATE TABLE "signals" (
	"record_id" uuid NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"subject" text,
	"score" double precision,
	"ends_at" timestamp (3) with time zone,
	"source" text NOT NULL,
	"channel" text NOT NULL,
	CONSTRAINT "signals_record_id_occurred_at_id_kind_pk" PRIMARY KEY("record_id","occurred_at","id","kind")
);
--> statement-breakpoint
CREATE TABLE "customer_lifecycles" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"stage" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"risk_band" text,
	"risk_since" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	"revision" integer NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
) WITH (fillfactor = 75);
--> statement-breakpoint
CREATE TABLE "lifecycle_transitions" (
	"customer_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from_stage" text,
	"to_stage" text NOT NULL,
	"cause" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"settings_version" integer NOT NULL,
	CONSTRAINT "lifecycle_transitions_customer_id_ordinal_pk" PRIMARY KEY("customer_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "kpi_models" (
	"id" uuid PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"effective_from" timestamp (3) with time zone,
	"fitted_at" timestamp (3) with time zone NOT NULL,
	"cut_off" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "kpi_jobs" (
	"name" text PRIMARY KEY NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"failures" integer NOT NULL,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "kpi_settings" (
	"version" integer PRIMARY KEY NOT NULL,
	"effective_from" timestamp (3) with time zone NOT NULL,
	"settings" jsonb NOT NULL,
	"reason" text,
	"key_id" uuid
);
--> statement-breakpoint
CREATE TABLE "kpi_sweeps" (
	"name" text PRIMARY KEY NOT NULL,
	"revision" integer NOT NULL,
	"cursor" uuid,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "customer_scores_segment" ON "customer_scores" USING btree ("rfm_segment","customer_id");--> statement-breakpoint
CREATE INDEX "kpi_scales_time" ON "kpi_scales" USING btree ("at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "saved_metric_queries_name" ON "saved_metric_queries" USING btree ("name");--> statement-breakpoint
CREATE INDEX "purchases_occurred" ON "purchases" USING btree ("occurred_at","id");--> statement-breakpoint
CREATE INDEX "purchases_order" ON "purchases" USING btree ("record_id","order_id") WHERE "purchases"."order_id" is not null;--> statement-breakpoint
CREATE INDEX "signals_kind" ON "signals" USING btree ("kind","occurred_at","id");--> statement-breakpoint
CREATE INDEX "customer_lifecycles_due" ON "customer_lifecycles" USING btree ("due_at","customer_id") WHERE "customer_lifecycles"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "customer_lifecycles_stage" ON "customer_lifecycles" USING btree ("stage","customer_id");--> statement-breakpoint
CREATE INDEX "lifecycle_transitions_time" ON "lifecycle_transitions" USING btree ("at","customer_id","ordinal");--> statement-breakpoint
CREATE INDEX "kpi_models_effective" ON "kpi_models" USING btree ("effective_from","id");--> statement-breakpoint
-- Decimal places of a currency, as src/kernel/money.ts has them.
CREATE FUNCTION "currency_exponent"(currency text) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  select case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF',
                      'XOF', 'XPF') then 0
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    when currency in ('CLF', 'UYW') then 4
    else 2 end
$$;--> statement-breakpoint
CREATE FUNCTION "instant_or_null"(value text) RETURNS timestamptz LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
begin
  return date_trunc('milliseconds', value::timestamptz);
exception when others then
  return null;
end
$$;--> statement-breakpoint
INSERT INTO "kpi_sweeps" ("name", "revision") VALUES ('timeline', 1);--> statement-breakpoint
-- What follows from the touchpoints that are there: as src/kpis/facts/facts-rebuild.queries.ts has it.
INSERT INTO "purchases" ("record_id", "occurred_at", "id", "kind", "order_id", "opens_order", "source", "channel", "campaign",
                         "store", "currency", "value_minor", "cost_minor", "items")
select record_id, occurred_at, id, kind, order_id,
       kind = 'ORDER' and (order_id is null or
         row_number() over (partition by record_id, kind, order_id order by occurred_at, id) = 1),
       source, channel, campaign, store, currency, value_minor, case when cost = trunc(cost) then cost::bigint end, items
from (
  select record_id, occurred_at, id, case type when 'order.completed' then 'ORDER' else 'RETURN' end as kind,
         case when jsonb_typeof(properties -> 'orderId') = 'string' and char_length(properties ->> 'orderId') between 1 and 200
                then properties ->> 'orderId'
              when jsonb_typeof(properties -> 'orderId') = 'number' and properties ->> 'orderId' ~ '^-?[0-9]{1,15}$'
                then properties ->> 'orderId' end as order_id,
         source, channel, campaign,
         case when jsonb_typeof(properties -> 'store') = 'string' and char_length(properties ->> 'store') between 1 and 200
                then properties ->> 'store'
              when jsonb_typeof(properties -> 'store') = 'number' and properties ->> 'store' ~ '^-?[0-9]{1,15}$'
                then properties ->> 'store' end as store,
         currency, value_minor,
         case when jsonb_typeof(properties -> 'cost') in ('string', 'number')
               and properties ->> 'cost' ~ '^[0-9]{1,12}(\.[0-9]{1,8})?$'
              then (properties ->> 'cost')::numeric * power(10::numeric, currency_exponent(currency)) end as cost,
         coalesce((
           select case when type = 'order.returned' then abs(sum(round((line ->> 'quantity')::numeric, 6)))
                       else sum(round((line ->> 'quantity')::numeric, 6)) end
           from jsonb_array_elements(lines) as line), 0) as items
  from touchpoints
  where type in ('order.completed', 'order.returned') and value_minor is not null
) as told;--> statement-breakpoint
INSERT INTO "signals" ("record_id", "occurred_at", "id", "kind", "subject", "score", "source", "channel")
select record_id, occurred_at, t.id, told.kind,
       case when told.subject_of is null then told.subject
            when jsonb_typeof(told.subject_of) = 'string' and char_length(told.subject_of #>> '{}') between 1 and 200
              then told.subject_of #>> '{}'
            when jsonb_typeof(told.subject_of) = 'number' and told.subject_of #>> '{}' ~ '^-?[0-9]{1,15}$'
              then told.subject_of #>> '{}' end,
       told.score, source, channel
from touchpoints as t cross join lateral (
  select 'CASE_OPENED' as kind, properties -> 'caseId' as subject_of, null::text as subject,
         case when properties -> 'complaint' = 'true'::jsonb or properties ->> 'severity' = 'SEVERE' then 1 else 0
           end::double precision as score
  where type = 'case.opened'
  union all
  select case type when 'case.resolved' then 'CASE_RESOLVED' when 'case.waiting' then 'CASE_WAITING'
                   when 'case.resumed' then 'CASE_RESUMED' else 'CASE_REOPENED' end, properties -> 'caseId', null, null
  where type in ('case.resolved', 'case.waiting', 'case.resumed', 'case.reopened')
  union all
  select 'CSAT', null, 'CASE', (properties ->> 'satisfaction')::double precision
  where type = 'case.resolved' and jsonb_typeof(properties -> 'satisfaction') = 'number'
    and properties ->> 'satisfaction' ~ '^[1-5]$'
  union all
  select properties ->> 'survey', properties -> 'variant', null, score
  from (select case when jsonb_typeof(properties -> 'score') = 'number' and properties ->> 'score' ~ '^[0-9]{1,2}$'
                    then (properties ->> 'score')::double precision end as score) as answer
  where type = 'survey.answered' and case properties ->> 'survey'
    when 'NPS' then score between 0 and 10 when 'CSAT' then score between 1 and 5 when 'CES' then score between 1 and 7 end
  union all
  select 'EXIT', null, null, null where type = 'customer.left'
  union all
  select 'ADVOCACY', null, null, null where type in ('reference.given', 'referral.qualified')
) as told;--> statement-breakpoint
INSERT INTO "signals" ("record_id", "occurred_at", "id", "kind", "subject", "ends_at", "source", "channel")
select record_id, occurred_at, id, case type when 'contract.ended' then 'CONTRACT_ENDED' else 'CONTRACT' end,
       case when jsonb_typeof(properties -> 'contractId') = 'string' and char_length(properties ->> 'contractId') between 1 and 200
              then properties ->> 'contractId'
            when jsonb_typeof(properties -> 'contractId') = 'number' and properties ->> 'contractId' ~ '^-?[0-9]{1,15}$'
              then properties ->> 'contractId' end,
       case when type <> 'contract.ended' and properties ->> 'endsAt'
              ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$'
            then instant_or_null(properties ->> 'endsAt') end,
       source, channel
from touchpoints where type in ('contract.started', 'contract.renewed', 'contract.ended');--> statement-breakpoint
INSERT INTO "metric_cells" ("hour", "type", "channel", "source", "campaign", "currency", "touchpoints", "orders",
                            "value_minor", "costed_minor", "cost_minor", "items")
select date_trunc('hour', t.occurred_at, 'UTC'), t.type, t.channel, t.source, coalesce(t.campaign, ''),
       coalesce(p.currency, ''), count(*), count(*) filter (where p.opens_order), coalesce(sum(p.value_minor), 0),
       coalesce(sum(p.value_minor) filter (where p.cost_minor is not null), 0), coalesce(sum(p.cost_minor), 0),
       coalesce(sum(p.items), 0)
from touchpoints as t left join purchases as p using (record_id, occurred_at, id)
group by 1, 2, 3, 4, 5, 6;
--> statement-breakpoint
-- bi
-- What BI tools read: views only, no personal values but in one of them. `rundum bi grant` lets a role read them.
-- A view depends on the columns that it names. A migration that changes the type of such a column, or drops it, drops the
-- view first and creates it anew in the end, with its comments and grants: see docs/bi.md.
CREATE SCHEMA IF NOT EXISTS "bi";
--> statement-breakpoint
COMMENT ON SCHEMA "bi" IS 'Rundum for BI tools: documented views to read. Ids are UUIDs: those of the API without prefix, written otherwise. Amounts are in units of their currency.';
--> statement-breakpoint
-- Places as in kernel/money.ts: ISO 4217's minor units, where they aren't two. A test compares them.
CREATE OR REPLACE FUNCTION "bi"."amount"("minor" bigint, "currency" text) RETURNS numeric
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN "currency" IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF')
      THEN "minor"::numeric
    WHEN "currency" IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN "minor"::numeric * 0.001
    WHEN "currency" IN ('CLF', 'UYW') THEN "minor"::numeric * 0.0001
    ELSE "minor"::numeric * 0.01
  END;
--> statement-breakpoint
COMMENT ON FUNCTION "bi"."amount"(bigint, text) IS 'Minor units, such as cents, as an exact amount in units of the currency.';
--> statement-breakpoint
CREATE VIEW "bi"."customers" AS
  SELECT id AS customer_id, identified, records, first_seen_at, last_seen_at, touchpoints, orders, first_order_at, last_order_at,
         updated_at
  FROM customers;
--> statement-breakpoint
CREATE VIEW "bi"."customer_traits" AS
  SELECT c.id AS customer_id, t.key AS name, t.value #>> '{}' AS value
  FROM customers c CROSS JOIN LATERAL jsonb_each(c.traits) AS t
  WHERE EXISTS (SELECT FROM trait_definitions d WHERE d.name = t.key AND NOT d.personal) AND t.value <> 'null';
--> statement-breakpoint
CREATE VIEW "bi"."customer_traits_personal" AS
  SELECT c.id AS customer_id, t.key AS name, t.value #>> '{}' AS value
  FROM customers c CROSS JOIN LATERAL jsonb_each(c.traits) AS t
  WHERE NOT EXISTS (SELECT FROM trait_definitions d WHERE d.name = t.key AND NOT d.personal) AND t.value <> 'null';
--> statement-breakpoint
CREATE VIEW "bi"."customer_kpis" AS
  SELECT customer_id, currency, orders, net_orders, returns,
         bi.amount(gross_minor, currency) AS gross_revenue, bi.amount(returned_minor, currency) AS returned_revenue,
         bi.amount(gross_minor - returned_minor, currency) AS net_revenue,
         bi.amount(costed_minor, currency) AS costed_revenue, bi.amount(cost_minor, currency) AS cost,
         bi.amount(costed_minor - cost_minor, currency) AS margin, items, first_order_at, last_order_at, purchase_days,
         date '1970-01-01' + first_purchase_day AS first_purchase_day,
         date '1970-01-01' + last_purchase_day AS last_purchase_day,
         mean_repeat_minor * bi.amount(1, currency)::double precision AS mean_repeat_amount,
         gap_median, gap_q80, gap_q95, updated_at
  FROM customer_kpis;
--> statement-breakpoint
CREATE VIEW "bi"."customer_scores" AS
  SELECT customer_id, scored_at, currency, recency, frequency, monetary, rfm_segment, abc_class, model_id, probability_alive,
         churn_risk, expected_orders, bi.amount(clv_minor, currency) AS clv
  FROM customer_scores;
--> statement-breakpoint
CREATE VIEW "bi"."lifecycle" AS
  SELECT customer_id, stage, since, risk_band, risk_since, updated_at FROM customer_lifecycles;
--> statement-breakpoint
CREATE VIEW "bi"."lifecycle_transitions" AS
  SELECT customer_id, ordinal, at, from_stage, to_stage, cause, settings_version FROM lifecycle_transitions;
--> statement-breakpoint
CREATE VIEW "bi"."orders_and_returns" AS
  SELECT p.id AS touchpoint_id, p.record_id, r.customer_id, p.occurred_at, p.kind, p.order_id, p.opens_order, p.source, p.channel,
         p.campaign, p.store, p.currency, bi.amount(p.value_minor, p.currency) AS amount,
         bi.amount(p.cost_minor, p.currency) AS cost, p.items
  FROM purchases p LEFT JOIN records r ON r.id = p.record_id;
--> statement-breakpoint
CREATE VIEW "bi"."signals" AS
  SELECT s.id AS touchpoint_id, s.record_id, r.customer_id, s.occurred_at, s.kind, s.subject, s.score, s.ends_at, s.source, s.channel
  FROM signals s LEFT JOIN records r ON r.id = s.record_id;
--> statement-breakpoint
CREATE VIEW "bi"."touchpoints" AS
  SELECT t.id AS touchpoint_id, t.record_id, r.customer_id, t.occurred_at, t.received_at, t.type, t.channel, t.direction, t.source,
         t.campaign, t.currency, bi.amount(t.value_minor, t.currency) AS amount
  FROM touchpoints t LEFT JOIN records r ON r.id = t.record_id;
--> statement-breakpoint
CREATE VIEW "bi"."touchpoints_hourly" AS
  SELECT hour, type, channel, source, nullif(campaign, '') AS campaign, nullif(currency, '') AS currency,
         sum(touchpoints)::bigint AS touchpoints, sum(orders)::bigint AS orders,
         bi.amount(sum(value_minor)::bigint, currency) AS amount, bi.amount(sum(costed_minor)::bigint, currency) AS costed_amount,
         bi.amount(sum(cost_minor)::bigint, currency) AS cost, sum(items) AS items
  FROM (
    SELECT hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor, items
    FROM metric_cells
    UNION ALL
    SELECT hour, type, channel, source, campaign, currency, touchpoints, orders, value_minor, costed_minor, cost_minor, items
    FROM metric_cell_changes
  ) AS cells
  GROUP BY cells.hour, cells.type, cells.channel, cells.source, cells.campaign, cells.currency
  HAVING sum(touchpoints) <> 0;
--> statement-breakpoint
CREATE VIEW "bi"."segments" AS
  SELECT id AS segment_id, name, description, kind, status, created_at FROM segments;
--> statement-breakpoint
CREATE VIEW "bi"."segment_members" AS
  SELECT m.segment_id, s.name AS segment, m.customer_id, m.since, m.version
  FROM segment_states m JOIN segments s ON s.id = m.segment_id WHERE m.member;
--> statement-breakpoint
CREATE VIEW "bi"."loyalty_programs" AS
  SELECT id AS program_id, name, created_at FROM loyalty_programs;
--> statement-breakpoint
CREATE VIEW "bi"."loyalty_accounts" AS
  SELECT a.record_id, r.customer_id, a.program_id, a.wallet, a.issued, a.pending, a.available, a.reserved, a.redeemed, a.expired,
         a.reversed, a.adjusted, a.transferred, a.owed, a.opened_at
  FROM loyalty_accounts a LEFT JOIN records r ON r.id = a.record_id;
--> statement-breakpoint
CREATE VIEW "bi"."loyalty_postings" AS
  SELECT p.id AS posting_id, p.entry_id, p.record_id, r.customer_id, p.program_id, p.wallet, p.lot_id, p.at, p.from_bucket,
         p.to_bucket, p.points, p.kind
  FROM loyalty_postings p LEFT JOIN records r ON r.id = p.record_id;
--> statement-breakpoint
CREATE VIEW "bi"."loyalty_tiers" AS
  SELECT customer_id, program_id, tier, tier_since AS since FROM loyalty_members WHERE tier IS NOT NULL;
--> statement-breakpoint
-- Hangs on no table: it stays where somebody has emptied the schema of the tables.
CREATE OR REPLACE VIEW "bi"."calendar" AS
  SELECT day::date AS day, extract(year FROM day)::integer AS year, extract(quarter FROM day)::integer AS quarter,
         extract(month FROM day)::integer AS month, date_trunc('week', day)::date AS week, date_trunc('month', day)::date AS month_start,
         extract(isoyear FROM day)::integer AS iso_year, extract(week FROM day)::integer AS iso_week,
         extract(isodow FROM day)::integer AS weekday
  FROM generate_series(timestamp '2000-01-01', timestamp '2049-12-31', interval '1 day') AS day;
--> statement-breakpoint
COMMENT ON VIEW "bi"."customers" IS 'Everybody who is somebody, one row each, without personal values.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."identified" IS 'Known by an identifier that names a person, not only by a device.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."records" IS 'Source records that belong to the customer now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."first_seen_at" IS 'Time of the first touchpoint.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."last_seen_at" IS 'Time of the latest touchpoint.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."touchpoints" IS 'Touchpoints of all records.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."orders" IS 'Orders, returns not taken off. Shipments of one order are one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."first_order_at" IS 'Time of the first order.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."last_order_at" IS 'Time of the latest order.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers"."updated_at" IS 'When anything in this row changed last.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."customer_kpis" IS 'What customers'' orders and returns come to. Only customers with an order or a return have a row.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."currency" IS 'ISO 4217 code of the amounts: the currency of most of their orders. Others are not in them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."orders" IS 'Orders in all currencies. Shipments of one order are one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."net_orders" IS 'Orders of which something was kept.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."returns" IS 'Returns.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."gross_revenue" IS 'Value of the orders.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."returned_revenue" IS 'Value of the returns.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."net_revenue" IS 'Gross less returned revenue.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."costed_revenue" IS 'Value of orders less returns whose cost is known.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."cost" IS 'That cost.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."margin" IS 'Costed revenue less cost.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."items" IS 'Items ordered, less those returned.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."first_order_at" IS 'Time of the first order.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."last_order_at" IS 'Time of the latest order.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."purchase_days" IS 'Days, in the organisation''s time zone, on which something was ordered and not wholly returned.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."first_purchase_day" IS 'The first of them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."last_purchase_day" IS 'The latest of them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."mean_repeat_amount" IS 'Mean worth of a purchase day after the first; null without one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."gap_median" IS 'Days between purchase days: median.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."gap_q80" IS 'Days between purchase days: four of five are not longer.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."gap_q95" IS 'Days between purchase days: nineteen of twenty are not longer.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_kpis"."updated_at" IS 'When it was folded last.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."customer_scores" IS 'How customers compare with all others and what models foresee, as of the last scoring run.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."scored_at" IS 'As of when.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."currency" IS 'ISO 4217 code of the amounts.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."recency" IS 'RFM: 1 to 5, 5 the most recent.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."frequency" IS 'RFM: 1 to 5, 5 the most orders.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."monetary" IS 'RFM: 1 to 5, 5 the most revenue.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."rfm_segment" IS 'Name of the RFM segment.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."abc_class" IS 'A, B or C by revenue.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."model_id" IS 'The CLV model that the rest is from; null: there was none.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."probability_alive" IS 'Probability that they will buy again.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."churn_risk" IS 'From 0 to 1.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."expected_orders" IS 'Orders expected within the horizon of the settings.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_scores"."clv" IS 'Customer lifetime value foreseen for that horizon, discounted.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."lifecycle" IS 'Where customers are in their life cycle. Who is anonymous has no row.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."stage" IS 'Stage of the life cycle, such as NEW, ACTIVE or LOST.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."since" IS 'Since when.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."risk_band" IS 'LOW, ELEVATED or HIGH; null where there is nothing to lose.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."risk_since" IS 'Since when.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle"."updated_at" IS 'When it was looked at last.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."lifecycle_transitions" IS 'How customers got there. Derived from what happened and when, so a late event can rewrite it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."ordinal" IS '0, 1, … in order of time.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."at" IS 'When.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."from_stage" IS 'The stage before; null: the beginning.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."to_stage" IS 'The stage after.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."cause" IS 'Why.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."lifecycle_transitions"."settings_version" IS 'Version of the settings that it follows from.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."orders_and_returns" IS 'Orders and returns: one row for each shipment and each return.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."touchpoint_id" IS 'The touchpoint that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."record_id" IS 'The source record.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."customer_id" IS 'The customer whose record it is now; null: nobody knows whose it is.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."occurred_at" IS 'When it happened.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."kind" IS 'ORDER or RETURN.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."order_id" IS 'The order''s number at its source; of a return: the order that it is from.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."opens_order" IS 'The first shipment of its order: what is counted as an order.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."source" IS 'The system that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."channel" IS 'Where it took place, such as WEB or POS.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."campaign" IS 'The campaign that it is credited to.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."store" IS 'The shop.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."currency" IS 'ISO 4217 code of the amounts.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."amount" IS 'Its worth in units of the currency, never negative: of returns, what was given back.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."cost" IS 'What the goods cost the organisation, in the same currency; null: not known.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."orders_and_returns"."items" IS 'Sum of the quantities of its lines; 0 without lines.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."signals" IS 'Answers to surveys, cases, contracts: what customers say and what befalls them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."touchpoint_id" IS 'The touchpoint that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."record_id" IS 'The source record.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."customer_id" IS 'The customer whose record it is now; null: nobody knows whose it is.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."occurred_at" IS 'When it happened.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."kind" IS 'What it is, such as NPS, CSAT, CES or CASE_OPENED.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."subject" IS 'A survey''s variant; of cases and contracts, which one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."score" IS 'A survey''s score. Of a case: 1 where it is severe or a complaint, else 0.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."ends_at" IS 'When a contract ends.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."source" IS 'The system that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."signals"."channel" IS 'Where it took place, such as WEB or POS.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."touchpoints" IS 'Every interaction, without what it carried.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."touchpoint_id" IS 'The touchpoint.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."record_id" IS 'The source record.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."customer_id" IS 'The customer whose record it is now; null: nobody knows whose it is.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."occurred_at" IS 'When it happened, corrected for a wrong clock of the sender.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."received_at" IS 'When this platform accepted it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."type" IS 'What happened, such as order.completed or page.viewed.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."channel" IS 'Where it took place, such as WEB or POS.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."direction" IS 'INBOUND: the customer did something. OUTBOUND: the organisation turned to the customer.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."source" IS 'The system that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."campaign" IS 'The campaign that it is credited to.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."currency" IS 'ISO 4217 code of the amounts.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints"."amount" IS 'What it was worth, in units of the currency.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."touchpoints_hourly" IS 'Touchpoints rolled up by the hour, whoever they are of: what revenue series are read from.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."hour" IS 'Start of the hour, UTC.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."type" IS 'What happened, such as order.completed or page.viewed.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."channel" IS 'Where it took place, such as WEB or POS.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."source" IS 'The system that told of it.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."campaign" IS 'The campaign that it is credited to.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."currency" IS 'ISO 4217 code of the amounts; null for all that is no order or return.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."touchpoints" IS 'How many.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."orders" IS 'Orders: first shipments.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."amount" IS 'Their worth.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."costed_amount" IS 'The worth of those whose cost is known.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."cost" IS 'That cost.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_hourly"."items" IS 'Sum of the quantities of their lines.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."segment_members" IS 'Who is in which segment now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_members"."segment_id" IS 'The segment.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_members"."segment" IS 'Its name.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_members"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_members"."since" IS 'Since when.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_members"."version" IS 'Version of the definition that says so.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."loyalty_accounts" IS 'Points of each card, by programme and wallet.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."record_id" IS 'The source record.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."customer_id" IS 'The customer whose record it is now; null: nobody knows whose it is.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."program_id" IS 'The loyalty programme.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."wallet" IS 'The kind of points.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."issued" IS 'Points ever issued, what was taken back included.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."pending" IS 'Points that will become available.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."available" IS 'Points that can be spent.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."reserved" IS 'Points set aside for a redemption under way.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."redeemed" IS 'Points spent.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."expired" IS 'Points that expired.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."reversed" IS 'Points taken back, such as for returns.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."adjusted" IS 'Points taken out by corrections.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."transferred" IS 'Points handed over to others.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."owed" IS 'Points spent that nothing covers.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_accounts"."opened_at" IS 'When the account was opened.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."loyalty_postings" IS 'The ledger of points. Every row takes points out of one bucket and puts them into another.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."posting_id" IS 'UUID of the row of the ledger, in the order of writing.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."entry_id" IS 'What was written for one cause has one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."record_id" IS 'The source record.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."customer_id" IS 'The customer whose record it is now; null: nobody knows whose it is.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."program_id" IS 'The loyalty programme.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."wallet" IS 'The kind of points.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."lot_id" IS 'The points that were granted together and expire together.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."at" IS 'When.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."from_bucket" IS 'Where the points were.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."to_bucket" IS 'Where they are now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."points" IS 'How many, more than 0.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_postings"."kind" IS 'Why.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."loyalty_tiers" IS 'The tier of each member of a programme that has tiers.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tiers"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tiers"."program_id" IS 'The loyalty programme.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tiers"."tier" IS 'Key of the tier.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tiers"."since" IS 'Since when.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."customer_traits" IS 'Golden values of the traits that the catalogue calls not personal, one row each.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits"."name" IS 'Name of the trait.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits"."value" IS 'The value as text; of an object or a list, JSON.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."customer_traits_personal" IS 'Golden values of all other traits: names, addresses, telephone numbers … Not granted without --pii.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits_personal"."customer_id" IS 'The customer, by who is who now.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits_personal"."name" IS 'Name of the trait.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customer_traits_personal"."value" IS 'The value as text; of an object or a list, JSON.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."segments" IS 'Groups of customers.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."segment_id" IS 'The segment.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."name" IS 'Its name.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."description" IS 'What it is for.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."kind" IS 'DYNAMIC: by a condition. LIST: kept by people.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."status" IS 'ACTIVE, ARCHIVING or ARCHIVED.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segments"."created_at" IS 'When it was made.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."loyalty_programs" IS 'Loyalty programmes.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_programs"."program_id" IS 'The programme.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_programs"."name" IS 'Its name.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_programs"."created_at" IS 'When it was made.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."calendar" IS 'One row for each day from 2000 to 2049: to join series to, so that days without anything have a row.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."day" IS 'The day.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."year" IS 'Its year.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."quarter" IS '1 to 4.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."month" IS '1 to 12.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."week" IS 'Monday of its week.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."month_start" IS 'First day of its month.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."iso_year" IS 'Year of its ISO week.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."iso_week" IS 'ISO week, 1 to 53.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."calendar"."weekday" IS '1: Monday, to 7: Sunday.';
-- bi end
