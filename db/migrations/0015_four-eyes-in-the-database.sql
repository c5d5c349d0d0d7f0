-- What four eyes mean is kept by the database, too, whoever writes: the application's own checks say why, these say no.
-- Two accounts of one mailbox are one person, as in server/kernel/same-person.ts. The collation is named because a
-- database of collation C makes small letters of ASCII alone.
CREATE FUNCTION mailbox(email text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(lower(btrim(normalize(email, NFKC)) COLLATE "und-x-icu"), '\+.*(@[^@]*)$', '\1')
$$;
--> statement-breakpoint
-- An account that is not there is nobody that can be told from anybody.
CREATE FUNCTION same_person(one text, other text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT one = other OR coalesce((SELECT mailbox(a.email) = mailbox(b.email)
    FROM users a, users b WHERE a.id = one AND b.id = other), true)
$$;
--> statement-breakpoint
-- Whoever owns an agent or one above it has no say in what it is given: a line of agents is as good as one.
CREATE FUNCTION owns_agent(person text, agent uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  WITH RECURSIVE line AS (
    SELECT id, parent_id, owner_id, 1 AS step FROM agents WHERE id = agent
    UNION ALL SELECT a.id, a.parent_id, a.owner_id, step + 1 FROM line JOIN agents a ON a.id = line.parent_id WHERE step < 9
  ) SELECT EXISTS (SELECT 1 FROM line WHERE owner_id IS NOT NULL AND same_person(person, owner_id))
$$;
--> statement-breakpoint
-- How many people approved a request as it stands, without who asked and who owns the agent.
CREATE FUNCTION people_who_approved(request approvals) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(DISTINCT mailbox(u.email)) FROM approval_votes v
  JOIN users u ON u.id = v.user_id
  WHERE v.approval_id = request.id AND v.vote = 'approve' AND v.digest = request.digest
    AND v.voted_at < request.expires_at
    AND (request.requested_by_type <> 'operator' OR NOT same_person(v.user_id, request.requested_by))
    AND NOT owns_agent(v.user_id, request.agent_id)
$$;
--> statement-breakpoint
CREATE FUNCTION refuse_four_eyes(why text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', why USING ERRCODE = 'check_violation';
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_own_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals;
BEGIN
  SELECT * INTO request FROM approvals WHERE id = NEW.approval_id FOR SHARE;
  IF request.status IS DISTINCT FROM 'pending' OR request.expires_at <= NEW.voted_at THEN
    PERFORM refuse_four_eyes('a vote counts for a request that waits, and for no other');
  END IF;
  IF NEW.digest <> request.digest OR NEW.duration_seconds > request.duration_seconds OR NEW.step_up = '' THEN
    PERFORM refuse_four_eyes('a vote is for the request as it stands, by somebody who proved a second factor');
  END IF;
  IF request.requested_by_type = 'operator' AND same_person(NEW.user_id, request.requested_by)
     OR owns_agent(NEW.user_id, request.agent_id) THEN
    PERFORM refuse_four_eyes('the requester and the owner of the agent have no vote');
  END IF;
  IF EXISTS (SELECT 1 FROM approval_votes v WHERE v.approval_id = NEW.approval_id AND same_person(v.user_id, NEW.user_id)) THEN
    PERFORM refuse_four_eyes('a person votes once');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- A request begins as one that waits, and ends once.
CREATE FUNCTION keep_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'pending' OR NEW.decided_at IS NOT NULL OR NEW.grant_id IS NOT NULL OR NEW.votes_needed < 1 THEN
      PERFORM refuse_four_eyes('a request begins undecided and needs at least one vote');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status <> 'pending' THEN
    PERFORM refuse_four_eyes('a request that is decided stays as it was decided');
  END IF;
  IF NEW.votes_needed < OLD.votes_needed THEN
    PERFORM refuse_four_eyes('no fewer people decide than were asked');
  END IF;
  IF NEW.status NOT IN ('pending', 'approved', 'denied', 'expired', 'withdrawn') THEN
    PERFORM refuse_four_eyes('there is no such end of a request');
  END IF;
  IF (NEW.status <> 'pending') <> (NEW.decided_at IS NOT NULL) OR (NEW.status = 'approved') <> (NEW.grant_id IS NOT NULL)
     OR NEW.status IN ('denied', 'withdrawn') AND coalesce(NEW.decision_reason, '') = '' THEN
    PERFORM refuse_four_eyes('a request ends with an instant, an approved one with a grant, a denied one with a reason');
  END IF;
  IF NEW.status = 'approved' AND (NEW.decided_at >= NEW.expires_at OR people_who_approved(NEW) < NEW.votes_needed
     OR EXISTS (SELECT 1 FROM approval_votes v WHERE v.approval_id = NEW.id AND v.vote = 'deny')) THEN
    PERFORM refuse_four_eyes('a request is approved by enough other people, before its end');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_approval BEFORE INSERT OR UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION keep_approval();
--> statement-breakpoint
-- Every grant rests on one of three things: a request that others approved, somebody who broke glass, or the policy,
-- which lets base scopes stand. There is no fourth way to a grant.
CREATE FUNCTION keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE request approvals; used break_glass_uses; document jsonb;
BEGIN
  IF NEW.approval_id IS NOT NULL AND NEW.break_glass_id IS NOT NULL THEN
    PERFORM refuse_four_eyes('a grant rests on an approval or on break-glass, not on both');
  ELSIF NEW.approval_id IS NOT NULL THEN
    SELECT * INTO request FROM approvals WHERE id = NEW.approval_id;
    IF request.id IS NULL OR request.status <> 'approved' OR request.grant_id IS DISTINCT FROM NEW.id
       OR request.agent_id <> NEW.agent_id OR request.scope <> NEW.scope OR request.policy_version <> NEW.policy_version
       OR NEW.expires_at IS NULL OR NEW.expires_at > NEW.granted_at + make_interval(secs => request.duration_seconds)
       OR people_who_approved(request) < request.votes_needed THEN
      PERFORM refuse_four_eyes('an approved grant is what others approved, and ends when they said');
    END IF;
  ELSIF NEW.break_glass_id IS NOT NULL THEN
    SELECT * INTO used FROM break_glass_uses WHERE id = NEW.break_glass_id;
    IF used.id IS NULL OR used.agent_id <> NEW.agent_id OR used.scope <> NEW.scope OR used.user_id <> NEW.granted_by
       OR used.policy_version <> NEW.policy_version OR NEW.expires_at IS NULL OR NEW.expires_at > used.ends_at THEN
      PERFORM refuse_four_eyes('a grant by break-glass is what that use was for, and ends with it');
    END IF;
  ELSE
    SELECT p.document INTO document FROM scope_policies p WHERE p.version = NEW.policy_version;
    IF NOT EXISTS (SELECT 1 FROM jsonb_array_elements(document -> 'scopes') rule
                   WHERE rule ->> 'scope' = NEW.scope AND rule ->> 'group' = 'base') THEN
      PERFORM refuse_four_eyes('only a base scope of the policy stands without an approval');
    END IF;
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_grant BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION keep_grant();
--> statement-breakpoint
CREATE FUNCTION keep_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse_four_eyes('a grant that was revoked stays revoked');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_revoked BEFORE UPDATE OF revoked_at ON grants FOR EACH ROW
  WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at) EXECUTE FUNCTION keep_revoked();
--> statement-breakpoint
-- Glass is broken by those whom the newest policy names, for as long as it says, and reviewed once by somebody else.
CREATE FUNCTION keep_break_glass() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE rule jsonb; newest integer;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT p.version, p.document -> 'breakGlass' INTO newest, rule FROM scope_policies p ORDER BY p.version DESC LIMIT 1;
    IF NEW.policy_version IS DISTINCT FROM newest OR NOT coalesce(rule -> 'people' ? NEW.user_id, false) THEN
      PERFORM refuse_four_eyes('only those whom the policy names now break glass');
    END IF;
    IF NEW.ends_at > NEW.used_at + make_interval(secs => (rule ->> 'secondsMax')::int)
       OR NEW.review_due_at > NEW.used_at + make_interval(secs => (rule ->> 'reviewWithinSeconds')::int)
       OR char_length(NEW.reason) < 20 OR NEW.step_up = '' OR NEW.reviewed_at IS NOT NULL
       OR NEW.reviewed_by IS NOT NULL OR NEW.verdict IS NOT NULL THEN
      PERFORM refuse_four_eyes('glass is broken for a time, for a reason, and not yet reviewed');
    END IF;
    IF owns_agent(NEW.user_id, NEW.agent_id) THEN
      PERFORM refuse_four_eyes('the owner of the agent does not break glass for it');
    END IF;
    IF EXISTS (SELECT 1 FROM break_glass_uses b WHERE b.reviewed_at IS NULL AND b.review_due_at <= NEW.used_at
               AND same_person(b.user_id, NEW.user_id)) THEN
      PERFORM refuse_four_eyes('whoever is overdue for a review does not break glass');
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.reviewed_at IS NOT NULL OR OLD.overdue_noted_at IS NOT NULL AND NEW.overdue_noted_at IS DISTINCT FROM OLD.overdue_noted_at THEN
    PERFORM refuse_four_eyes('what was said of a use stays said');
  END IF;
  IF NEW.reviewed_at IS NULL THEN
    IF NEW.reviewed_by IS NOT NULL OR NEW.verdict IS NOT NULL THEN
      PERFORM refuse_four_eyes('a verdict has its instant');
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.reviewed_by IS NULL OR NEW.verdict IS NULL OR NEW.verdict NOT IN ('justified', 'not-justified')
     OR coalesce(NEW.review_reason, '') = '' OR same_person(NEW.reviewed_by, NEW.user_id)
     OR owns_agent(NEW.reviewed_by, NEW.agent_id) THEN
    PERFORM refuse_four_eyes('a use is reviewed by somebody else, who does not own the agent, with a reason');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_break_glass BEFORE INSERT OR UPDATE ON break_glass_uses
  FOR EACH ROW EXECUTE FUNCTION keep_break_glass();
--> statement-breakpoint
-- A contained agent is released by somebody other than who asked for it and who owns it.
CREATE FUNCTION keep_release() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.released_by IS NULL OR NEW.release_requested_by IS NULL
     OR same_person(NEW.released_by, NEW.release_requested_by)
     OR EXISTS (SELECT 1 FROM agents a WHERE a.id = NEW.agent_id AND a.owner_id IS NOT NULL
                AND same_person(NEW.released_by, a.owner_id)) THEN
    PERFORM refuse_four_eyes('an agent is released by a second person, who does not own it');
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_release BEFORE INSERT OR UPDATE OF status ON containments FOR EACH ROW
  WHEN (NEW.status = 'released') EXECUTE FUNCTION keep_release();
