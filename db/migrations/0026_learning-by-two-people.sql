CREATE TABLE "cool_downs" (
	"containment_id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"score" double precision NOT NULL,
	"causes" jsonb NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "learning_proposals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"from_at" timestamp (3) with time zone,
	"to_at" timestamp (3) with time zone,
	"baseline_id" uuid,
	"reason" text NOT NULL,
	"digest" text NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"open_until" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"step_up" text,
	"done_at" timestamp (3) with time zone,
	"outcome" jsonb,
	CONSTRAINT "learning_proposals_second_person" CHECK (status <> 'approved' or (decided_by is not null and decided_by <> proposed_by))
);
--> statement-breakpoint
CREATE TABLE "maintenance_windows" (
	"id" uuid PRIMARY KEY NOT NULL,
	"agent_ids" uuid[] NOT NULL,
	"causes" text[] NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"reason" text NOT NULL,
	"digest" text NOT NULL,
	"proposed_by" text NOT NULL,
	"proposed_at" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"decision_reason" text,
	"step_up" text,
	"cancelled_at" timestamp (3) with time zone,
	"cancelled_by" text,
	"start_noted_at" timestamp (3) with time zone,
	"end_noted_at" timestamp (3) with time zone,
	CONSTRAINT "maintenance_windows_second_person" CHECK (status <> 'approved' or (decided_by is not null and decided_by <> proposed_by))
);
--> statement-breakpoint
CREATE TABLE "peer_priors" (
	"agent_id" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"peer_ids" uuid[] NOT NULL,
	"own_windows" integer NOT NULL,
	"peer_windows" integer NOT NULL,
	"model" jsonb NOT NULL,
	"learnt_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "verdict_lessons" (
	"alert_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"feature" text NOT NULL,
	"disposition" text NOT NULL,
	"value" double precision NOT NULL,
	"deviations" double precision NOT NULL,
	"score" double precision NOT NULL,
	"baseline_id" uuid,
	"by_user" text NOT NULL,
	"person" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"withdrawn_at" timestamp (3) with time zone,
	"withdrawn_by" text,
	"withdraw_reason" text,
	CONSTRAINT "verdict_lessons_alert_id_feature_at_pk" PRIMARY KEY("alert_id","feature","at")
);
--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "origin" text DEFAULT 'learnt' NOT NULL;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "proposal_id" uuid;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "restored_from" uuid;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "pinned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "unpinned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "baselines" ADD COLUMN "retire_reason" text;--> statement-breakpoint
ALTER TABLE "cool_downs" ADD CONSTRAINT "cool_downs_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "learning_proposals" ADD CONSTRAINT "learning_proposals_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "peer_priors" ADD CONSTRAINT "peer_priors_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "verdict_lessons" ADD CONSTRAINT "verdict_lessons_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cool_downs_by_agent" ON "cool_downs" USING btree ("agent_id","ends_at");--> statement-breakpoint
CREATE INDEX "learning_proposals_by_agent" ON "learning_proposals" USING btree ("agent_id","proposed_at");--> statement-breakpoint
CREATE INDEX "learning_proposals_waiting" ON "learning_proposals" USING btree ("open_until") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "learning_proposals_undone" ON "learning_proposals" USING btree ("decided_at") WHERE status = 'approved' and done_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "learning_proposals_one_pending" ON "learning_proposals" USING btree ("agent_id","kind") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "maintenance_windows_by_start" ON "maintenance_windows" USING btree ("starts_at");--> statement-breakpoint
CREATE INDEX "maintenance_windows_unended" ON "maintenance_windows" USING btree ("ends_at") WHERE end_noted_at is null;--> statement-breakpoint
CREATE INDEX "verdict_lessons_by_agent" ON "verdict_lessons" USING btree ("agent_id","at") WHERE withdrawn_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "baselines_one_active" ON "baselines" USING btree ("agent_id") WHERE retired_at is null;