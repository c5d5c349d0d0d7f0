CREATE TABLE "alert_act_items" (
	"act_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"alert_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"outcome" text,
	"by" text,
	"detail" text,
	"decided_at" timestamp (3) with time zone,
	CONSTRAINT "alert_act_items_act_id_alert_id_pk" PRIMARY KEY("act_id","alert_id")
);
--> statement-breakpoint
CREATE TABLE "alert_acts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"action" text NOT NULL,
	"input" jsonb NOT NULL,
	"actor" text NOT NULL,
	"actor_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"incident_id" uuid,
	"total" integer NOT NULL,
	"missing" integer DEFAULT 0 NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "alert_occurrences" (
	"alert_id" uuid NOT NULL,
	"minute" timestamp (3) with time zone NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"score" double precision,
	"severity" text NOT NULL,
	CONSTRAINT "alert_occurrences_alert_id_minute_pk" PRIMARY KEY("alert_id","minute")
);
--> statement-breakpoint
CREATE TABLE "alert_suppressions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"rule" text NOT NULL,
	"cause" text,
	"alert_id" uuid NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"count" integer DEFAULT 0 NOT NULL,
	"last_seen_at" timestamp (3) with time zone,
	"lifted_at" timestamp (3) with time zone,
	"lifted_by" text,
	"lift_reason" text
);
--> statement-breakpoint
CREATE TABLE "alert_transitions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "alert_transitions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"alert_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"actor_id" text,
	"status_before" text,
	"status_after" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
DROP INDEX "alerts_one_open";--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "cause" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "group_key" text GENERATED ALWAYS AS (coalesce(nullif(split_part(cause, '/', 1), ''), rule)) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "verdict_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "merged_into" uuid;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "changed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "alert_act_items" ADD CONSTRAINT "alert_act_items_act_id_alert_acts_id_fk" FOREIGN KEY ("act_id") REFERENCES "public"."alert_acts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_occurrences" ADD CONSTRAINT "alert_occurrences_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_suppressions" ADD CONSTRAINT "alert_suppressions_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_suppressions" ADD CONSTRAINT "alert_suppressions_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_transitions" ADD CONSTRAINT "alert_transitions_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_act_items_waiting" ON "alert_act_items" USING btree ("act_id","position") WHERE outcome is null;--> statement-breakpoint
CREATE INDEX "alert_suppressions_of" ON "alert_suppressions" USING btree ("agent_id","rule") WHERE lifted_at is null;--> statement-breakpoint
CREATE INDEX "alert_transitions_of" ON "alert_transitions" USING btree ("alert_id","id");--> statement-breakpoint
CREATE INDEX "alert_transitions_at" ON "alert_transitions" USING btree ("at");--> statement-breakpoint
CREATE INDEX "alerts_in_order" ON "alerts" USING btree ("opened_at","id");--> statement-breakpoint
CREATE INDEX "alerts_by_group" ON "alerts" USING btree ("agent_id","group_key");--> statement-breakpoint
CREATE INDEX "alerts_merged" ON "alerts" USING btree ("merged_into") WHERE merged_into is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_by_number" ON "alerts" USING btree ("number");--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_one_open" ON "alerts" USING btree ("agent_id","rule","cause") WHERE status <> 'closed';