CREATE TABLE "renewals" (
	"agent_id" uuid NOT NULL,
	"purpose" text NOT NULL,
	"credential_id" uuid NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"overdue_at" timestamp (3) with time zone NOT NULL,
	"issued_at" timestamp (3) with time zone NOT NULL,
	"issued_count" integer NOT NULL,
	"last_failed_at" timestamp (3) with time zone,
	"last_failed_code" text,
	"last_failed_detail" text,
	"watched" boolean DEFAULT true NOT NULL,
	CONSTRAINT "renewals_agent_id_purpose_pk" PRIMARY KEY("agent_id","purpose")
);
--> statement-breakpoint
ALTER TABLE "access_tokens" ADD COLUMN "rests_on" uuid[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "renewals" ADD CONSTRAINT "renewals_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "renewals" ADD CONSTRAINT "renewals_credential_id_credentials_id_fk" FOREIGN KEY ("credential_id") REFERENCES "public"."credentials"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "renewals_by_end" ON "renewals" USING btree ("ends_at","agent_id","purpose") WHERE watched;--> statement-breakpoint
CREATE INDEX "renewals_by_purpose" ON "renewals" USING btree ("purpose","ends_at","agent_id") WHERE watched;--> statement-breakpoint
CREATE INDEX "renewals_failed" ON "renewals" USING btree ("ends_at","agent_id","purpose") WHERE watched and last_failed_at > issued_at;--> statement-breakpoint
CREATE INDEX "renewals_due" ON "renewals" USING btree ("due_at") WHERE watched;--> statement-breakpoint
CREATE INDEX "renewals_overdue" ON "renewals" USING btree ("overdue_at") WHERE watched;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_parent_id_agents_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_tokens_resting" ON "access_tokens" USING gin ("rests_on") WHERE rests_on <> '{}';--> statement-breakpoint
CREATE INDEX "agents_by_parent" ON "agents" USING btree ("parent_id") WHERE parent_id is not null;--> statement-breakpoint
ALTER TABLE "agents" ADD CONSTRAINT "agents_not_own_parent" CHECK (parent_id <> id);