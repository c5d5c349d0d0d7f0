ALTER TABLE "feature_windows" ADD COLUMN "scorer" text;--> statement-breakpoint
ALTER TABLE "response_states" ADD COLUMN "scorer" text;--> statement-breakpoint
ALTER TABLE "response_states" ADD COLUMN "baseline_id" uuid;