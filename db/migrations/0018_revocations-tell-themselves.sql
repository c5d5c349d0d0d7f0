-- What stops counting is told to resource servers by the row that stops, whoever writes it. The events are those
-- of server/layers/authorization/revocation-schema.ts.
CREATE FUNCTION tell_revocation(a_kind text, an_agent uuid, an_event jsonb, an_end timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO revocations (kind, agent_id, event, ends_at)
  VALUES (a_kind, an_agent, an_event || jsonb_build_object('agent', (SELECT did FROM agents WHERE id = an_agent)), an_end);
  PERFORM pg_notify('vigil', 'revocation:');
END $$;
--> statement-breakpoint
CREATE FUNCTION tell_token_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_revocation('token', NEW.agent_id, jsonb_build_object('jti', NEW.jti,
    'exp', floor(extract(epoch FROM NEW.expires_at)), 'grantIds', to_jsonb(NEW.grant_ids)), NEW.expires_at);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tell_token_revoked AFTER UPDATE OF revoked_at ON access_tokens FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_token_revoked();
--> statement-breakpoint
-- A grant is told with the tokens that live by it, those of children included, and for an hour where none does.
CREATE FUNCTION tell_grant_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE jtis jsonb; last_end timestamptz;
BEGIN
  SELECT coalesce(jsonb_agg(jti ORDER BY jti), '[]'), max(expires_at) INTO jtis, last_end FROM access_tokens
    WHERE expires_at > NEW.revoked_at AND (agent_id = NEW.agent_id AND grant_ids @> ARRAY[NEW.id]
      OR rests_on <> '{}' AND rests_on @> ARRAY[NEW.id]);
  PERFORM tell_revocation('grant', NEW.agent_id,
    jsonb_build_object('grantId', NEW.id, 'scope', NEW.scope, 'jtis', jtis),
    greatest(last_end, NEW.revoked_at + interval '1 hour'));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tell_grant_revoked AFTER UPDATE OF revoked_at ON grants FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_grant_revoked();
--> statement-breakpoint
CREATE FUNCTION tell_certificate_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_revocation('certificate', NEW.agent_id, jsonb_build_object('x5t#S256', NEW.thumbprint,
    'purpose', NEW.purpose, 'exp', floor(extract(epoch FROM NEW.not_after))), NEW.not_after);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tell_certificate_revoked AFTER UPDATE OF revoked_at ON credentials FOR EACH ROW
  WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION tell_certificate_revoked();
--> statement-breakpoint
-- How an agent stands, where that is not what was last told of it. Its row is locked, so that two who change it at
-- once tell one after the other. One that is retired needs no telling once its last certificate has ended.
CREATE FUNCTION tell_agent_standing(an_agent uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE it agents; cut_off boolean; standing text; told text; an_end timestamptz;
BEGIN
  SELECT * INTO it FROM agents WHERE id = an_agent FOR NO KEY UPDATE;
  SELECT state NOT IN ('open', 'limited') INTO cut_off FROM isolation_states WHERE agent_id = an_agent;
  standing := CASE WHEN it.banned THEN 'banned' WHEN it.status IN ('retired', 'contained', 'suspended') THEN it.status
    WHEN cut_off THEN 'isolated' ELSE 'released' END;
  SELECT event ->> 'why' INTO told FROM revocations
    WHERE kind = 'agent' AND agent_id = an_agent ORDER BY ord DESC LIMIT 1;
  IF standing = coalesce(told, 'released') THEN RETURN; END IF;
  IF standing = 'retired' THEN
    SELECT greatest(max(not_after), now() + interval '1 hour') INTO an_end FROM credentials WHERE agent_id = an_agent;
  ELSIF standing = 'released' THEN
    an_end := now() + interval '1 day';
  END IF;
  PERFORM tell_revocation('agent', an_agent, jsonb_build_object('why', standing), an_end);
END $$;
--> statement-breakpoint
CREATE FUNCTION tell_agent_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_agent_standing(NEW.id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tell_agent_changed AFTER UPDATE OF status, banned ON agents FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.banned IS DISTINCT FROM NEW.banned)
  EXECUTE FUNCTION tell_agent_changed();
--> statement-breakpoint
CREATE FUNCTION tell_isolation_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_agent_standing(NEW.agent_id);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER tell_isolation_changed AFTER INSERT OR UPDATE OF state ON isolation_states
  FOR EACH ROW EXECUTE FUNCTION tell_isolation_changed();
--> statement-breakpoint
-- What was revoked before anybody was told, and still would count.
SELECT tell_agent_standing(id) FROM agents ORDER BY id;
--> statement-breakpoint
SELECT tell_revocation('token', agent_id, jsonb_build_object('jti', jti,
  'exp', floor(extract(epoch FROM expires_at)), 'grantIds', to_jsonb(grant_ids)), expires_at)
FROM access_tokens WHERE revoked_at IS NOT NULL AND expires_at > now();
--> statement-breakpoint
SELECT tell_revocation('certificate', agent_id, jsonb_build_object('x5t#S256', thumbprint,
  'purpose', purpose, 'exp', floor(extract(epoch FROM not_after))), not_after)
FROM credentials WHERE revoked_at IS NOT NULL AND not_after > now();
