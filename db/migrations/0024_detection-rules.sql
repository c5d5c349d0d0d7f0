CREATE TABLE "rule_dry_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"rules" jsonb NOT NULL,
	"from_at" timestamp (3) with time zone NOT NULL,
	"to_at" timestamp (3) with time zone NOT NULL,
	"asked_by" text NOT NULL,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'waiting' NOT NULL,
	"started_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"records_read" integer DEFAULT 0 NOT NULL,
	"read_down_to" timestamp (3) with time zone,
	"result" jsonb
);
--> statement-breakpoint
CREATE TABLE "rule_firings" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"rule" text NOT NULL,
	"episode_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"counts" jsonb NOT NULL,
	"record_ids" jsonb NOT NULL,
	"alert_id" uuid NOT NULL,
	"fired_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rule_proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"base_version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"digest" text NOT NULL,
	"reason" text NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"step_up" text,
	"version" integer,
	CONSTRAINT "rule_proposals_second_person" CHECK (status <> 'approved' or (decided_by is not null and decided_by <> proposed_by))
);
--> statement-breakpoint
CREATE TABLE "rule_sets" (
	"version" integer PRIMARY KEY NOT NULL,
	"document" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"approved_by" text,
	"reason" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "window_slices" ADD COLUMN "ruled_revision" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rule_firings" ADD CONSTRAINT "rule_firings_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rule_dry_runs_by_status" ON "rule_dry_runs" USING btree ("status","asked_at");--> statement-breakpoint
CREATE UNIQUE INDEX "rule_firings_once" ON "rule_firings" USING btree ("agent_id","rule","episode_at");--> statement-breakpoint
CREATE INDEX "rule_firings_by_rule" ON "rule_firings" USING btree ("rule","fired_at");--> statement-breakpoint
CREATE INDEX "rule_proposals_by_status" ON "rule_proposals" USING btree ("status","proposed_at");--> statement-breakpoint
CREATE INDEX "window_slices_unruled" ON "window_slices" USING btree ("slice_at") WHERE revision > ruled_revision and state ? 'rules';