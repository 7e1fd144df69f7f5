-- What waits for the relay: since when the oldest has been tried.
CREATE INDEX recipient_deferred ON recipient (first_attempt_at) WHERE state = 'deferred' AND first_attempt_at IS NOT NULL;

CREATE FUNCTION deferred_age_ms() RETURNS double precision
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = sealflow, pg_temp
  BEGIN ATOMIC
    SELECT coalesce(extract(epoch FROM now() - min(r.first_attempt_at)) * 1000, 0) FROM recipient r
     WHERE r.state = 'deferred' AND r.first_attempt_at IS NOT NULL;
  END;
