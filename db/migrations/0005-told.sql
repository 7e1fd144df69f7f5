-- Of what was told nothing is kept but that it was: a reply, or the text of a rule that rejects, may say of the content.

ALTER TABLE notification ALTER request DROP NOT NULL;
COMMENT ON COLUMN notification.request IS 'What is to be told; NULL once it was.';

-- What is still owed when the content is destroyed: whom it is about and their codes, without what was replied.
CREATE FUNCTION without_replies(request json) RETURNS json LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  json_build_object(
    'id', request -> 'id', 'type', request -> 'type', 'recipients', request -> 'recipients',
    'status', (SELECT json_agg(json_build_object('code', s.status -> 'code', 'reply', '') ORDER BY s.n)
                 FROM json_array_elements(request -> 'status') WITH ORDINALITY s (status, n)));

-- The owner sees rows only where row-level security is not forced.
ALTER TABLE notification NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE message NO FORCE ROW LEVEL SECURITY;
UPDATE notification n SET request = NULL
 WHERE NOT EXISTS (SELECT FROM outbox o WHERE o.queue = 'notify' AND o.id = n.id);
UPDATE notification n SET request = without_replies(n.request)
 WHERE n.request IS NOT NULL AND EXISTS (SELECT FROM message m WHERE m.id = n.message_id AND m.wrapped_key IS NULL);
ALTER TABLE notification FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;

CREATE INDEX notification_message ON notification (message_id) WHERE request IS NOT NULL;
