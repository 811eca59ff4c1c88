CREATE TABLE "loyalty_accounts" (
	"record_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"wallet" text NOT NULL,
	"issued" bigint NOT NULL,
	"pending" bigint NOT NULL,
	"available" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"redeemed" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"reversed" bigint NOT NULL,
	"adjusted" bigint NOT NULL,
	"transferred" bigint NOT NULL,
	"owed" bigint NOT NULL,
	"last_consumed_at" timestamp (3) with time zone,
	"opened_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "loyalty_accounts_record_id_program_id_wallet_pk" PRIMARY KEY("record_id","program_id","wallet")
);
--> statement-breakpoint
CREATE TABLE "loyalty_consumptions" (
	"record_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"wallet" text NOT NULL,
	"decision_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"points" bigint NOT NULL,
	"bucket" text,
	CONSTRAINT "loyalty_consumptions_record_id_program_id_wallet_decision_id_pk" PRIMARY KEY("record_id","program_id","wallet","decision_id"),
	CONSTRAINT "loyalty_consumptions_points" CHECK ("loyalty_consumptions"."points" > 0)
);
--> statement-breakpoint
CREATE TABLE "loyalty_decisions" (
	"program_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"record_id" uuid NOT NULL,
	"points" bigint NOT NULL,
	"wallet" text,
	"subject_id" uuid,
	"expires_at" timestamp (3) with time zone,
	"actor" text NOT NULL,
	"reason" text,
	"detail" jsonb,
	"fingerprint" uuid NOT NULL,
	CONSTRAINT "loyalty_decisions_program_id_id_pk" PRIMARY KEY("program_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_lots" (
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"wallet" text NOT NULL,
	"source" text NOT NULL,
	"source_id" uuid,
	"earned_at" timestamp (3) with time zone NOT NULL,
	"available_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"version" integer,
	"grants" jsonb NOT NULL,
	"granted" bigint NOT NULL,
	"issued" bigint NOT NULL,
	"pending" bigint NOT NULL,
	"available" bigint NOT NULL,
	"reserved" bigint NOT NULL,
	"redeemed" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"reversed" bigint NOT NULL,
	"adjusted" bigint NOT NULL,
	"transferred" bigint NOT NULL,
	"due_at" timestamp (3) with time zone,
	CONSTRAINT "loyalty_lots_record_id_id_pk" PRIMARY KEY("record_id","id"),
	CONSTRAINT "loyalty_lots_balance" CHECK ("loyalty_lots"."issued" = "loyalty_lots"."pending" + "loyalty_lots"."available" + "loyalty_lots"."reserved" + "loyalty_lots"."redeemed" + "loyalty_lots"."expired" + "loyalty_lots"."reversed" + "loyalty_lots"."adjusted" + "loyalty_lots"."transferred"),
	CONSTRAINT "loyalty_lots_unspent" CHECK ("loyalty_lots"."source" = 'DEBT' or ("loyalty_lots"."available" >= 0 and "loyalty_lots"."pending" >= 0))
);
--> statement-breakpoint
CREATE TABLE "loyalty_postings" (
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"entry_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"wallet" text NOT NULL,
	"lot_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from_bucket" text NOT NULL,
	"to_bucket" text NOT NULL,
	"points" bigint NOT NULL,
	"kind" text NOT NULL,
	"cause_id" uuid,
	CONSTRAINT "loyalty_postings_record_id_id_pk" PRIMARY KEY("record_id","id"),
	CONSTRAINT "loyalty_postings_points" CHECK ("loyalty_postings"."points" > 0),
	CONSTRAINT "loyalty_postings_buckets" CHECK ("loyalty_postings"."from_bucket" <> "loyalty_postings"."to_bucket")
);
--> statement-breakpoint
CREATE TABLE "loyalty_members" (
	"customer_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"state" jsonb NOT NULL,
	"tier" text,
	"tier_since" timestamp (3) with time zone,
	"due_at" timestamp (3) with time zone,
	CONSTRAINT "loyalty_members_customer_id_program_id_pk" PRIMARY KEY("customer_id","program_id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_memberships" (
	"record_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text NOT NULL,
	"how" text NOT NULL,
	"enrolled_at" timestamp (3) with time zone NOT NULL,
	"left_at" timestamp (3) with time zone,
	"away_since" timestamp (3) with time zone[] DEFAULT '{}' NOT NULL,
	"away_until" timestamp (3) with time zone[] DEFAULT '{}' NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "loyalty_memberships_record_id_program_id_pk" PRIMARY KEY("record_id","program_id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_pool_members" (
	"record_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"pool_id" uuid NOT NULL,
	"joined_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "loyalty_pool_members_record_id_program_id_pk" PRIMARY KEY("record_id","program_id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_pools" (
	"program_id" uuid NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "loyalty_referrals" (
	"program_id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"referrer_record_id" uuid NOT NULL,
	"status" text NOT NULL,
	"why" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone,
	"decided_at" timestamp (3) with time zone,
	"detail" jsonb,
	CONSTRAINT "loyalty_referrals_record_id_program_id_pk" PRIMARY KEY("record_id","program_id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_tier_log" (
	"customer_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"from_tier" text,
	"to_tier" text,
	"cause" text NOT NULL,
	"cause_id" uuid,
	CONSTRAINT "loyalty_tier_log_customer_id_id_pk" PRIMARY KEY("customer_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_tier_overrides" (
	"record_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"tier" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_to" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "loyalty_tier_overrides_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_verdicts" (
	"record_id" uuid NOT NULL,
	"touchpoint_id" uuid NOT NULL,
	"program_id" uuid NOT NULL,
	"verdicts" jsonb NOT NULL,
	CONSTRAINT "loyalty_verdicts_record_id_touchpoint_id_program_id_pk" PRIMARY KEY("record_id","touchpoint_id","program_id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_offer_book" (
	"id" integer PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "loyalty_offer_budgets" (
	"offer_id" uuid PRIMARY KEY NOT NULL,
	"allowed" bigint,
	"uses_allowed" integer,
	"reserved" bigint NOT NULL,
	"spent" bigint NOT NULL,
	"uses_reserved" integer NOT NULL,
	"uses" integer NOT NULL,
	CONSTRAINT "loyalty_offer_budgets_spent" CHECK ("loyalty_offer_budgets"."allowed" is null or "loyalty_offer_budgets"."reserved" + "loyalty_offer_budgets"."spent" <= "loyalty_offer_budgets"."allowed"),
	CONSTRAINT "loyalty_offer_budgets_uses" CHECK ("loyalty_offer_budgets"."uses_allowed" is null or "loyalty_offer_budgets"."uses_reserved" + "loyalty_offer_budgets"."uses" <= "loyalty_offer_budgets"."uses_allowed")
);
--> statement-breakpoint
CREATE TABLE "loyalty_offers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"program_id" uuid,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"definition" jsonb NOT NULL,
	"version" integer NOT NULL,
	"valid_from" timestamp (3) with time zone,
	"valid_to" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "loyalty_presentations" (
	"record_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"offer_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"presented_at" timestamp (3) with time zone NOT NULL,
	"decided_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"reserved" bigint NOT NULL,
	"held" boolean NOT NULL,
	"spent" bigint,
	"channel" text,
	"store" text,
	"actor" text NOT NULL,
	"detail" jsonb,
	"fingerprint" uuid NOT NULL,
	CONSTRAINT "loyalty_presentations_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_book" (
	"id" integer PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "loyalty_budgets" (
	"program_id" uuid NOT NULL,
	"rule" text NOT NULL,
	"granted" bigint NOT NULL,
	CONSTRAINT "loyalty_budgets_program_id_rule_pk" PRIMARY KEY("program_id","rule")
);
--> statement-breakpoint
CREATE TABLE "loyalty_lever_values" (
	"program_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"lever" text NOT NULL,
	"value" text NOT NULL,
	"effective_at" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone,
	"actor" text NOT NULL,
	"reason" text,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "loyalty_lever_values_program_id_id_pk" PRIMARY KEY("program_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_phases" (
	"program_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"phase" text NOT NULL,
	"effective_at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text,
	CONSTRAINT "loyalty_phases_program_id_id_pk" PRIMARY KEY("program_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_program_versions" (
	"program_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"definition" jsonb NOT NULL,
	"effective_at" timestamp (3) with time zone,
	"actor" text NOT NULL,
	"reason" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"published_at" timestamp (3) with time zone,
	CONSTRAINT "loyalty_program_versions_program_id_version_pk" PRIMARY KEY("program_id","version")
);
--> statement-breakpoint
CREATE TABLE "loyalty_programs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"published_version" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" uuid NOT NULL,
	"swept_at" timestamp (3) with time zone,
	"swept_to" uuid
);
--> statement-breakpoint
CREATE TABLE "loyalty_rewards" (
	"id" uuid PRIMARY KEY NOT NULL,
	"program_id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text,
	"wallet" text NOT NULL,
	"points" bigint NOT NULL,
	"kind" text NOT NULL,
	"voucher" jsonb,
	"stock" integer,
	"tiers" jsonb,
	"per_member" integer,
	"cost_minor" bigint,
	"cost_currency" text,
	"valid_from" timestamp (3) with time zone,
	"valid_to" timestamp (3) with time zone,
	"active" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"fingerprint" uuid NOT NULL,
	CONSTRAINT "loyalty_rewards_stock" CHECK ("loyalty_rewards"."stock" >= 0)
);
--> statement-breakpoint
CREATE TABLE "loyalty_voucher_codes" (
	"code" text PRIMARY KEY NOT NULL,
	"voucher_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "loyalty_voucher_uses" (
	"voucher_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"record_id" uuid,
	"detail" jsonb,
	"actor" text NOT NULL,
	"fingerprint" uuid NOT NULL,
	CONSTRAINT "loyalty_voucher_uses_voucher_id_id_pk" PRIMARY KEY("voucher_id","id")
);
--> statement-breakpoint
CREATE TABLE "loyalty_vouchers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"program_id" uuid NOT NULL,
	"code" text NOT NULL,
	"pool" text,
	"record_id" uuid,
	"worth" jsonb NOT NULL,
	"status" text NOT NULL,
	"uses_allowed" integer NOT NULL,
	"used" integer NOT NULL,
	"valid_from" timestamp (3) with time zone,
	"valid_to" timestamp (3) with time zone,
	"decision_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "loyalty_vouchers_uses" CHECK ("loyalty_vouchers"."used" >= 0 and "loyalty_vouchers"."used" <= "loyalty_vouchers"."uses_allowed")
);
--> statement-breakpoint
CREATE INDEX "loyalty_consumptions_decision" ON "loyalty_consumptions" USING btree ("decision_id");--> statement-breakpoint
CREATE INDEX "loyalty_decisions_record" ON "loyalty_decisions" USING btree ("record_id","program_id","at","id");--> statement-breakpoint
CREATE INDEX "loyalty_decisions_subject" ON "loyalty_decisions" USING btree ("subject_id","at") WHERE "loyalty_decisions"."subject_id" is not null;--> statement-breakpoint
CREATE INDEX "loyalty_decisions_expiring" ON "loyalty_decisions" USING btree ("expires_at") WHERE "loyalty_decisions"."status" = 'RESERVED';--> statement-breakpoint
CREATE INDEX "loyalty_lots_due" ON "loyalty_lots" USING btree ("due_at") WHERE "loyalty_lots"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "loyalty_postings_entry" ON "loyalty_postings" USING btree ("entry_id");--> statement-breakpoint
CREATE INDEX "loyalty_members_due" ON "loyalty_members" USING btree ("due_at") WHERE "loyalty_members"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "loyalty_members_tier" ON "loyalty_members" USING btree ("program_id","tier","customer_id");--> statement-breakpoint
CREATE INDEX "loyalty_memberships_id" ON "loyalty_memberships" USING btree ("id");--> statement-breakpoint
CREATE INDEX "loyalty_memberships_enrolled" ON "loyalty_memberships" USING btree ("program_id","enrolled_at","id");--> statement-breakpoint
CREATE INDEX "loyalty_pool_members_pool" ON "loyalty_pool_members" USING btree ("pool_id","record_id");--> statement-breakpoint
CREATE INDEX "loyalty_referrals_referrer" ON "loyalty_referrals" USING btree ("referrer_record_id","program_id");--> statement-breakpoint
CREATE INDEX "loyalty_referrals_due" ON "loyalty_referrals" USING btree ("due_at") WHERE "loyalty_referrals"."due_at" is not null;--> statement-breakpoint
CREATE INDEX "loyalty_tier_log_time" ON "loyalty_tier_log" USING btree ("program_id","at","id");--> statement-breakpoint
CREATE INDEX "loyalty_offers_created" ON "loyalty_offers" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "loyalty_offers_live" ON "loyalty_offers" USING btree ("id") WHERE "loyalty_offers"."status" = 'LIVE';--> statement-breakpoint
CREATE INDEX "loyalty_presentations_id" ON "loyalty_presentations" USING btree ("id");--> statement-breakpoint
CREATE INDEX "loyalty_presentations_offer" ON "loyalty_presentations" USING btree ("offer_id","record_id","presented_at");--> statement-breakpoint
CREATE INDEX "loyalty_presentations_recent" ON "loyalty_presentations" USING btree ("offer_id","presented_at");--> statement-breakpoint
CREATE INDEX "loyalty_presentations_expiring" ON "loyalty_presentations" USING btree ("expires_at") WHERE "loyalty_presentations"."status" in ('PRESENTED', 'ACCEPTED');--> statement-breakpoint
CREATE INDEX "loyalty_programs_created" ON "loyalty_programs" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "loyalty_rewards_program" ON "loyalty_rewards" USING btree ("program_id","created_at","id");--> statement-breakpoint
CREATE INDEX "loyalty_voucher_uses_id" ON "loyalty_voucher_uses" USING btree ("id");--> statement-breakpoint
CREATE INDEX "loyalty_vouchers_code" ON "loyalty_vouchers" USING btree ("code");--> statement-breakpoint
CREATE INDEX "loyalty_vouchers_record" ON "loyalty_vouchers" USING btree ("record_id","created_at","id");--> statement-breakpoint
CREATE INDEX "loyalty_vouchers_pool" ON "loyalty_vouchers" USING btree ("program_id","pool","id");--> statement-breakpoint
-- Written at every purchase: room for the new version of a row on the page of the old one.
ALTER TABLE "loyalty_members" SET (fillfactor = 70);--> statement-breakpoint
ALTER TABLE "loyalty_accounts" SET (fillfactor = 80);--> statement-breakpoint
-- When records were members: a membership without its absences, half-open.
CREATE VIEW "loyalty_membership_spans" AS
SELECT m."record_id", m."program_id", m."id", m."how", span."enrolled_at", span."left_at"
FROM "loyalty_memberships" m
CROSS JOIN LATERAL unnest(ARRAY[m."enrolled_at"] || m."away_until", m."away_since" || ARRAY[m."left_at"])
  AS span ("enrolled_at", "left_at");
--> statement-breakpoint
-- What programmes say, and how often that has changed. One row.
INSERT INTO "loyalty_book" ("id", "revision") VALUES (1, 0);
--> statement-breakpoint
INSERT INTO "loyalty_offer_book" ("id", "revision") VALUES (1, 0);
--> statement-breakpoint
-- The ledger only grows, whoever asks: a role's rights can be widened, and superusers have them all.
CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the loyalty ledger is append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "loyalty_postings_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "loyalty_postings"
FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_change"();
