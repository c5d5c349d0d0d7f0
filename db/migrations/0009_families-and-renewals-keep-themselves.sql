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
--> statement-breakpoint
-- What follows from credentials, requests and agents is written with them, whoever writes them.
CREATE FUNCTION keep_renewal_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO renewals AS r (agent_id, purpose, credential_id, ends_at, due_at, overdue_at, issued_at, issued_count)
  VALUES (NEW.agent_id, NEW.purpose, NEW.id, least(NEW.not_after, coalesce(NEW.revoked_at, NEW.not_after)),
    NEW.not_before + (NEW.not_after - NEW.not_before) * 2 / 3,
    NEW.not_before + (NEW.not_after - NEW.not_before) * 3 / 4, NEW.issued_at, 1)
  ON CONFLICT (agent_id, purpose) DO UPDATE SET issued_count = r.issued_count + 1,
    credential_id = CASE WHEN excluded.issued_at >= r.issued_at THEN excluded.credential_id ELSE r.credential_id END,
    ends_at = CASE WHEN excluded.issued_at >= r.issued_at THEN excluded.ends_at ELSE r.ends_at END,
    due_at = CASE WHEN excluded.issued_at >= r.issued_at THEN excluded.due_at ELSE r.due_at END,
    overdue_at = CASE WHEN excluded.issued_at >= r.issued_at THEN excluded.overdue_at ELSE r.overdue_at END,
    issued_at = greatest(excluded.issued_at, r.issued_at);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_renewal AFTER INSERT ON credentials FOR EACH ROW EXECUTE FUNCTION keep_renewal_issued();
--> statement-breakpoint
CREATE FUNCTION keep_renewal_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE renewals SET ends_at = least(ends_at, NEW.revoked_at) WHERE credential_id = NEW.id
    AND agent_id = NEW.agent_id AND purpose = NEW.purpose;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_renewal_revoked AFTER UPDATE OF revoked_at ON credentials FOR EACH ROW
  WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION keep_renewal_revoked();
--> statement-breakpoint
CREATE FUNCTION keep_renewal_failed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE renewals SET last_failed_at = NEW.answered_at, last_failed_code = NEW.error_code,
    last_failed_detail = NEW.error_detail WHERE agent_id = NEW.agent_id AND purpose = NEW.purpose;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_renewal_failed AFTER UPDATE OF error_code ON certificate_requests FOR EACH ROW
  WHEN (NEW.error_code IS NOT NULL AND NEW.answered_at IS NOT NULL) EXECUTE FUNCTION keep_renewal_failed();
--> statement-breakpoint
CREATE FUNCTION keep_renewal_watched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE renewals SET watched = false WHERE agent_id = NEW.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_renewal_watched AFTER UPDATE OF status, banned ON agents FOR EACH ROW
  WHEN (NEW.banned OR NEW.status = 'retired') EXECUTE FUNCTION keep_renewal_watched();
--> statement-breakpoint
INSERT INTO renewals (agent_id, purpose, credential_id, ends_at, due_at, overdue_at, issued_at, issued_count,
  last_failed_at, last_failed_code, last_failed_detail, watched)
SELECT DISTINCT ON (c.agent_id, c.purpose) c.agent_id, c.purpose, c.id,
  least(c.not_after, coalesce(c.revoked_at, c.not_after)),
  c.not_before + (c.not_after - c.not_before) * 2 / 3, c.not_before + (c.not_after - c.not_before) * 3 / 4,
  c.issued_at, count(*) OVER (PARTITION BY c.agent_id, c.purpose)::int,
  f.answered_at, f.error_code, f.error_detail, NOT a.banned AND a.status <> 'retired'
FROM credentials c JOIN agents a ON a.id = c.agent_id
LEFT JOIN (SELECT DISTINCT ON (agent_id, purpose) agent_id, purpose, answered_at, error_code, error_detail
  FROM certificate_requests WHERE error_code IS NOT NULL ORDER BY agent_id, purpose, answered_at DESC) f
  ON f.agent_id = c.agent_id AND f.purpose = c.purpose
ORDER BY c.agent_id, c.purpose, c.issued_at DESC, c.id DESC;
