ALTER TABLE "identity_rules" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "identity_rules" ADD COLUMN "failed_at" timestamp (3) with time zone;