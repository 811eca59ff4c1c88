ALTER TABLE "match_blocks" ALTER COLUMN "key" SET DATA TYPE integer;--> statement-breakpoint
ALTER TABLE "match_records" ALTER COLUMN "keys" SET DATA TYPE integer[];--> statement-breakpoint
ALTER TABLE "match_progress" ADD COLUMN "rules" jsonb NOT NULL;