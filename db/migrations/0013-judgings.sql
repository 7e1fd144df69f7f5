-- How a message was judged, in plain: what each rule came to for whom, without names and without content, so that it
-- outlives the content. What explains it lies in `sealed_trace`.

ALTER TABLE message ADD judging json;
COMMENT ON COLUMN message.judging IS 'Of the run that judged last.';

-- Runs before that: whoever was judged by one of them and by no later one is explained by it.
CREATE TABLE earlier_judging (
  organization_id uuid NOT NULL,
  message_id      uuid NOT NULL,
  -- From 0 on.
  n               integer NOT NULL,
  rule_set        text,
  judging         json NOT NULL,
  -- Under the message's key: noise once that is destroyed.
  sealed_trace    bytea,
  PRIMARY KEY (message_id, n)
);
ALTER TABLE earlier_judging ALTER sealed_trace SET STORAGE EXTERNAL;

ALTER TABLE earlier_judging ENABLE ROW LEVEL SECURITY;
ALTER TABLE earlier_judging FORCE ROW LEVEL SECURITY;
CREATE POLICY lookup ON earlier_judging TO CURRENT_USER USING ((SELECT current_user <> session_user));
CREATE POLICY organization ON earlier_judging USING (
  organization_id IS NOT DISTINCT FROM (SELECT nullif(current_setting('sealflow.organization', true), '')::uuid));
