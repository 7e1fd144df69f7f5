-- For lists by the state of a recipient: the states that few are in and that last. Those whom mail is under way for
-- (`pending`, `deferred`) are found by the status of their messages, the many `delivered` along all messages: an index that
-- each copy is written to twice would be paid for by all mail.
CREATE INDEX recipient_state ON recipient (organization_id, state, received_at, message_id)
  WHERE state NOT IN ('pending', 'deferred', 'delivered');
