CREATE TABLE "revocations" (
	"ord" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "revocations_ord_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"kind" text NOT NULL,
	"agent_id" uuid NOT NULL,
	"event" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ends_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "revocations" ADD CONSTRAINT "revocations_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "revocations_in_order" ON "revocations" USING btree ("xid","ord");--> statement-breakpoint
CREATE INDEX "revocations_by_end" ON "revocations" USING btree ("ends_at");--> statement-breakpoint
CREATE UNIQUE INDEX "revocations_newest_of_agent" ON "revocations" USING btree ("agent_id","ord") WHERE kind = 'agent';