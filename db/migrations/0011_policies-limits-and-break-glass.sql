CREATE TABLE "break_glass_uses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"user_id" text NOT NULL,
	"reason" text NOT NULL,
	"step_up" text NOT NULL,
	"policy_version" integer NOT NULL,
	"used_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"review_due_at" timestamp (3) with time zone NOT NULL,
	"reviewed_by" text,
	"reviewed_at" timestamp (3) with time zone,
	"verdict" text,
	"review_reason" text,
	CONSTRAINT "break_glass_second_person" CHECK (reviewed_by is null or reviewed_by <> user_id)
);
--> statement-breakpoint
CREATE TABLE "policy_proposals" (
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
	CONSTRAINT "policy_proposals_second_person" CHECK (status <> 'approved' or (decided_by is not null and decided_by <> proposed_by))
);
--> statement-breakpoint
CREATE TABLE "trust_overrides" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"score" double precision NOT NULL,
	"duration_seconds" integer NOT NULL,
	"reason" text NOT NULL,
	"digest" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"open_until" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"step_up" text,
	"ends_at" timestamp (3) with time zone,
	"ended_by" text,
	CONSTRAINT "trust_overrides_second_person" CHECK (status <> 'approved' or (decided_by is not null and decided_by <> requested_by)),
	CONSTRAINT "trust_overrides_score" CHECK (score >= 0 and score <= 1)
);
--> statement-breakpoint
ALTER TABLE "access_tokens" ADD COLUMN "jkt" text;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD COLUMN "authorization_details" jsonb;--> statement-breakpoint
ALTER TABLE "approval_votes" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "approvals" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "break_glass_id" uuid;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "last_used_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "scope_policies" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "break_glass_uses" ADD CONSTRAINT "break_glass_uses_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trust_overrides" ADD CONSTRAINT "trust_overrides_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "break_glass_unreviewed" ON "break_glass_uses" USING btree ("review_due_at") WHERE reviewed_at is null;--> statement-breakpoint
CREATE INDEX "break_glass_by_agent" ON "break_glass_uses" USING btree ("agent_id","used_at");--> statement-breakpoint
CREATE INDEX "policy_proposals_by_status" ON "policy_proposals" USING btree ("status","proposed_at");--> statement-breakpoint
CREATE INDEX "trust_overrides_by_agent" ON "trust_overrides" USING btree ("agent_id","requested_at");--> statement-breakpoint
CREATE UNIQUE INDEX "trust_overrides_one_pending" ON "trust_overrides" USING btree ("agent_id") WHERE status = 'pending';--> statement-breakpoint
CREATE UNIQUE INDEX "grants_one_per_break_glass" ON "grants" USING btree ("break_glass_id");--> statement-breakpoint
CREATE INDEX "grants_live" ON "grants" USING btree ("granted_at","id") WHERE revoked_at is null;