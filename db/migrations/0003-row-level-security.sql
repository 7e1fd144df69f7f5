-- Who sees a row: the organization that the transaction acts for (`sealflow.organization`), and nobody else, the owner of
-- the tables included. The look-ups that come before the organization is known are the functions of 0004: they run as the
-- owner on behalf of another role, which the second policy lets through.
--
-- IS NOT DISTINCT FROM, since no index can serve it: the policy decides what is seen, never how it is found. With `=` the
-- planner may walk through all rows of an organization where a key is given, as soon as its statistics are old.

DO $$
DECLARE
  entry record;
BEGIN
  FOR entry IN
    SELECT c.relname AS name, CASE c.relname WHEN 'organization' THEN 'id' ELSE 'organization_id' END AS organization
      FROM pg_class c
     WHERE c.relnamespace = 'sealflow'::regnamespace AND c.relkind = 'r' AND c.relname <> 'migration'
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', entry.name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', entry.name);
    EXECUTE format(
      'CREATE POLICY lookup ON %I TO CURRENT_USER USING ((SELECT current_user <> session_user))', entry.name);
    CONTINUE WHEN entry.name = 'process';
    EXECUTE format(
      'CREATE POLICY organization ON %I USING (%I IS NOT DISTINCT FROM (SELECT nullif(current_setting(''sealflow.organization'', true), '''')::uuid))',
      entry.name, entry.organization);
  END LOOP;
END
$$;
