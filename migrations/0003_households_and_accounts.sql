DROP INDEX "household_members_from";--> statement-breakpoint
CREATE INDEX "household_members_from" ON "household_members" USING btree ("valid_from") WHERE "household_members"."valid_from" is not null;