-- What the application role may do; run after the migrations, each time, with :application as its name. What is not
-- granted here it may not: no UPDATE of events, rule versions and rule sets, no DELETE of messages, no look at processes.

REVOKE ALL ON SCHEMA sealflow FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA sealflow FROM PUBLIC, :application;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA sealflow FROM PUBLIC, :application;

GRANT USAGE ON SCHEMA sealflow TO :application;
GRANT SELECT ON migration, organization, domain TO :application;
GRANT UPDATE (current_rule_set) ON organization TO :application;
GRANT SELECT, INSERT ON rule_version, rule_set, event, notification, message_rule TO :application;
GRANT SELECT, INSERT ON message, recipient, delivery, api_key, earlier_judging TO :application;
GRANT UPDATE (sealed_trace) ON earlier_judging TO :application;
GRANT UPDATE (status, closed_at, rule_set_used, wrapped_key, sealed_trace, sealed_summary, judging) ON message TO :application;
GRANT UPDATE (state, code, protection, rules, parked_by_rule, resume_after_rule, rejudge_with, is_unprotected, delivery_id,
  attempts, first_attempt_at, last_attempt_at, last_reply) ON recipient TO :application;
GRANT UPDATE (request) ON notification TO :application;
GRANT UPDATE (blob, size_bytes, protection, has_8bit) ON delivery TO :application;
GRANT UPDATE (revoked_at) ON api_key TO :application;
GRANT SELECT, INSERT, DELETE ON idempotency, certificate, certificate_address TO :application;
GRANT SELECT, INSERT, UPDATE, DELETE ON rule, connector, outbox TO :application;
GRANT SELECT, INSERT, UPDATE, DELETE ON directory_user, directory_address, directory_group, directory_member,
  directory_server TO :application;
GRANT SELECT, INSERT, UPDATE, DELETE ON named_list TO :application;
GRANT SELECT, INSERT ON list_content, list_chunk, rule_set_list TO :application;
GRANT UPDATE (kept_at) ON list_content TO :application;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sealflow TO :application;
