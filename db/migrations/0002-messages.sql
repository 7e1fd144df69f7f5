-- Messages and all that happens to them. These tables have no foreign keys: each message would lock the one row of its
-- organization. Row-level security says whose a row is, and one transaction writes what belongs together. Rows are found
-- by their ids; only the indexes of lists begin with the organization, and only statements that name it walk along them.

CREATE TABLE message (
  organization_id uuid NOT NULL,
  id              uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('mail', 'notice')),
  -- Follows from the recipients' states (`message_status`); `accepted` until the first run is recorded.
  status          text NOT NULL DEFAULT 'accepted',
  received_at     timestamptz NOT NULL,
  -- When nothing was left to be done for anybody.
  closed_at       timestamptz,
  -- As the sender gave it: case matters to whoever has to return it.
  mail_from       text NOT NULL,
  -- For lists by sender.
  mail_from_key   text GENERATED ALWAYS AS (lower(mail_from)) STORED,
  dsn_return      text,
  envid           text,
  source          text NOT NULL,
  connection      json NOT NULL,
  size_bytes      bigint NOT NULL,
  sha256          text NOT NULL,
  -- Pinned when it was accepted.
  rule_set        text NOT NULL,
  rule_set_used   text,
  blob            text NOT NULL,
  segment         text GENERATED ALWAYS AS (split_part(blob, ':', 1)) STORED,
  -- The data key, wrapped by the organization's key. Without it blob and sealed columns are noise.
  wrapped_key     bytea,
  sealed_trace    bytea,
  sealed_summary  bytea
) WITH (fillfactor = 85);
ALTER TABLE message ALTER sealed_trace SET STORAGE EXTERNAL, ALTER sealed_summary SET STORAGE EXTERNAL;
CREATE INDEX message_received ON message (organization_id, received_at, id);
CREATE INDEX message_status ON message (organization_id, status, received_at, id);
CREATE INDEX message_mail_from ON message (organization_id, mail_from_key, received_at, id);
CREATE INDEX message_segment ON message (segment) WHERE wrapped_key IS NOT NULL;
CREATE INDEX message_closed ON message (closed_at) WHERE closed_at IS NOT NULL AND wrapped_key IS NOT NULL;

CREATE TABLE recipient (
  organization_id   uuid NOT NULL,
  message_id        uuid NOT NULL,
  -- Order in the envelope; added ones come after it.
  n                 integer NOT NULL,
  address           text NOT NULL,
  origin            text NOT NULL CHECK (origin IN ('envelope', 'added')),
  -- NOTIFY of RFC 3461: NULL, 'NEVER', or a list with commas.
  notify            text,
  orcpt             text,
  -- The mailbox as it was given, where that is not `address`.
  path              text,
  state             text NOT NULL DEFAULT 'pending' CHECK (state IN
    ('pending', 'deferred', 'held', 'quarantined', 'awaitingApproval', 'delivered', 'bounced', 'rejected', 'deleted', 'redirected')),
  code              text,
  protection        text,
  rules             uuid[] NOT NULL DEFAULT '{}',
  parked_by_rule    uuid,
  resume_after_rule uuid,
  -- While it is pending because a person asked for `rejudge`: the rule set that judges.
  rejudge_with      text,
  is_unprotected    boolean NOT NULL DEFAULT false,
  delivery_id       uuid,
  attempts          integer NOT NULL DEFAULT 0,
  first_attempt_at  timestamptz,
  last_attempt_at   timestamptz,
  last_reply        text,
  -- Of the message, for lists by address.
  received_at       timestamptz NOT NULL,
  PRIMARY KEY (message_id, address)
) WITH (fillfactor = 85);
CREATE INDEX recipient_address ON recipient (organization_id, address, received_at, message_id);
CREATE INDEX recipient_keyless ON recipient (organization_id, address) WHERE state = 'held' AND code = 'ERR_KEY_MISSING';

-- Which rules matched, for lists by rule. An index over an array would not do: its operators are not leakproof, so
-- row-level security keeps them from being asked before the policy.
CREATE TABLE message_rule (
  organization_id uuid NOT NULL,
  rule_id         uuid NOT NULL,
  received_at     timestamptz NOT NULL,
  message_id      uuid NOT NULL,
  PRIMARY KEY (organization_id, rule_id, received_at, message_id)
);

-- Copies on their way to the relay.
CREATE TABLE delivery (
  organization_id uuid NOT NULL,
  message_id      uuid NOT NULL,
  id              uuid NOT NULL,
  blob            text,
  segment         text GENERATED ALWAYS AS (split_part(blob, ':', 1)) STORED,
  size_bytes      bigint NOT NULL,
  protection      text NOT NULL,
  has_8bit        boolean NOT NULL,
  PRIMARY KEY (message_id, id)
);
CREATE INDEX delivery_segment ON delivery (segment) WHERE blob IS NOT NULL;

-- What happened, append-only.
CREATE TABLE event (
  organization_id uuid NOT NULL,
  message_id      uuid NOT NULL,
  id              bigint GENERATED ALWAYS AS IDENTITY,
  at              timestamptz NOT NULL,
  type            text NOT NULL,
  detail          json NOT NULL,
  PRIMARY KEY (message_id, id)
);

-- Work that is to be done. A row lives until its closing record, so that the queue may burn.
CREATE TABLE outbox (
  organization_id uuid NOT NULL,
  -- Of a message; of a notification for `notify`.
  id              uuid NOT NULL,
  queue           text NOT NULL CHECK (queue IN ('process', 'emit', 'notify')),
  due_at          timestamptz NOT NULL,
  -- When the sweeper tells the queue (again); never before `due_at`.
  hint_at         timestamptz NOT NULL,
  -- A worker's claim. '-infinity': nobody has it.
  locked_until    timestamptz NOT NULL DEFAULT '-infinity',
  tries           integer NOT NULL DEFAULT 0,
  PRIMARY KEY (id, queue)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 5000);
CREATE INDEX outbox_hint ON outbox (hint_at);

-- Whom to tell what; each once.
CREATE TABLE notification (
  organization_id uuid NOT NULL,
  id              uuid PRIMARY KEY,
  message_id      uuid NOT NULL,
  request         json NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now()
);

-- Idempotency keys and event tokens of providers, as a digest of organization, scope and key.
CREATE TABLE idempotency (
  organization_id uuid NOT NULL,
  digest          bytea PRIMARY KEY,
  sha256          text NOT NULL,
  message_id      uuid NOT NULL,
  expires_at      timestamptz NOT NULL
);
CREATE INDEX idempotency_expires ON idempotency (expires_at);

-- The status of a message, from the states of all its recipients.
CREATE FUNCTION message_status(states text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE
    WHEN states && ARRAY['pending', 'deferred'] THEN 'delivering'
    WHEN states <@ ARRAY['delivered', 'redirected'] THEN 'delivered'
    WHEN 'delivered' = ANY (states) THEN 'partiallyDelivered'
    WHEN 'held' = ANY (states) THEN 'held'
    WHEN 'quarantined' = ANY (states) THEN 'quarantined'
    WHEN 'awaitingApproval' = ANY (states) THEN 'awaitingApproval'
    WHEN 'bounced' = ANY (states) THEN 'failed'
    WHEN 'rejected' = ANY (states) THEN 'rejected'
    ELSE 'deleted'
  END;

-- Whether nothing is left to be done for anybody.
CREATE FUNCTION is_finished(states text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  states <@ ARRAY['delivered', 'bounced', 'rejected', 'deleted', 'redirected'];
