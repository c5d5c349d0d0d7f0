-- A version of the policy after the first is a proposal that somebody else approved, word for word.
CREATE FUNCTION refuse_undecided_policy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (
    SELECT 1 FROM policy_proposals p
    WHERE p.version = NEW.version AND p.status = 'approved' AND p.base_version = NEW.version - 1
      AND p.document = NEW.document AND p.reason = NEW.reason
      AND p.proposed_by = NEW.created_by AND p.decided_by = NEW.approved_by
      AND p.step_up <> '' AND NOT same_person(NEW.approved_by, NEW.created_by)) THEN
    RAISE EXCEPTION 'version % of the policy is no proposal that a second person approved', NEW.version
      USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM scope_policies s WHERE s.version = NEW.version - 1) THEN
    RAISE EXCEPTION 'version % of the policy follows none', NEW.version USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_undecided_policy BEFORE INSERT ON scope_policies
  FOR EACH ROW EXECUTE FUNCTION refuse_undecided_policy();
--> statement-breakpoint
-- A proposal is decided once: what was decided, by whom and why stays.
CREATE FUNCTION refuse_second_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'pending' THEN
    RAISE EXCEPTION 'the proposal is already %', OLD.status USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_second_decision BEFORE UPDATE ON policy_proposals
  FOR EACH ROW EXECUTE FUNCTION refuse_second_decision();
--> statement-breakpoint
-- The policy that counts, shared with whoever else decides by it until the transaction ends. Volatile, so that what
-- it reads is read after the lock was given, in one journey.
CREATE FUNCTION held_policy() RETURNS jsonb LANGUAGE plpgsql VOLATILE AS $$
DECLARE found jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('scope policy', 0));
  SELECT document INTO found FROM scope_policies ORDER BY version DESC LIMIT 1;
  RETURN found;
END $$;
