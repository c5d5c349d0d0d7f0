-- An override begins as a request, is decided once, lasts no longer than was asked for and never over seven days, and
-- is only ever ended earlier than that. One counts at a time: approving another ends the one before.
CREATE FUNCTION keep_trust_override() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.duration_seconds NOT BETWEEN 60 AND 604800 THEN
    RAISE EXCEPTION 'an override of trust lasts a minute to seven days' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'pending' OR NEW.ends_at IS NOT NULL OR NEW.decided_by IS NOT NULL THEN
      RAISE EXCEPTION 'an override of trust begins as a request' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status = 'pending' AND NEW.status = 'approved' THEN
    IF NEW.decided_at IS NULL OR NEW.step_up IS NULL OR NEW.ends_at IS NULL OR NEW.decided_at >= OLD.open_until
       OR NEW.ends_at > NEW.decided_at + make_interval(secs => NEW.duration_seconds) THEN
      RAISE EXCEPTION 'an approved override of trust says who decided when and how, and when it ends'
        USING ERRCODE = 'check_violation';
    END IF;
    IF same_person(NEW.decided_by, NEW.requested_by) OR owns_agent(NEW.decided_by, NEW.agent_id) THEN
      RAISE EXCEPTION 'whoever asked for an override of trust, or owns the agent or one above it, does not approve it'
        USING ERRCODE = 'check_violation';
    END IF;
    PERFORM 1 FROM agents WHERE id = NEW.agent_id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM trust_overrides WHERE agent_id = NEW.agent_id AND id <> NEW.id AND status = 'approved'
               AND ends_at > NEW.decided_at AND ended_by IS NULL) THEN
      RAISE EXCEPTION 'another override of trust counts for this agent' USING ERRCODE = 'unique_violation';
    END IF;
  ELSIF OLD.status <> 'pending' THEN
    IF (NEW.status, NEW.decided_by, NEW.decided_at, NEW.decision_reason, NEW.step_up)
         IS DISTINCT FROM (OLD.status, OLD.decided_by, OLD.decided_at, OLD.decision_reason, OLD.step_up)
       OR coalesce(NEW.ends_at > OLD.ends_at, NEW.ends_at IS DISTINCT FROM OLD.ends_at)
       OR OLD.ended_by IS NOT NULL THEN
      RAISE EXCEPTION 'a decided override of trust can only be ended, once' USING ERRCODE = 'check_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_trust_override BEFORE INSERT OR UPDATE ON trust_overrides
  FOR EACH ROW EXECUTE FUNCTION keep_trust_override();
