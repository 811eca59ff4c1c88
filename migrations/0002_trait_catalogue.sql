DROP TABLE "account_keys" CASCADE;--> statement-breakpoint
DROP TABLE "account_members" CASCADE;--> statement-breakpoint
DROP TABLE "accounts" CASCADE;--> statement-breakpoint
DROP TABLE "household_crowds" CASCADE;--> statement-breakpoint
DROP TABLE "household_exclusions" CASCADE;--> statement-breakpoint
DROP TABLE "household_keys" CASCADE;--> statement-breakpoint
DROP TABLE "household_members" CASCADE;--> statement-breakpoint
DROP TABLE "household_rules" CASCADE;--> statement-breakpoint
DROP TABLE "households" CASCADE;--> statement-breakpoint
DROP TABLE "relation_statements" CASCADE;--> statement-breakpoint
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
