-- A proposal begins undecided, is decided once, in time, by a second person who neither owns the agent nor one above
-- it, and is done once. Denying and withdrawing give nothing, but stay as they were.
CREATE FUNCTION keep_learning_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'pending' OR NEW.decided_by IS NOT NULL OR NEW.done_at IS NOT NULL
       OR NEW.kind NOT IN ('exclude', 'readmit', 'relearn', 'rollback', 'unpin') THEN
      PERFORM refuse_four_eyes('a change of what is learnt begins as a proposal');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status = 'pending' AND NEW.status = 'approved' THEN
    IF NEW.decided_at IS NULL OR NEW.decided_at >= OLD.open_until OR coalesce(NEW.step_up, '') = ''
       OR coalesce(NEW.decision_reason, '') = '' THEN
      PERFORM refuse_four_eyes('an approved change of what is learnt says who decided when, why and how, in time');
    END IF;
    IF same_person(NEW.decided_by, NEW.proposed_by) OR owns_agent(NEW.decided_by, NEW.agent_id) THEN
      PERFORM refuse_four_eyes('whoever proposed it, or owns the agent or one above it, does not approve what is learnt');
    END IF;
  ELSIF OLD.status = 'pending' AND NEW.done_at IS NOT NULL THEN
    PERFORM refuse_four_eyes('only what was approved is done');
  ELSIF OLD.status <> 'pending' THEN
    IF (NEW.status, NEW.decided_by, NEW.decided_at, NEW.decision_reason, NEW.step_up)
         IS DISTINCT FROM (OLD.status, OLD.decided_by, OLD.decided_at, OLD.decision_reason, OLD.step_up)
       OR OLD.done_at IS NOT NULL OR OLD.status <> 'approved' THEN
      PERFORM refuse_four_eyes('what was decided of a proposal stays, and it is done once');
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_learning_proposal BEFORE INSERT OR UPDATE ON learning_proposals
  FOR EACH ROW EXECUTE FUNCTION keep_learning_proposal();
--> statement-breakpoint
-- A baseline that a duty learnt by itself replaces none that is pinned; one that was relearnt or gone back to rests on
-- a proposal of that agent and kind that two people agreed on, once. A version is retired for good.
CREATE FUNCTION keep_baseline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE latest baselines;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.retired_at IS NOT NULL
       AND (NEW.retired_at, NEW.retire_reason) IS DISTINCT FROM (OLD.retired_at, OLD.retire_reason) THEN
      PERFORM refuse_four_eyes('a retired baseline stays retired');
    END IF;
    IF NEW.unpinned_at IS DISTINCT FROM OLD.unpinned_at AND (OLD.unpinned_at IS NOT NULL OR OLD.pinned_at IS NULL
       OR NOT EXISTS (SELECT 1 FROM learning_proposals p WHERE p.agent_id = NEW.agent_id AND p.kind = 'unpin'
                      AND p.status = 'approved' AND p.baseline_id = NEW.id)) THEN
      PERFORM refuse_four_eyes('a pinned baseline is let go by two people');
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.retired_at IS NOT NULL THEN
    RETURN NEW;
  END IF;
  IF NEW.origin = 'learnt' THEN
    SELECT * INTO latest FROM baselines WHERE agent_id = NEW.agent_id ORDER BY version DESC LIMIT 1;
    IF NEW.proposal_id IS NOT NULL OR NEW.pinned_at IS NOT NULL
       OR latest.pinned_at IS NOT NULL AND latest.unpinned_at IS NULL THEN
      PERFORM refuse_four_eyes('a pinned baseline is replaced by two people');
    END IF;
  ELSIF NEW.origin NOT IN ('relearnt', 'rollback') OR NOT EXISTS (
      SELECT 1 FROM learning_proposals p
      WHERE p.id = NEW.proposal_id AND p.agent_id = NEW.agent_id AND p.status = 'approved' AND p.done_at IS NULL
        AND (NEW.origin = 'relearnt' AND p.kind = 'relearn'
             OR NEW.origin = 'rollback' AND p.kind = 'rollback' AND p.baseline_id = NEW.restored_from)) THEN
    PERFORM refuse_four_eyes('a baseline is learnt anew or gone back to as two people decided, once');
  END IF;
  IF NEW.origin = 'rollback' AND NOT EXISTS (
      SELECT 1 FROM baselines b WHERE b.id = NEW.restored_from AND b.agent_id = NEW.agent_id AND b.model = NEW.model) THEN
    PERFORM refuse_four_eyes('a rollback has the model of the version it goes back to');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_baseline BEFORE INSERT OR UPDATE ON baselines FOR EACH ROW EXECUTE FUNCTION keep_baseline();
