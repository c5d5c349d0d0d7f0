-- Versions and firings of the rules are evidence, as the policy's versions are.
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_sets
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_firings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
-- A version of the rules after the first is a proposal that somebody else approved, word for word.
CREATE FUNCTION refuse_undecided_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.version > 1 AND NOT EXISTS (
    SELECT 1 FROM rule_proposals p
    WHERE p.version = NEW.version AND p.status = 'approved' AND p.base_version = NEW.version - 1
      AND p.document = NEW.document AND p.reason = NEW.reason
      AND p.proposed_by = NEW.created_by AND p.decided_by = NEW.approved_by
      AND p.step_up <> '' AND NOT same_person(NEW.approved_by, NEW.created_by)) THEN
    PERFORM refuse_four_eyes(format('version %s of the rules is no proposal that a second person approved', NEW.version));
  END IF;
  IF NEW.version > 1 AND NOT EXISTS (SELECT 1 FROM rule_sets s WHERE s.version = NEW.version - 1) THEN
    PERFORM refuse_four_eyes(format('version %s of the rules follows none', NEW.version));
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_undecided_rules BEFORE INSERT ON rule_sets
  FOR EACH ROW EXECUTE FUNCTION refuse_undecided_rules();
--> statement-breakpoint
-- A proposal begins undecided and is decided once: what was decided, by whom and why stays.
CREATE FUNCTION keep_rule_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'pending' OR NEW.decided_by IS NOT NULL OR NEW.decided_at IS NOT NULL OR NEW.version IS NOT NULL THEN
      PERFORM refuse_four_eyes('a proposal of rules begins undecided');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status <> 'pending' THEN
    PERFORM refuse_four_eyes('the proposal is already ' || OLD.status);
  END IF;
  IF NEW.status = 'approved' AND (NEW.decided_by IS NULL OR NEW.decided_at >= NEW.expires_at
     OR coalesce(NEW.step_up, '') = '' OR NEW.version IS DISTINCT FROM NEW.base_version + 1
     OR same_person(NEW.decided_by, NEW.proposed_by)) THEN
    PERFORM refuse_four_eyes('a proposal of rules is approved by a second person, before its end');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_rule_proposal BEFORE INSERT OR UPDATE ON rule_proposals
  FOR EACH ROW EXECUTE FUNCTION keep_rule_proposal();
