ALTER TABLE "access_tokens" ADD COLUMN "rests_on" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_parent_id_agents_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_tokens_resting" ON "access_tokens" USING gin ("rests_on") WHERE rests_on <> '{}';--> statement-breakpoint
CREATE INDEX "agents_by_parent" ON "agents" USING btree ("parent_id") WHERE parent_id is not null;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_not_own_parent" CHECK (parent_id <> id);