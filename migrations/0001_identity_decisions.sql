CREATE TABLE "decision_records" (
	"record_id" uuid NOT NULL,
	"decision_id" uuid NOT NULL,
	"side" smallint NOT NULL,
	CONSTRAINT "decision_records_record_id_decision_id_pk" PRIMARY KEY("record_id","decision_id")
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"fingerprint" uuid NOT NULL,
	"identifier_id" uuid,
	"regrouping_id" uuid,
	"weight" double precision,
	"model_version" integer,
	"decided_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoked_by" text,
	"revoke_reason" text
);
--> statement-breakpoint
CREATE TABLE "identity_rules" (
	"version" integer PRIMARY KEY NOT NULL,
	"rules" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"fingerprint" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"phase" text NOT NULL,
	"position" uuid,
	"checked" integer NOT NULL,
	"total" integer NOT NULL,
	"merges" integer NOT NULL,
	"splits" integer NOT NULL,
	"applied_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "refused_links" (
	"record_id" uuid NOT NULL,
	"evidence_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"other_record_id" uuid,
	"refusal" text NOT NULL,
	"limited_by" text,
	"refused_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "refused_links_record_id_evidence_id_kind_pk" PRIMARY KEY("record_id","evidence_id","kind")
);
--> statement-breakpoint
CREATE TABLE "regroupings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"customer_id" uuid NOT NULL,
	"other_id" uuid NOT NULL,
	"record_ids" uuid[] NOT NULL,
	"other_record_ids" uuid[] NOT NULL,
	"cause" text NOT NULL,
	"cause_id" text
);
--> statement-breakpoint
ALTER TABLE "claims" ADD COLUMN "removed_by" uuid;--> statement-breakpoint
ALTER TABLE "identifiers" ADD COLUMN "blocked" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "identifiers" ADD COLUMN "cut_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "records" ADD COLUMN "owned" boolean DEFAULT true NOT NULL;--> statement-breakpoint
UPDATE "records" SET "owned" = false WHERE "customer_id" IS NULL;--> statement-breakpoint
-- Claimants were counted up to one past the shipped limits, which were in force until now.
UPDATE "identifiers" SET "cut_at" = "created_at" WHERE "records" > CASE "kind" WHEN 'userId' THEN 1000 ELSE 50 END;--> statement-breakpoint
CREATE INDEX "decision_records_decision" ON "decision_records" USING btree ("decision_id");--> statement-breakpoint
CREATE INDEX "decisions_time" ON "decisions" USING btree ("decided_at","id");--> statement-breakpoint
CREATE INDEX "refused_links_time" ON "refused_links" USING btree ("refused_at","record_id","evidence_id");--> statement-breakpoint
CREATE INDEX "regroupings_customer" ON "regroupings" USING btree ("customer_id","at");--> statement-breakpoint
CREATE INDEX "regroupings_other" ON "regroupings" USING btree ("other_id","at");--> statement-breakpoint
CREATE INDEX "identifiers_cut" ON "identifiers" USING btree ("cut_at","id") WHERE "identifiers"."cut_at" is not null;