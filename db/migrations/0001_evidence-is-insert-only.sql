-- Evidence can be added and read, never changed, whoever asks: the grants keep the application out,
-- this keeps out a role that has more rights than it should.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are evidence: they are never changed or removed', TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;
--> statement-breakpoint
DO $$
DECLARE evidence text;
BEGIN
  FOREACH evidence IN ARRAY ARRAY['audit_records', 'audit_payloads', 'audit_chain', 'audit_checkpoints',
    'incident_facts', 'determinations', 'approval_votes', 'snapshots', 'scope_policies']
  LOOP
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', evidence);
  END LOOP;
END $$;
--> statement-breakpoint
-- An approval is never decided by the one who asked.
CREATE FUNCTION refuse_own_vote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM approvals a LEFT JOIN agents g ON g.id = a.agent_id
             WHERE a.id = NEW.approval_id AND NEW.user_id IN (a.requested_by, g.owner_id)) THEN
    RAISE EXCEPTION 'the requester and the owner of the agent have no vote' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_own_vote BEFORE INSERT ON approval_votes FOR EACH ROW EXECUTE FUNCTION refuse_own_vote();
