-- What was claimed of an agent, attested and withdrawn is evidence: added and read, never changed.
DO $$
DECLARE evidence text;
BEGIN
  FOREACH evidence IN ARRAY ARRAY['agent_claims', 'attestations', 'attestation_withdrawals']
  LOOP
    EXECUTE format('CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', evidence);
  END LOOP;
END $$;
--> statement-breakpoint
-- Nobody attests what they stated, and nobody attests one value for two authorities.
CREATE FUNCTION refuse_dependent_attestation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM agent_claims c
             WHERE c.agent_id = NEW.agent_id AND c.claim = NEW.claim AND c.digest = NEW.digest
               AND c.stated_by = NEW.attested_by
               AND c.ord = (SELECT max(n.ord) FROM agent_claims n
                            WHERE n.agent_id = NEW.agent_id AND n.claim = NEW.claim)) THEN
    RAISE EXCEPTION 'a claim is not attested by who stated it' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM attestations a
             WHERE a.agent_id = NEW.agent_id AND a.claim = NEW.claim AND a.digest = NEW.digest
               AND a.attested_by = NEW.attested_by AND a.authority <> NEW.authority) THEN
    RAISE EXCEPTION 'one person does not attest a value for two authorities' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER refuse_dependent_attestation BEFORE INSERT ON attestations
  FOR EACH ROW EXECUTE FUNCTION refuse_dependent_attestation();
