-- Named lists that rules ask. What is in a list lies apart, packed and immutable, under its SHA-256, as long as a list or a
-- rule set refers to it.

CREATE TABLE list_content (
  organization_id uuid NOT NULL REFERENCES organization,
  sha256          text NOT NULL,
  entry_count     integer NOT NULL,
  size_bytes      integer NOT NULL,
  -- When it was written, or asked for again: what nobody refers to is forgotten some time later.
  kept_at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, sha256)
);

-- The bytes in their order, at most 1 MiB in a row.
CREATE TABLE list_chunk (
  organization_id uuid NOT NULL REFERENCES organization,
  sha256          text NOT NULL,
  n               integer NOT NULL,
  bytes           bytea NOT NULL CHECK (octet_length(bytes) <= 1048576),
  PRIMARY KEY (organization_id, sha256, n),
  FOREIGN KEY (organization_id, sha256) REFERENCES list_content ON DELETE CASCADE
);
-- They are packed already.
ALTER TABLE list_chunk ALTER bytes SET STORAGE EXTERNAL;

CREATE TABLE named_list (
  organization_id    uuid NOT NULL REFERENCES organization,
  name               text NOT NULL,
  type               text NOT NULL CHECK (type IN ('addresses', 'domains', 'words', 'hashes')),
  description        text NOT NULL,
  -- Counts every write; `entries_version` those that changed the entries.
  version            integer NOT NULL,
  entries_version    integer NOT NULL,
  sha256             text NOT NULL,
  created_at         timestamptz NOT NULL DEFAULT now(),
  updated_at         timestamptz NOT NULL DEFAULT now(),
  entries_updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, name),
  FOREIGN KEY (organization_id, sha256) REFERENCES list_content
);
CREATE INDEX named_list_content ON named_list (organization_id, sha256);

-- Which rule set needs which content: read out of the rule set by whoever writes it, here.
CREATE TABLE rule_set_list (
  organization_id uuid NOT NULL REFERENCES organization,
  hash            text NOT NULL,
  sha256          text NOT NULL,
  PRIMARY KEY (organization_id, hash, sha256),
  FOREIGN KEY (organization_id, hash) REFERENCES rule_set ON DELETE CASCADE,
  FOREIGN KEY (organization_id, sha256) REFERENCES list_content
);
CREATE INDEX rule_set_list_content ON rule_set_list (organization_id, sha256);

CREATE FUNCTION note_rule_set_lists() RETURNS trigger
  LANGUAGE plpgsql SET search_path = sealflow, pg_temp
  AS $$
BEGIN
  INSERT INTO rule_set_list (organization_id, hash, sha256)
    SELECT DISTINCT NEW.organization_id, NEW.hash, l ->> 'sha256'
      FROM json_array_elements(coalesce(NEW.content -> 'lists', '[]'::json)) AS l;
  RETURN NULL;
END
$$;
CREATE TRIGGER rule_set_lists AFTER INSERT ON rule_set FOR EACH ROW EXECUTE FUNCTION note_rule_set_lists();

-- Content that neither a list nor a rule set refers to, and that nobody has asked for since `before`.
CREATE FUNCTION forget_list_contents(before timestamptz) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    WITH gone AS (
      DELETE FROM list_content c
       WHERE c.kept_at < before
         AND NOT EXISTS (SELECT FROM named_list n WHERE n.organization_id = c.organization_id AND n.sha256 = c.sha256)
         AND NOT EXISTS (SELECT FROM rule_set_list r WHERE r.organization_id = c.organization_id AND r.sha256 = c.sha256)
      RETURNING 1)
    SELECT count(*) FROM gone;
  END;

-- Whose rows are seen, as for every table (0003).
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['list_content', 'list_chunk', 'named_list', 'rule_set_list']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY lookup ON %I TO CURRENT_USER USING ((SELECT current_user <> session_user))', name);
    EXECUTE format(
      'CREATE POLICY organization ON %I USING (organization_id IS NOT DISTINCT FROM (SELECT nullif(current_setting(''sealflow.organization'', true), '''')::uuid))',
      name);
  END LOOP;
END
$$;
