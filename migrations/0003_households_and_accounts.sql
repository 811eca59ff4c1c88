CREATE TABLE "account_keys" (
	"source" text NOT NULL,
	"key" text NOT NULL,
	"account_id" uuid NOT NULL,
	CONSTRAINT "account_keys_source_key_pk" PRIMARY KEY("source","key")
);
--> statement-breakpoint
CREATE TABLE "account_members" (
	"id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"account_id" uuid NOT NULL,
	"role" text NOT NULL,
	"valid_from" timestamp (3) with time zone NOT NULL,
	"valid_to" timestamp (3) with time zone,
	"statement_id" uuid NOT NULL,
	"end_statement_id" uuid,
	CONSTRAINT "account_members_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"domains" text[] NOT NULL,
	"parent_id" uuid,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "household_crowds" (
	"household_id" uuid PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "household_exclusions" (
	"record_id" uuid NOT NULL,
	"household_id" uuid NOT NULL,
	"statement_id" uuid NOT NULL,
	CONSTRAINT "household_exclusions_record_id_household_id_pk" PRIMARY KEY("record_id","household_id")
);
--> statement-breakpoint
CREATE TABLE "household_keys" (
	"customer_id" uuid PRIMARY KEY NOT NULL,
	"household_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "household_members" (
	"id" uuid NOT NULL,
	"record_id" uuid NOT NULL,
	"household_id" uuid NOT NULL,
	"origin" text NOT NULL,
	"role" text NOT NULL,
	"valid_from" timestamp (3) with time zone,
	"valid_to" timestamp (3) with time zone,
	"rule_version" integer,
	"statement_id" uuid,
	"end_statement_id" uuid,
	CONSTRAINT "household_members_record_id_id_pk" PRIMARY KEY("record_id","id")
);
--> statement-breakpoint
CREATE TABLE "household_rules" (
	"version" integer PRIMARY KEY NOT NULL,
	"enabled" boolean NOT NULL,
	"traits" text[] NOT NULL,
	"minimum_size" integer NOT NULL,
	"maximum_size" integer NOT NULL,
	"statement_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"phase" text NOT NULL,
	"position" uuid,
	"customers_read" bigint NOT NULL,
	"customers_to_read" bigint,
	"applied_at" timestamp (3) with time zone,
	"cursor" text,
	"edges_through" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "households" (
	"id" uuid PRIMARY KEY NOT NULL,
	"origin" text NOT NULL,
	"name" text,
	"kept" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "relation_statements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operation" text NOT NULL,
	"fingerprint" uuid NOT NULL,
	"subject_id" uuid,
	"actor_id" uuid NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "account_keys_account" ON "account_keys" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "account_members_account" ON "account_members" USING btree ("account_id");--> statement-breakpoint
CREATE INDEX "accounts_created" ON "accounts" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "accounts_parent" ON "accounts" USING btree ("parent_id","created_at","id") WHERE "accounts"."parent_id" is not null;--> statement-breakpoint
CREATE INDEX "accounts_domains" ON "accounts" USING gin ("domains");--> statement-breakpoint
CREATE INDEX "household_exclusions_household" ON "household_exclusions" USING btree ("household_id");--> statement-breakpoint
CREATE INDEX "household_keys_household" ON "household_keys" USING btree ("household_id");--> statement-breakpoint
CREATE INDEX "household_members_household" ON "household_members" USING btree ("household_id","origin");--> statement-breakpoint
CREATE INDEX "household_members_from" ON "household_members" USING btree ("valid_from") WHERE "household_members"."valid_from" is not null;--> statement-breakpoint
CREATE INDEX "household_members_to" ON "household_members" USING btree ("valid_to") WHERE "household_members"."valid_to" is not null;--> statement-breakpoint
CREATE INDEX "households_created" ON "households" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "relation_statements_subject" ON "relation_statements" USING btree ("subject_id","at");