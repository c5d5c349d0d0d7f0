CREATE TABLE "authority_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"reason" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"answered_at" timestamp (3) with time zone,
	"authority_id" uuid
);
--> statement-breakpoint
ALTER TABLE "authorities" ADD COLUMN "activated_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "authorities" ADD COLUMN "superseded_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "authorities" ADD COLUMN "tainted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "authorities" ADD COLUMN "revoked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "authorities" ADD COLUMN "reason" text;--> statement-breakpoint
ALTER TABLE "authority_requests" ADD CONSTRAINT "authority_requests_authority_id_authorities_id_fk" FOREIGN KEY ("authority_id") REFERENCES "public"."authorities"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "authority_requests_one_open" ON "authority_requests" USING btree ("purpose") WHERE answered_at is null;--> statement-breakpoint
UPDATE "authorities" a SET status = 'superseded', superseded_at = now() WHERE a.status = 'active'
  AND a.purpose IN ('transport', 'signature', 'oauth', 'callback', 'encryption', 'server')
  AND EXISTS (SELECT 1 FROM "authorities" n WHERE n.purpose = a.purpose AND n.status = 'active' AND (n.created_at, n.id) > (a.created_at, a.id));--> statement-breakpoint
UPDATE "authorities" SET activated_at = created_at WHERE status IN ('active', 'superseded') AND purpose <> 'door';--> statement-breakpoint
CREATE UNIQUE INDEX "authorities_one_signs" ON "authorities" USING btree ("purpose") WHERE status = 'active' and purpose in ('transport', 'signature', 'oauth', 'callback', 'encryption', 'server');--> statement-breakpoint
CREATE INDEX "credentials_by_authority" ON "credentials" USING btree ("authority_id","not_after") WHERE status = 'active';