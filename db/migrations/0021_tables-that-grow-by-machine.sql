CREATE INDEX "access_tokens_by_end" ON "access_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "approvals_of_agent" ON "approvals" USING btree ("agent_id","scope","requested_at");--> statement-breakpoint
CREATE INDEX "approvals_decided" ON "approvals" USING btree ("decided_at") WHERE decided_at is not null;--> statement-breakpoint
CREATE INDEX "approvals_asked" ON "approvals" USING btree ("requested_at");--> statement-breakpoint
CREATE INDEX "used_assertions_by_end" ON "used_assertions" USING btree ("expires_at");