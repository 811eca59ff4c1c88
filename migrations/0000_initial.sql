CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"owner" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "claims" (
	"identifier_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"given" text,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"first_touchpoint_id" uuid NOT NULL,
	"last_seen_on" date NOT NULL,
	CONSTRAINT "claims_identifier_id_record_id_pk" PRIMARY KEY("identifier_id","record_id")
);
--> statement-breakpoint
CREATE TABLE "customers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"identified" boolean NOT NULL,
	"records" integer NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"touchpoints" bigint NOT NULL,
	"orders" integer NOT NULL,
	"first_order_at" timestamp (3) with time zone,
	"last_order_at" timestamp (3) with time zone,
	"revenue" jsonb NOT NULL,
	"traits" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "identifiers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"value" text NOT NULL,
	"records" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "record_traits" (
	"record_id" uuid NOT NULL,
	"name" text NOT NULL,
	"value" jsonb NOT NULL,
	"set_at" timestamp (3) with time zone NOT NULL,
	"touchpoint_id" uuid NOT NULL,
	CONSTRAINT "record_traits_record_id_name_pk" PRIMARY KEY("record_id","name")
);
--> statement-breakpoint
CREATE TABLE "records" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"key" text NOT NULL,
	"customer_id" uuid,
	"component_id" uuid,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"touchpoints" bigint NOT NULL,
	"identified" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "changes" (
	"tx" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"topic" text NOT NULL,
	"customer_id" uuid,
	"subject_id" uuid NOT NULL,
	"detail" jsonb,
	CONSTRAINT "changes_tx_seq_pk" PRIMARY KEY("tx","seq")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"file_name" text NOT NULL,
	"rows_done" bigint NOT NULL,
	"state" jsonb NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "quarantine" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"message_id" text NOT NULL,
	"body" jsonb NOT NULL,
	"code" text NOT NULL,
	"reason" text NOT NULL,
	"attempts" integer NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"quarantined_at" timestamp (3) with time zone NOT NULL,
	"last_attempt_at" timestamp (3) with time zone NOT NULL,
	"resolved_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"fingerprint" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "record_revenue" (
	"record_id" uuid NOT NULL,
	"currency" text NOT NULL,
	"orders" integer NOT NULL,
	"returns" integer NOT NULL,
	"gross" bigint NOT NULL,
	"returned" bigint NOT NULL,
	"first_order_at" timestamp (3) with time zone,
	"last_order_at" timestamp (3) with time zone,
	CONSTRAINT "record_revenue_record_id_currency_pk" PRIMARY KEY("record_id","currency")
);
--> statement-breakpoint
CREATE TABLE "touchpoints" (
	"record_id" uuid NOT NULL,
	"occurred_at" timestamp (3) with time zone NOT NULL,
	"id" uuid NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL,
	"message_id" text NOT NULL,
	"type" text NOT NULL,
	"channel" text NOT NULL,
	"direction" text NOT NULL,
	"value_minor" bigint,
	"currency" text,
	"campaign" text,
	"traits" jsonb,
	"properties" jsonb,
	"lines" jsonb,
	"context" jsonb,
	CONSTRAINT "touchpoints_record_id_occurred_at_id_pk" PRIMARY KEY("record_id","occurred_at","id")
) PARTITION BY RANGE ("occurred_at");
--> statement-breakpoint
CREATE INDEX "claims_record" ON "claims" USING btree ("record_id");--> statement-breakpoint
CREATE INDEX "customers_first_seen" ON "customers" USING btree ("first_seen_at","id");--> statement-breakpoint
CREATE INDEX "customers_last_seen" ON "customers" USING btree ("last_seen_at","id");--> statement-breakpoint
CREATE INDEX "records_customer" ON "records" USING btree ("customer_id") WHERE "records"."customer_id" is not null;--> statement-breakpoint
CREATE INDEX "records_component" ON "records" USING btree ("component_id") WHERE "records"."component_id" is not null;--> statement-breakpoint
CREATE INDEX "quarantine_waiting" ON "quarantine" USING btree ("quarantined_at","id");--> statement-breakpoint
CREATE INDEX "touchpoints_occurred" ON "touchpoints" USING btree ("occurred_at","id");
--> statement-breakpoint
-- Room on each page for HOT updates: totals change with every touchpoint, indexed columns hardly ever.
ALTER TABLE "records" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "customers" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "record_revenue" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "record_traits" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "claims" SET (fillfactor = 80);--> statement-breakpoint
-- 244 random bits from which the ids of facts are derived. It belongs to this database and travels with its backups.
INSERT INTO "settings" ("name", "value") VALUES ('id_secret', to_jsonb(gen_random_uuid()::text || gen_random_uuid()::text));
