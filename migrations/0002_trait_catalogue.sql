CREATE TABLE "trait_definition_versions" (
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"definition" jsonb NOT NULL,
	"actor" text,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "trait_definition_versions_name_version_pk" PRIMARY KEY("name","version")
);
--> statement-breakpoint
CREATE TABLE "trait_definitions" (
	"name" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"unit" text,
	"personal" boolean NOT NULL,
	"description" text,
	"status" text NOT NULL,
	"strategy" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"version" integer NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"updated_by" text
);
--> statement-breakpoint
CREATE TABLE "trait_refolds" (
	"name" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"fence" "xid8",
	"position" uuid,
	"examined" integer NOT NULL,
	"changed" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE INDEX "trait_definitions_status" ON "trait_definitions" USING btree ("status","name");--> statement-breakpoint
CREATE INDEX "trait_definitions_special" ON "trait_definitions" USING btree ("name") WHERE "trait_definitions"."strategy" <> 'MOST_RECENT';--> statement-breakpoint
-- What the records hold already. Shipped definitions come at the start of the server and replace these.
INSERT INTO "trait_definitions" ("name", "type", "personal", "status", "strategy", "parameters", "version", "first_seen_at", "updated_at")
SELECT "name",
       CASE jsonb_typeof("value") WHEN 'number' THEN 'NUMBER' WHEN 'boolean' THEN 'BOOLEAN'
            WHEN 'array' THEN 'LIST' WHEN 'object' THEN 'OBJECT' ELSE 'TEXT' END,
       true, 'UNREVIEWED', 'MOST_RECENT', '{}', 1, "set_at", "set_at"
FROM (SELECT DISTINCT ON ("name") "name", "value", "set_at" FROM "record_traits" ORDER BY "name", "value" = 'null', "set_at") AS "held";--> statement-breakpoint
INSERT INTO "trait_definition_versions" ("name", "version", "definition", "actor", "reason", "at")
SELECT "name", 1,
       jsonb_build_object('type', "type", 'unit', NULL, 'personal', "personal", 'description', NULL,
                          'status', "status", 'strategy', "strategy", 'parameters', "parameters"),
       NULL, 'Held by records.', "first_seen_at"
FROM "trait_definitions";
