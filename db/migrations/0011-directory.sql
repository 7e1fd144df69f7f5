-- The stored directory: people, groups, who is in which; and the directory server of an organization, if it has one.
-- Addresses stand in their one form (lower case, domains as A-labels).

CREATE TABLE directory_user (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid NOT NULL,
  version         integer NOT NULL,
  address         text NOT NULL,
  aliases         text[] NOT NULL,
  display_name    text,
  -- An address; whose it is may come later.
  manager         text,
  -- Lists of texts by the name of the attribute, in lower case.
  attributes      json NOT NULL,
  can_encrypt     boolean NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);

CREATE INDEX directory_user_by_address ON directory_user (organization_id, address);

-- Addresses and aliases of people: each is of one of them.
CREATE TABLE directory_address (
  organization_id uuid NOT NULL REFERENCES organization,
  address         text NOT NULL,
  user_id         uuid NOT NULL,
  PRIMARY KEY (organization_id, address),
  FOREIGN KEY (organization_id, user_id) REFERENCES directory_user ON DELETE CASCADE
);
CREATE INDEX directory_address_user ON directory_address (organization_id, user_id);

CREATE TABLE directory_group (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid NOT NULL,
  version         integer NOT NULL,
  name            text NOT NULL,
  -- The name as it is compared: lower case. No name has an @, so none is an address.
  key             text NOT NULL,
  address         text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  UNIQUE (organization_id, key),
  UNIQUE (organization_id, address)
);

-- A member is an address, of a person or of a group, or the key of a group. It need not be there yet: files come in any
-- order, and people outside may be members.
CREATE TABLE directory_member (
  organization_id uuid NOT NULL REFERENCES organization,
  member          text NOT NULL,
  group_id        uuid NOT NULL,
  PRIMARY KEY (organization_id, member, group_id),
  FOREIGN KEY (organization_id, group_id) REFERENCES directory_group ON DELETE CASCADE
);
CREATE INDEX directory_member_group ON directory_member (organization_id, group_id, member);

-- One for each organization. Everything but the password stands in `settings`.
CREATE TABLE directory_server (
  organization_id uuid PRIMARY KEY REFERENCES organization,
  version         integer NOT NULL,
  settings        json NOT NULL,
  -- Sealed under the organization's key; NULL: none is needed.
  sealed_password bytea,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now()
);

-- Whose rows are seen, as for every table (0003).
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['directory_user', 'directory_address', 'directory_group', 'directory_member', 'directory_server']
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
