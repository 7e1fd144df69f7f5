-- Organizations, and what is theirs besides mail. Run as the owner role with search_path = sealflow.

CREATE TABLE organization (
  id               uuid PRIMARY KEY,
  name             text NOT NULL,
  time_zone        text NOT NULL DEFAULT 'UTC',
  partner_domains  text[] NOT NULL DEFAULT '{}',
  -- What mail that is accepted now is judged by.
  current_rule_set text NOT NULL,
  created_at       timestamptz NOT NULL DEFAULT now()
);

-- Accepted domains, as A-labels. A domain belongs to one organization only.
CREATE TABLE domain (
  name            text PRIMARY KEY,
  organization_id uuid NOT NULL REFERENCES organization,
  position        integer NOT NULL,
  UNIQUE (organization_id, position)
);

-- Tokens are kept as their SHA-256 only.
CREATE TABLE api_key (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid NOT NULL,
  name            text NOT NULL,
  hash            bytea NOT NULL UNIQUE,
  scopes          text[] NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  expires_at      timestamptz,
  revoked_at      timestamptz,
  PRIMARY KEY (organization_id, id)
);

-- Rules as they are now. `content` is the rule as JSON without id, version and priority.
CREATE TABLE rule (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid NOT NULL,
  version         integer NOT NULL,
  priority        integer NOT NULL CHECK (priority >= 0),
  content         json NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id),
  -- Checked at the end of the transaction: moving rules passes through ties.
  UNIQUE (organization_id, priority) DEFERRABLE INITIALLY DEFERRED
);

-- Every version there ever was, also of rules that were removed; with the priority that it was written with. Immutable.
CREATE TABLE rule_version (
  organization_id uuid NOT NULL REFERENCES organization,
  rule_id         uuid NOT NULL,
  version         integer NOT NULL,
  priority        integer NOT NULL,
  content         json NOT NULL,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  PRIMARY KEY (organization_id, rule_id, version)
);

-- What messages are judged by, whole, named by its hash. Immutable.
CREATE TABLE rule_set (
  organization_id uuid NOT NULL REFERENCES organization,
  hash            text NOT NULL,
  content         json NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, hash)
);

ALTER TABLE organization
  ADD FOREIGN KEY (id, current_rule_set) REFERENCES rule_set (organization_id, hash) DEFERRABLE INITIALLY DEFERRED;

-- Recipients' certificates.
CREATE TABLE certificate (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid PRIMARY KEY,
  fingerprint     text NOT NULL,
  der             bytea NOT NULL,
  pem             text NOT NULL,
  subject         text NOT NULL,
  issuer          text NOT NULL,
  serial_number   text NOT NULL,
  addresses       text[] NOT NULL,
  not_before      timestamptz NOT NULL,
  not_after       timestamptz NOT NULL,
  key_type        text NOT NULL,
  key_size_bits   integer,
  trust_status    text NOT NULL CHECK (trust_status IN ('trusted', 'unchecked', 'untrusted')),
  trust_reason    text NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (organization_id, fingerprint)
);
CREATE INDEX certificate_list ON certificate (organization_id, id);

CREATE TABLE certificate_address (
  organization_id uuid NOT NULL REFERENCES organization,
  address         text NOT NULL,
  certificate_id  uuid NOT NULL REFERENCES certificate ON DELETE CASCADE,
  PRIMARY KEY (organization_id, address, certificate_id)
);
CREATE INDEX certificate_address_certificate ON certificate_address (certificate_id);

-- Providers and applications that hand mail in. The secret is sealed under the organization's key.
CREATE TABLE connector (
  organization_id uuid NOT NULL REFERENCES organization,
  id              uuid NOT NULL,
  version         integer NOT NULL,
  name            text NOT NULL,
  direction       text NOT NULL CHECK (direction = 'in'),
  provider        text NOT NULL,
  trusted         boolean NOT NULL,
  enabled         boolean NOT NULL,
  sealed_secret   bytea NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX connector_id ON connector (id);

-- Running processes, as they say themselves. No organization's, so nobody but the functions below may touch it.
CREATE UNLOGGED TABLE process (
  id      text PRIMARY KEY,
  app     text NOT NULL,
  state   json NOT NULL,
  metrics json NOT NULL,
  seen_at timestamptz NOT NULL
);