--> statement-breakpoint
-- Maintenance is planned by one person and approved by another, who owns none of its agents nor one above them, before
-- it ends; it lasts a day at most and is only ever ended earlier.
CREATE FUNCTION keep_maintenance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'pending' OR NEW.decided_by IS NOT NULL OR NEW.cancelled_at IS NOT NULL
       OR NEW.ends_at <= NEW.starts_at OR NEW.ends_at - NEW.starts_at > interval '24 hours'
       OR cardinality(NEW.agent_ids) = 0 OR cardinality(NEW.causes) = 0 THEN
      PERFORM refuse_four_eyes('maintenance begins as a plan for named agents and causes, of a day at most');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status = 'pending' AND NEW.status = 'approved' THEN
    IF NEW.decided_at IS NULL OR NEW.decided_at >= OLD.ends_at OR coalesce(NEW.step_up, '') = ''
       OR coalesce(NEW.decision_reason, '') = '' THEN
      PERFORM refuse_four_eyes('approved maintenance says who decided when, why and how, before it ends');
    END IF;
    IF same_person(NEW.decided_by, NEW.proposed_by)
       OR EXISTS (SELECT 1 FROM unnest(NEW.agent_ids) a WHERE owns_agent(NEW.decided_by, a)) THEN
      PERFORM refuse_four_eyes('whoever planned it, or owns one of its agents or one above it, does not approve maintenance');
    END IF;
  ELSIF OLD.status <> 'pending' THEN
    IF (NEW.status, NEW.decided_by, NEW.decided_at, NEW.decision_reason, NEW.step_up)
         IS DISTINCT FROM (OLD.status, OLD.decided_by, OLD.decided_at, OLD.decision_reason, OLD.step_up)
       OR OLD.cancelled_at IS NOT NULL AND NEW.cancelled_at IS DISTINCT FROM OLD.cancelled_at
       OR OLD.start_noted_at IS NOT NULL AND NEW.start_noted_at IS DISTINCT FROM OLD.start_noted_at
       OR OLD.end_noted_at IS NOT NULL AND NEW.end_noted_at IS DISTINCT FROM OLD.end_noted_at THEN
      PERFORM refuse_four_eyes('what was decided of maintenance stays, and it ends once');
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_maintenance BEFORE INSERT OR UPDATE ON maintenance_windows
  FOR EACH ROW EXECUTE FUNCTION keep_maintenance();
--> statement-breakpoint
-- What a verdict taught is taken back once, and not brought back.
CREATE FUNCTION keep_lesson() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL THEN
    PERFORM refuse_four_eyes('a lesson that was taken back stays so');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_lesson BEFORE UPDATE ON verdict_lessons FOR EACH ROW EXECUTE FUNCTION keep_lesson();
--> statement-breakpoint
-- A contained agent is released by somebody other than who asked for it and who owns it or one above it.
CREATE OR REPLACE FUNCTION keep_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.released_by IS NULL OR NEW.release_requested_by IS NULL
     OR same_person(NEW.released_by, NEW.release_requested_by) OR owns_agent(NEW.released_by, NEW.agent_id) THEN
    PERFORM refuse_four_eyes('an agent is released by a second person, who owns neither it nor one above it');
  END IF;
  RETURN NEW;
END $$;
