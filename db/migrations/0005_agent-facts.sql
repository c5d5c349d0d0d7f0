CREATE TABLE "agent_claims" (
	"id" uuid PRIMARY KEY NOT NULL,
	"ord" bigint GENERATED ALWAYS AS IDENTITY (sequence name "agent_claims_ord_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"agent_id" uuid NOT NULL,
	"claim" text NOT NULL,
	"value" jsonb NOT NULL,
	"digest" text NOT NULL,
	"stated_by" text NOT NULL,
	"stated_by_type" text NOT NULL,
	"stated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attestation_withdrawals" (
	"attestation_id" uuid PRIMARY KEY NOT NULL,
	"withdrawn_by" text NOT NULL,
	"reason" text NOT NULL,
	"step_up" text NOT NULL,
	"withdrawn_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "attestations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"ord" bigint GENERATED ALWAYS AS IDENTITY (sequence name "attestations_ord_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"agent_id" uuid NOT NULL,
	"claim" text NOT NULL,
	"digest" text NOT NULL,
	"authority" text NOT NULL,
	"attested_by" text NOT NULL,
	"step_up" text NOT NULL,
	"attested_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"jws" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "agent_claims" ADD CONSTRAINT "agent_claims_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attestation_withdrawals" ADD CONSTRAINT "attestation_withdrawals_attestation_id_attestations_id_fk" FOREIGN KEY ("attestation_id") REFERENCES "public"."attestations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attestations" ADD CONSTRAINT "attestations_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_claims_newest" ON "agent_claims" USING btree ("agent_id","claim","ord");--> statement-breakpoint
CREATE INDEX "attestations_by_claim" ON "attestations" USING btree ("agent_id","claim","authority","ord");