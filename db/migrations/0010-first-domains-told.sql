-- The domains of the first organization, to say so where `SEALFLOW_ORG_DOMAINS` names others.

CREATE FUNCTION first_domains() RETURNS text[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  RETURN (
    SELECT coalesce(array_agg(d.name ORDER BY d.position), '{}') FROM domain d
     WHERE d.organization_id = (SELECT id FROM organization ORDER BY created_at, id LIMIT 1));
