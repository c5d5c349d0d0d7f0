CREATE TABLE "signal_counts" (
	"source_id" uuid NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"what" text NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "signal_counts_source_id_hour_what_pk" PRIMARY KEY("source_id","hour","what")
);
--> statement-breakpoint
CREATE TABLE "signal_secrets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source_id" uuid NOT NULL,
	"hash" "bytea",
	"sealed" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"ends_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "signal_sources" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"auth" text NOT NULL,
	"agent_id" uuid,
	"enabled" boolean DEFAULT true NOT NULL,
	"mapping" jsonb NOT NULL,
	"alert_from" text NOT NULL,
	"find_unknown" boolean NOT NULL,
	"rate_per_minute" integer NOT NULL,
	"silent_after_seconds" integer,
	"created_at" timestamp (3) with time zone NOT NULL,
	"created_by" text NOT NULL,
	"heard_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone,
	"lag_ms" bigint,
	"silent_since" timestamp (3) with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "signal_sources_name_unique" UNIQUE("name"),
	CONSTRAINT "signal_sources_agent_id_unique" UNIQUE("agent_id")
);
--> statement-breakpoint
CREATE TABLE "signal_streams" (
	"source_id" uuid NOT NULL,
	"stream" text NOT NULL,
	"state" jsonb NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "signal_streams_source_id_stream_pk" PRIMARY KEY("source_id","stream")
);
--> statement-breakpoint
CREATE TABLE "signals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"digest" text NOT NULL,
	"outcome" text NOT NULL,
	"reason" text,
	"received_at" timestamp (3) with time zone NOT NULL,
	"occurred_at" timestamp (3) with time zone,
	"lag_ms" bigint,
	"rule" text,
	"priority" text,
	"severity" text,
	"title" text,
	"tags" text[] NOT NULL,
	"agent_id" uuid,
	"matched" jsonb,
	"alert_id" uuid,
	"stream" text,
	"sequence" bigint,
	"test" boolean DEFAULT false NOT NULL,
	"payload" "bytea" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "signal_counts" ADD CONSTRAINT "signal_counts_source_id_signal_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."signal_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_secrets" ADD CONSTRAINT "signal_secrets_source_id_signal_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."signal_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_sources" ADD CONSTRAINT "signal_sources_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signal_streams" ADD CONSTRAINT "signal_streams_source_id_signal_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."signal_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_source_id_signal_sources_id_fk" FOREIGN KEY ("source_id") REFERENCES "public"."signal_sources"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "signals" ADD CONSTRAINT "signals_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "signal_secrets_of_source" ON "signal_secrets" USING btree ("source_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "signals_once" ON "signals" USING btree ("source_id","event_id");--> statement-breakpoint
CREATE INDEX "signals_newest" ON "signals" USING btree ("received_at","id");--> statement-breakpoint
CREATE INDEX "signals_of_source" ON "signals" USING btree ("source_id","received_at","id");--> statement-breakpoint
CREATE INDEX "signals_of_agent" ON "signals" USING btree ("agent_id","received_at","id");