-- A start without domains is no last word: the first organization gets them at a later one, as long as it has none.

CREATE FUNCTION first_without_domains() RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  RETURN (
    SELECT o.id FROM (SELECT id FROM organization ORDER BY created_at, id LIMIT 1) o
     WHERE NOT EXISTS (SELECT FROM domain d WHERE d.organization_id = o.id));

-- True if it wrote; the caller holds the lock of rules, and publishes them then. A domain of somebody else stays theirs.
CREATE FUNCTION give_first_domains(given_id uuid, domains text[]) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = sealflow, pg_temp
  AS $$
BEGIN
  IF first_without_domains() IS DISTINCT FROM given_id THEN
    RETURN false;
  END IF;
  INSERT INTO domain (name, organization_id, position)
    SELECT d.name, given_id, d.position FROM unnest(domains) WITH ORDINALITY AS d (name, position)
    ON CONFLICT DO NOTHING;
  RETURN FOUND;
END
$$;
