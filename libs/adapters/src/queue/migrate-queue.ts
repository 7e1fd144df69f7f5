import { runMigrations } from 'bullmq';
import { Client } from 'pg';
import type { Secret } from '#lib/core';

const SCHEMA = 'bullmq';

/**
 * Makes or updates the schema `bullmq` as the owner role and lets the application role work in it: rows and sequences,
 * nothing else. Run with each migration, whether the queues are in PostgreSQL or not; several may run together.
 * The functions there run with the rights of the caller. Throws the errors of `pg`.
 */
export async function migrateQueue(ownerUrl: Secret, applicationRole: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl.reveal(), application_name: 'sealflow-migrate-queue' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // BullMQ's own lock covers its migrations, not our grants.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', ['sealflow-migrate-queue']);
    await runMigrations(client, SCHEMA);
    const role = client.escapeIdentifier(applicationRole);
    await client.query(`
      GRANT USAGE ON SCHEMA ${SCHEMA} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${role};
      REVOKE INSERT, UPDATE, DELETE ON ${SCHEMA}.migration FROM ${role};
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${role};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} TO ${role};
    `);
  } finally {
    await client.end();
  }
}
