CREATE TABLE "observed_connections" (
	"agent_id" uuid NOT NULL,
	"thumbprint" text NOT NULL,
	"path" text NOT NULL,
	"version" text NOT NULL,
	"cipher" text NOT NULL,
	"key_exchange" text NOT NULL,
	"count" bigint NOT NULL,
	"resumed" bigint NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "observed_connections_once" PRIMARY KEY("agent_id","path","version","cipher","key_exchange","thumbprint")
);
--> statement-breakpoint
CREATE TABLE "shadow_agents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"claimed" text NOT NULL,
	"issuer" text NOT NULL,
	"ways" text[] NOT NULL,
	"evidence" text NOT NULL,
	"network" text NOT NULL,
	"count" bigint NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"agent_id" uuid,
	"decided_by" text,
	"decided_at" timestamp (3) with time zone,
	"reason" text,
	"version" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "observed_connections" ADD CONSTRAINT "observed_connections_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_agents" ADD CONSTRAINT "shadow_agents_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "shadow_agents_identity" ON "shadow_agents" USING btree ("claimed","issuer");--> statement-breakpoint
CREATE INDEX "shadow_agents_by_state" ON "shadow_agents" USING btree ("state","last_seen_at","id");