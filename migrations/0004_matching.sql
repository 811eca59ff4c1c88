CREATE TABLE "match_blocks" (
	"key" bigint NOT NULL,
	"record_id" uuid NOT NULL,
	CONSTRAINT "match_blocks_key_record_id_pk" PRIMARY KEY("key","record_id")
);
--> statement-breakpoint
CREATE TABLE "match_candidates" (
	"record_a" uuid NOT NULL,
	"record_b" uuid NOT NULL,
	"id" uuid NOT NULL,
	"weight" double precision NOT NULL,
	"model_version" integer NOT NULL,
	"status" text NOT NULL,
	"decision_id" uuid,
	"found_at" timestamp (3) with time zone NOT NULL,
	"scored_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "match_candidates_record_a_record_b_pk" PRIMARY KEY("record_a","record_b")
);
--> statement-breakpoint
CREATE TABLE "match_models" (
	"version" integer PRIMARY KEY NOT NULL,
	"sources" jsonb NOT NULL,
	"model" jsonb NOT NULL,
	"evaluation" jsonb,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"active" boolean NOT NULL,
	"activated_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "match_progress" (
	"name" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"tx" "xid8" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"model_version" integer
);
--> statement-breakpoint
CREATE TABLE "match_records" (
	"record_id" uuid PRIMARY KEY NOT NULL,
	"fingerprint" uuid NOT NULL,
	"keys" bigint[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "match_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"options" jsonb NOT NULL,
	"fingerprint" uuid NOT NULL,
	"actor" text NOT NULL,
	"phase" text NOT NULL,
	"done" integer NOT NULL,
	"total" integer,
	"model_version" integer,
	"result" jsonb,
	"error" text,
	"attempts" integer NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "match_candidates_list" ON "match_candidates" USING btree ("status","weight","id");--> statement-breakpoint
CREATE INDEX "match_candidates_b" ON "match_candidates" USING btree ("record_b");--> statement-breakpoint
CREATE INDEX "match_candidates_id" ON "match_candidates" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "match_models_active" ON "match_models" USING btree ("active") WHERE "match_models"."active";--> statement-breakpoint
CREATE INDEX "match_runs_time" ON "match_runs" USING btree ("requested_at","id");--> statement-breakpoint
CREATE INDEX "match_runs_unfinished" ON "match_runs" USING btree ("requested_at","id") WHERE "match_runs"."finished_at" is null;