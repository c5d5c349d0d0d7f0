-- A token key that was tainted stays so, what was written down of it stays written, and a key that is known to come
-- may come earlier, in an emergency, and never later.
CREATE FUNCTION keep_token_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.tainted_at IS NOT NULL
     OR (OLD.activated_at IS NOT NULL AND NEW.activated_at IS DISTINCT FROM OLD.activated_at)
     OR (OLD.retired_at IS NOT NULL AND NEW.retired_at IS DISTINCT FROM OLD.retired_at)
     OR NEW.signs_from > OLD.signs_from THEN
    RAISE EXCEPTION 'a token key only goes forward' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER keep_token_key BEFORE UPDATE ON token_keys FOR EACH ROW EXECUTE FUNCTION keep_token_key();
