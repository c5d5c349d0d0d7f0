-- What was done to an alert is evidence: added and read, never changed, whoever asks.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON alert_transitions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- An alert that is part of another is closed meanwhile, and is never part of itself.
ALTER TABLE alerts ADD CONSTRAINT alerts_merged_are_closed
  CHECK (merged_into IS NULL OR (status = 'closed' AND merged_into <> id));
--> statement-breakpoint
-- A suppression ends within thirty days.
ALTER TABLE alert_suppressions ADD CONSTRAINT alert_suppressions_end
  CHECK (until > created_at AND until <= created_at + interval '30 days');
