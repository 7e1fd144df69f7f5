-- Whose claim a row of the outbox is under: whoever takes it later has another one, so that a run that has lost its claim
-- can be told from the one that has it now.

ALTER TABLE outbox ADD COLUMN claim uuid;
COMMENT ON COLUMN outbox.claim IS 'Drawn anew by each claim; NULL: given back, or never taken.';
