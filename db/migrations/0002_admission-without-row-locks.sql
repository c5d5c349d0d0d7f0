ALTER TABLE "audit_payloads" DROP CONSTRAINT "audit_payloads_record_id_audit_records_id_fk";
--> statement-breakpoint
ALTER TABLE "window_deltas" DROP CONSTRAINT "window_deltas_agent_id_agents_id_fk";
