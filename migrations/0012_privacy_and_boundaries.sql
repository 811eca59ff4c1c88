-- Consents and preferences.
CREATE TABLE "consent_statements" (
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"channel" text NOT NULL,
	"status" text NOT NULL,
	"legal_basis" text NOT NULL,
	"origin" text NOT NULL,
	"source" text NOT NULL,
	"evidence" jsonb,
	"actor" text,
	"reason" text,
	"stated_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"fingerprint" uuid,
	CONSTRAINT "consent_statements_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "customer_consents" (
	"customer_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"channel" text NOT NULL,
	"status" text NOT NULL,
	"legal_basis" text NOT NULL,
	"source" text NOT NULL,
	"record_id" uuid NOT NULL,
	"statement_id" uuid NOT NULL,
	"stated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"conflict" boolean NOT NULL,
	"told_expiry" timestamp (3) with time zone,
	CONSTRAINT "customer_consents_customer_id_purpose_channel_pk" PRIMARY KEY("customer_id","purpose","channel")
);
--> statement-breakpoint
CREATE TABLE "consent_purposes" (
	"name" text PRIMARY KEY NOT NULL,
	"label" text NOT NULL,
	"description" text NOT NULL,
	"channels" text[] NOT NULL,
	"offered" boolean NOT NULL,
	"reviewed_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "preference_statements" (
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"value" jsonb NOT NULL,
	"declared" boolean NOT NULL,
	"origin" text NOT NULL,
	"source" text NOT NULL,
	"actor" text,
	"stated_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" uuid,
	CONSTRAINT "preference_statements_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "preference_definitions" (
	"name" text PRIMARY KEY NOT NULL,
	"label" text NOT NULL,
	"description" text NOT NULL,
	"kind" text NOT NULL,
	"options" text[] NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "preference_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "consent_statements_decision" ON "consent_statements" USING btree ("id") WHERE "consent_statements"."origin" <> 'TOUCHPOINT';--> statement-breakpoint
CREATE INDEX "customer_consents_status" ON "customer_consents" USING btree ("purpose","channel","status","customer_id");--> statement-breakpoint
CREATE INDEX "customer_consents_expiry" ON "customer_consents" USING btree ("expires_at","customer_id","purpose","channel") WHERE "customer_consents"."expires_at" is not null and "customer_consents"."expires_at" is distinct from "customer_consents"."told_expiry";--> statement-breakpoint
CREATE INDEX "preference_statements_decision" ON "preference_statements" USING btree ("id") WHERE "preference_statements"."origin" <> 'TOUCHPOINT';--> statement-breakpoint
CREATE INDEX "preference_links_customer" ON "preference_links" USING btree ("customer_id","id");
--> statement-breakpoint
-- Requests of data subjects, suppressions, erasure.
CREATE TABLE "data_subject_receipts" (
	"request_id" uuid NOT NULL,
	"table_name" text NOT NULL,
	"effect" text NOT NULL,
	"rows" bigint NOT NULL,
	"what" text NOT NULL,
	CONSTRAINT "data_subject_receipts_request_id_table_name_pk" PRIMARY KEY("request_id","table_name")
);
--> statement-breakpoint
CREATE TABLE "data_subject_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"customer_id" uuid NOT NULL,
	"key_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"detail" jsonb NOT NULL,
	"fingerprint" uuid NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"request_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"lifted_at" timestamp (3) with time zone,
	"lifted_by" text,
	"lift_reason" text
);
--> statement-breakpoint
CREATE INDEX "data_subject_requests_time" ON "data_subject_requests" USING btree ("requested_at","id");--> statement-breakpoint
CREATE INDEX "data_subject_requests_customer" ON "data_subject_requests" USING btree ("customer_id","requested_at","id");--> statement-breakpoint
CREATE INDEX "suppressions_request" ON "suppressions" USING btree ("request_id","id");--> statement-breakpoint
CREATE INDEX "suppressions_in_force" ON "suppressions" USING btree ("at","id") WHERE "suppressions"."lifted_at" is null;
--> statement-breakpoint
ALTER TABLE "records" ADD COLUMN "erased_at" timestamp (3) with time zone;--> statement-breakpoint
-- An erasure gives what stays of a person in the ledger other names, and may change nothing else of it.
CREATE OR REPLACE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_setting('rundum.erasing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the loyalty ledger is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE FUNCTION "check_ledger_renaming"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW."id", NEW."entry_id", NEW."program_id", NEW."wallet", NEW."at", NEW."from_bucket", NEW."to_bucket", NEW."points", NEW."kind")
     IS DISTINCT FROM
     (OLD."id", OLD."entry_id", OLD."program_id", OLD."wallet", OLD."at", OLD."from_bucket", OLD."to_bucket", OLD."points", OLD."kind") THEN
    RAISE EXCEPTION 'the loyalty ledger is append-only: an erasure changes names in it, and nothing else' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "loyalty_postings_renaming" BEFORE UPDATE ON "loyalty_postings"
FOR EACH ROW EXECUTE FUNCTION "check_ledger_renaming"();
--> statement-breakpoint
-- Free text that somebody gave as a reason may be about the person: an erasure takes it away, and says so in the log.
CREATE OR REPLACE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_entries' AND current_setting('rundum.erasing', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE FUNCTION "check_audit_withholding"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW."reason" IS NOT NULL
     OR (NEW."id", NEW."at", NEW."key_id", NEW."actor", NEW."request_id", NEW."action", NEW."subject", NEW."detail")
        IS DISTINCT FROM
        (OLD."id", OLD."at", OLD."key_id", OLD."actor", OLD."request_id", OLD."action", OLD."subject", OLD."detail") THEN
    RAISE EXCEPTION 'the audit log is append-only: an erasure takes reasons out of it, and changes nothing else' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER "audit_entries_withholding" BEFORE UPDATE ON "audit_entries"
FOR EACH ROW EXECUTE FUNCTION "check_audit_withholding"();
--> statement-breakpoint
-- What touchpoints carried, and how long they are kept.
CREATE TABLE "retention_policies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"pattern" text NOT NULL,
	"keep_days" integer,
	"what" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"walked_at" timestamp (3) with time zone,
	"walked_to" uuid,
	"passed_at" timestamp (3) with time zone,
	"deleted" bigint NOT NULL,
	"anonymized" bigint NOT NULL,
	"records_deleted" bigint NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"failed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "retention_policies_pattern" ON "retention_policies" USING btree ("pattern") WHERE "retention_policies"."ended_at" is null;--> statement-breakpoint
ALTER TABLE "touchpoints" ADD COLUMN "identifier_ids" uuid[];--> statement-breakpoint
ALTER TABLE "touchpoints" ADD COLUMN "given" jsonb;
--> statement-breakpoint
-- Boundaries of keys.
ALTER TABLE "api_keys" ADD COLUMN "boundary" jsonb;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "write_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "allowed_origins" text[] DEFAULT '{}' NOT NULL;
--> statement-breakpoint
-- Costs, limits of connections; what KPIs have seen; views of aggregates.
ALTER TABLE "api_keys" ADD COLUMN "cost_per_minute" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "trusted_documents_only" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "api_key_days" ADD COLUMN "cost" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_key_minutes" ADD COLUMN "cost" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "max_connections" integer;--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "max_subscriptions" integer;--> statement-breakpoint
CREATE TABLE "customer_observations" (
	"customer_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"engagement_fall" double precision NOT NULL,
	"tier_drop_at" timestamp (3) with time zone,
	"lever_group" text,
	CONSTRAINT "customer_observations_customer_id_at_pk" PRIMARY KEY("customer_id","at")
);
--> statement-breakpoint
CREATE VIEW "bi"."sales_by_month" AS
  SELECT month, channel, source, currency, few AS suppressed, CASE WHEN NOT few THEN orders END AS orders,
         CASE WHEN NOT few THEN returns END AS returns, CASE WHEN NOT few THEN buyers END AS buyers,
         CASE WHEN NOT few THEN bi.amount(gross, currency) END AS gross_amount,
         CASE WHEN NOT few THEN bi.amount(returned, currency) END AS returned_amount
  FROM (
    SELECT date_trunc('month', p.occurred_at AT TIME ZONE 'UTC')::date AS month, p.channel, p.source, p.currency,
           count(DISTINCT coalesce(r.customer_id, p.record_id)) < 5 AS few,
           count(*) FILTER (WHERE p.opens_order) AS orders, count(*) FILTER (WHERE p.kind = 'RETURN') AS returns,
           count(DISTINCT r.customer_id) FILTER (WHERE p.opens_order) AS buyers,
           coalesce(sum(p.value_minor) FILTER (WHERE p.kind = 'ORDER'), 0)::bigint AS gross,
           coalesce(sum(p.value_minor) FILTER (WHERE p.kind = 'RETURN'), 0)::bigint AS returned
    FROM purchases p LEFT JOIN records r ON r.id = p.record_id
    GROUP BY 1, 2, 3, 4
  ) AS counted;
--> statement-breakpoint
CREATE VIEW "bi"."touchpoints_by_month" AS
  SELECT month, type, channel, source, few AS suppressed, CASE WHEN NOT few THEN touchpoints END AS touchpoints,
         CASE WHEN NOT few THEN customers END AS customers
  FROM (
    SELECT date_trunc('month', t.occurred_at AT TIME ZONE 'UTC')::date AS month, t.type, t.channel, t.source,
           count(DISTINCT coalesce(r.customer_id, t.record_id)) < 5 AS few, count(*) AS touchpoints,
           count(DISTINCT r.customer_id) AS customers
    FROM touchpoints t LEFT JOIN records r ON r.id = t.record_id
    WHERE t.type NOT IN ('order.completed', 'order.returned')
    GROUP BY 1, 2, 3, 4
  ) AS counted;
--> statement-breakpoint
CREATE VIEW "bi"."customers_by_stage" AS
  SELECT stage, risk_band, count(*) < 5 AS suppressed, CASE WHEN count(*) >= 5 THEN count(*) END AS customers
  FROM (
    SELECT coalesce(l.stage, CASE WHEN NOT c.identified THEN 'ANONYMOUS' END) AS stage, l.risk_band
    FROM customers c LEFT JOIN customer_lifecycles l ON l.customer_id = c.id
  ) AS staged
  GROUP BY stage, risk_band;
--> statement-breakpoint
CREATE VIEW "bi"."segment_sizes" AS
  SELECT s.id AS segment_id, s.name AS segment, coalesce(m.members, 0) BETWEEN 1 AND 4 AS suppressed,
         CASE WHEN coalesce(m.members, 0) NOT BETWEEN 1 AND 4 THEN coalesce(m.members, 0) END AS members
  FROM segments s
  LEFT JOIN (SELECT segment_id, count(*) AS members FROM segment_states WHERE member GROUP BY 1) AS m ON m.segment_id = s.id;
--> statement-breakpoint
CREATE VIEW "bi"."loyalty_tier_sizes" AS
  SELECT m.program_id, p.name AS program, m.tier, count(*) < 5 AS suppressed,
         CASE WHEN count(*) >= 5 THEN count(*) END AS members
  FROM loyalty_members m JOIN loyalty_programs p ON p.id = m.program_id WHERE m.tier IS NOT NULL
  GROUP BY m.program_id, p.name, m.tier;
--> statement-breakpoint
COMMENT ON VIEW "bi"."sales_by_month" IS 'Orders and returns by month, channel, source and currency. Numbers about fewer than five customers or receipts are null.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."month" IS 'First day of the month, which begins and ends in UTC.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."channel" IS 'Such as WEB or POS.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."source" IS 'The system that sent them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."currency" IS 'ISO 4217 code.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."suppressed" IS 'Fewer than five: the numbers are left out.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."orders" IS 'Orders; shipments of one order are one.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."returns" IS 'Times that something was returned.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."buyers" IS 'Customers with an order, each once.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."gross_amount" IS 'Value of orders, whatever was returned.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."sales_by_month"."returned_amount" IS 'Value of what was returned.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."touchpoints_by_month" IS 'Touchpoints by month, type, channel and source, but for orders and returns. Numbers about fewer than five customers or receipts are null.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."month" IS 'First day of the month, which begins and ends in UTC.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."type" IS 'Such as page.viewed.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."channel" IS 'Such as WEB or POS.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."source" IS 'The system that sent them.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."suppressed" IS 'Fewer than five: the numbers are left out.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."touchpoints" IS 'How many.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."touchpoints_by_month"."customers" IS 'Of how many customers, each once.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."customers_by_stage" IS 'Customers by stage of their life cycle and band of their churn risk. Fewer than five are null.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers_by_stage"."stage" IS 'Such as ACTIVE; null: not looked at yet.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers_by_stage"."risk_band" IS 'LOW, ELEVATED or HIGH; null: there is nothing to lose.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers_by_stage"."suppressed" IS 'Fewer than five: the number is left out.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."customers_by_stage"."customers" IS 'How many.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."segment_sizes" IS 'Segments with how many customers are in them now. Fewer than five are null, none is 0.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_sizes"."segment_id" IS 'The segment.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_sizes"."segment" IS 'Its name.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_sizes"."suppressed" IS 'Fewer than five: the number is left out.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."segment_sizes"."members" IS 'Customers who are in it.';
--> statement-breakpoint
COMMENT ON VIEW "bi"."loyalty_tier_sizes" IS 'Members of loyalty programmes by tier. Fewer than five are null.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tier_sizes"."program_id" IS 'The programme.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tier_sizes"."program" IS 'Its name.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tier_sizes"."tier" IS 'Key of the tier.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tier_sizes"."suppressed" IS 'Fewer than five: the number is left out.';
--> statement-breakpoint
COMMENT ON COLUMN "bi"."loyalty_tier_sizes"."members" IS 'Customers with that tier now.';
