CREATE TABLE "company_changes" (
	"customer_id" uuid NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	CONSTRAINT "company_changes_customer_id_id_pk" PRIMARY KEY("customer_id","id")
);
--> statement-breakpoint
CREATE TABLE "segment_book" (
	"id" integer PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segment_builds" (
	"segment_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"verdict" boolean NOT NULL,
	"due_at" timestamp (3) with time zone,
	CONSTRAINT "segment_builds_segment_id_customer_id_pk" PRIMARY KEY("segment_id","customer_id")
);
--> statement-breakpoint
CREATE TABLE "segment_list_entries" (
	"record_id" uuid NOT NULL,
	"segment_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "segment_list_entries_record_id_segment_id_pk" PRIMARY KEY("record_id","segment_id")
);
--> statement-breakpoint
CREATE TABLE "segment_log" (
	"customer_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"segment_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"entered" boolean NOT NULL,
	"cause" text NOT NULL,
	"cause_id" uuid,
	CONSTRAINT "segment_log_customer_id_id_pk" PRIMARY KEY("customer_id","id")
);
--> statement-breakpoint
CREATE TABLE "segment_states" (
	"customer_id" uuid NOT NULL,
	"segment_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"member" boolean NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	CONSTRAINT "segment_states_customer_id_segment_id_pk" PRIMARY KEY("customer_id","segment_id")
);
--> statement-breakpoint
CREATE TABLE "segment_tallies" (
	"segment_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"members" integer NOT NULL,
	CONSTRAINT "segment_tallies_segment_id_id_pk" PRIMARY KEY("segment_id","id")
);
--> statement-breakpoint
CREATE TABLE "segment_versions" (
	"segment_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"pins" jsonb NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	"fingerprint" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"phase" text NOT NULL,
	"position" uuid,
	"customers" integer NOT NULL,
	"evaluated" integer NOT NULL,
	"entered" integer NOT NULL,
	"departed" integer NOT NULL,
	"failures" integer NOT NULL,
	"failed_at" timestamp (3) with time zone,
	"failure" text,
	"served_at" timestamp (3) with time zone,
	CONSTRAINT "segment_versions_segment_id_version_pk" PRIMARY KEY("segment_id","version")
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"served_version" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "records" ADD COLUMN "types_seen" bigint DEFAULT -1 NOT NULL;--> statement-breakpoint
CREATE INDEX "segment_builds_customer" ON "segment_builds" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "segment_list_entries_segment" ON "segment_list_entries" USING btree ("segment_id","added_at","record_id");--> statement-breakpoint
CREATE INDEX "segment_log_time" ON "segment_log" USING btree ("segment_id","at","id");--> statement-breakpoint
CREATE INDEX "segment_log_customer" ON "segment_log" USING btree ("segment_id","customer_id","at","id");--> statement-breakpoint
CREATE INDEX "segment_states_members" ON "segment_states" USING btree ("segment_id","since","customer_id") WHERE "segment_states"."member";--> statement-breakpoint
CREATE INDEX "segment_states_segment" ON "segment_states" USING btree ("segment_id","customer_id");--> statement-breakpoint
CREATE INDEX "segment_states_due" ON "segment_states" USING btree ("due_at") WHERE "segment_states"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "segment_versions_building" ON "segment_versions" USING btree ("created_at","segment_id") WHERE "segment_versions"."phase" in ('EVALUATING', 'APPLYING');--> statement-breakpoint
CREATE INDEX "segments_created" ON "segments" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "segments_name" ON "segments" USING btree ("name","id");--> statement-breakpoint
-- What has to be evaluated live, and how often that has changed. One row.
INSERT INTO "segment_book" ("id", "revision") VALUES (1, 0);
