-- Look-ups before the organization is known, and what the worker does over all organizations. Each runs as the owner with
-- its search path pinned; PUBLIC may call none of them (application-grants.sql says who may).

CREATE FUNCTION has_any_organization() RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  RETURN EXISTS (SELECT FROM organization);

CREATE FUNCTION organization_of_domain(given_domain text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  RETURN (SELECT organization_id FROM domain WHERE name = given_domain);

-- A living key by the SHA-256 of its token.
CREATE FUNCTION find_api_key(given_hash bytea)
  RETURNS TABLE (id uuid, organization_id uuid, name text, scopes text[], created_at timestamptz, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT k.id, k.organization_id, k.name, k.scopes, k.created_at, k.expires_at
      FROM api_key k
     WHERE k.hash = given_hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now());
  END;

-- An enabled connector, for mail that comes in through it.
CREATE FUNCTION find_connector(given_provider text, given_id uuid)
  RETURNS TABLE (id uuid, organization_id uuid, version integer, name text, direction text, provider text, trusted boolean,
                 enabled boolean, sealed_secret bytea, created_at timestamptz, updated_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT c.id, c.organization_id, c.version, c.name, c.direction, c.provider, c.trusted, c.enabled, c.sealed_secret,
           c.created_at, c.updated_at
      FROM connector c WHERE c.id = given_id AND c.provider = given_provider AND c.enabled;
  END;

-- The first organization with its first key. Does nothing if there is one, except that it gives the first key to one that
-- never had any. True if it wrote.
CREATE FUNCTION bootstrap_organization(
    given_id uuid, given_name text, domains text[], rule_set_hash text, rule_set_content json, key_id uuid, key_hash bytea,
    key_scopes text[])
  RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = sealflow, pg_temp
  AS $$
DECLARE
  first_id uuid;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('sealflow.bootstrap'));
  SELECT id INTO first_id FROM organization ORDER BY created_at, id LIMIT 1;
  IF first_id IS NULL THEN
    INSERT INTO organization (id, name, current_rule_set) VALUES (given_id, given_name, rule_set_hash);
    INSERT INTO rule_set (organization_id, hash, content) VALUES (given_id, rule_set_hash, rule_set_content);
    INSERT INTO domain (name, organization_id, position)
      SELECT d.name, given_id, d.position FROM unnest(domains) WITH ORDINALITY AS d (name, position);
  ELSIF key_hash IS NULL OR EXISTS (SELECT FROM api_key) THEN
    RETURN false;
  END IF;
  IF key_hash IS NOT NULL THEN
    INSERT INTO api_key (organization_id, id, name, hash, scopes)
      VALUES (coalesce(first_id, given_id), key_id, 'first key', key_hash, key_scopes);
  END IF;
  RETURN true;
END
$$;

-- Rows that are due, that nobody holds, and that the queue was told of long enough ago: it is told again. Marked, so that
-- a backlog is not told over and over: again after as long as a row has waited, within bounds.
CREATE FUNCTION sweep_outbox(count_max integer, again_after_min interval, again_after_max interval)
  RETURNS TABLE (organization_id uuid, id uuid, queue text)
  LANGUAGE sql SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    UPDATE outbox o SET hint_at = now() + greatest(again_after_min, least(again_after_max, now() - o.due_at))
      FROM (SELECT w.id, w.queue
              FROM outbox w
             WHERE w.hint_at <= now() AND w.locked_until <= now()
             ORDER BY w.hint_at LIMIT count_max FOR UPDATE SKIP LOCKED) due
     WHERE o.id = due.id AND o.queue = due.queue
    RETURNING o.organization_id, o.id, o.queue;
  END;

CREATE FUNCTION waiting_outbox() RETURNS TABLE (queue text, count bigint, oldest_age_ms double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT o.queue, count(*), coalesce(extract(epoch FROM now() - min(o.due_at) FILTER (WHERE o.due_at <= now())) * 1000, 0)
      FROM outbox o GROUP BY o.queue;
  END;

-- Addresses for which copies are held for want of a key, and which have a certificate that is valid by its dates; in an
-- order that can be gone through in pages.
CREATE FUNCTION keyed_addresses(after_organization uuid, after_address text, count_max integer)
  RETURNS TABLE (organization_id uuid, address text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT r.organization_id, r.address
      FROM recipient r
     WHERE r.state = 'held' AND r.code = 'ERR_KEY_MISSING'
       AND (r.organization_id, r.address) > (after_organization, after_address)
       AND EXISTS (SELECT FROM certificate_address a JOIN certificate c ON c.id = a.certificate_id
                    WHERE a.organization_id = r.organization_id AND a.address = r.address
                      AND c.not_before <= now() AND c.not_after >= now())
     GROUP BY r.organization_id, r.address
     ORDER BY r.organization_id, r.address LIMIT count_max;
  END;

-- Messages whose content is due to be destroyed.
CREATE FUNCTION finished_messages(before timestamptz, count_max integer) RETURNS TABLE (organization_id uuid, id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT m.organization_id, m.id FROM message m
     WHERE m.closed_at < before AND m.closed_at IS NOT NULL AND m.wrapped_key IS NOT NULL
     ORDER BY m.closed_at LIMIT count_max;
  END;

-- Of these segments, those that hold a blob which can still be opened.
CREATE FUNCTION segments_in_use(segments text[]) RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT s.segment FROM unnest(segments) AS s (segment)
     WHERE EXISTS (SELECT FROM message m WHERE m.segment = s.segment AND m.wrapped_key IS NOT NULL)
        OR EXISTS (SELECT FROM delivery d WHERE d.segment = s.segment AND d.blob IS NOT NULL);
  END;

CREATE FUNCTION forget_idempotency(before timestamptz) RETURNS bigint
  LANGUAGE sql SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    WITH gone AS (DELETE FROM idempotency WHERE expires_at <= before RETURNING 1) SELECT count(*) FROM gone;
  END;

CREATE FUNCTION report_process(given_id text, given_app text, given_state json, given_metrics json) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    DELETE FROM process WHERE seen_at < now() - interval '1 hour';
    INSERT INTO process (id, app, state, metrics, seen_at) VALUES (given_id, given_app, given_state, given_metrics, now())
      ON CONFLICT (id) DO UPDATE SET app = excluded.app, state = excluded.state, metrics = excluded.metrics, seen_at = now();
  END;

CREATE FUNCTION living_processes(within interval)
  RETURNS TABLE (id text, app text, state json, metrics json, age_ms double precision)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT p.id, p.app, p.state, p.metrics, extract(epoch FROM now() - p.seen_at) * 1000
      FROM process p WHERE p.seen_at > now() - within ORDER BY p.app, p.id;
  END;

CREATE FUNCTION leave_process(given_id text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    DELETE FROM process WHERE id = given_id;
  END;
