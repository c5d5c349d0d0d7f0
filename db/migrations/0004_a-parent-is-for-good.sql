-- A child names a parent that was there before it and stays its child: so no line of parents closes to a ring,
-- and nobody moves an agent out of a family that is being stopped.
CREATE FUNCTION keep_parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.parent_id IS DISTINCT FROM OLD.parent_id THEN
    RAISE EXCEPTION 'the parent of an agent is for good' USING ERRCODE = 'check_violation';
  END IF;
  IF TG_OP = 'INSERT' AND NEW.parent_id IS NOT NULL
     AND NOT EXISTS (SELECT 1 FROM agents WHERE id = NEW.parent_id) THEN
    RAISE EXCEPTION 'the parent of an agent is registered before it' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_parent BEFORE INSERT OR UPDATE OF parent_id ON agents
  FOR EACH ROW EXECUTE FUNCTION keep_parent();
